//! What the local SCF says to whoever starts it. Its answers are in the words of the service.

use crate::local::{Corruption, Misplaced, RateError, StartError, SwitchError};
use crate::output::text::Text;

impl Text for StartError {
    fn zh(&self) -> String {
        match self {
            Self::Listen { address, .. } => format!("无法监听 {address}"),
            Self::State { path, .. } => format!("无法使用状态文件 {}", path.display()),
            Self::Corrupt { path, .. } => format!("无法解析 {} 中的状态", path.display()),
            Self::Link { path } => {
                format!("{} 是链接，不是普通文件或目录；本地状态不会通过链接保存", path.display())
            }
            Self::Locked { path } => format!("状态文件 {} 正被另一个进程使用", path.display()),
        }
    }

    fn cause(&self) -> Option<&dyn Text> {
        match self {
            Self::Listen { source, .. } | Self::State { source, .. } => Some(source),
            Self::Corrupt { source, .. } => Some(source),
            Self::Link { .. } | Self::Locked { .. } => None,
        }
    }
}

impl Text for Corruption {
    fn zh(&self) -> String {
        match self {
            Self::Json(reason) => reason.clone(),
            Self::OtherVersion => "它由本程序的另一个版本写入".to_owned(),
            Self::NotAHash(text) => format!("`{text}` 不是代码包的哈希"),
            Self::Read(error) => error.zh(),
            Self::OtherContent => "内容与哈希不符".to_owned(),
        }
    }
}

impl Text for Misplaced {
    fn zh(&self) -> String {
        match self {
            Self::NotAFile => "不是普通文件".to_owned(),
            Self::NotAFolder { path } => format!("{} 是链接或文件，不是目录", path.display()),
        }
    }
}

impl Text for SwitchError {
    fn zh(&self) -> String {
        match self {
            Self::Form(text) => format!("`{text}` 不是 key=value 的形式"),
            Self::Word { switch, word, words } => {
                format!("`{switch}` 不能是 `{word}`，可选值：{}", words.join("、"))
            }
            Self::Unknown { switch, switches } => {
                format!("没有开关 `{switch}`，可用的有：{}", switches.join("、"))
            }
        }
    }
}

impl Text for RateError {
    fn zh(&self) -> String {
        "应为调用次数或 `documented`".to_owned()
    }
}

#[cfg(test)]
mod tests {
    use std::io;
    use std::path::PathBuf;

    use super::super::assert_chinese;
    use super::*;

    #[test]
    fn every_sentence_is_chinese() {
        let path = || PathBuf::from("/state.json");
        let source = || io::Error::other(Misplaced::NotAFile);
        let state = StartError::State { path: path(), source: source() };
        assert_eq!(state.cause().map(Text::zh).as_deref(), Some("不是普通文件"));
        let corrupt = StartError::Corrupt { path: path(), source: Corruption::Read(source()) };
        assert_eq!(corrupt.cause().map(Text::zh).as_deref(), Some("不是普通文件"));
        let text = || "x".to_owned();
        let texts: [&dyn Text; 14] = [
            &StartError::Listen { address: ([127, 0, 0, 1], 80).into(), source: source() },
            &state,
            &corrupt,
            &StartError::Link { path: path() },
            &StartError::Locked { path: path() },
            &Corruption::OtherVersion,
            &Corruption::NotAHash(text()),
            &Corruption::OtherContent,
            &Misplaced::NotAFile,
            &Misplaced::NotAFolder { path: path() },
            &SwitchError::Form(text()),
            &SwitchError::Word { switch: text(), word: text(), words: vec!["fresh"] },
            &SwitchError::Unknown { switch: text(), switches: vec![text()] },
            &RateError,
        ];
        for text in texts {
            assert_chinese(text);
        }
    }
}
