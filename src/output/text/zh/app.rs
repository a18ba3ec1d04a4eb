//! What commands say while they work, in Chinese.

use crate::app::Notice;
use crate::output::text::Text;

impl Text for Notice {
    fn zh(&self) -> String {
        match self {
            Self::LocalState(path) => {
                format!("使用本地 SCF，不会访问云端；其状态保存在 {}", path.display())
            }
            Self::AliasAsAsked => "别名已符合要求，没有发送任何请求".to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::assert_chinese;
    use super::*;

    #[test]
    fn every_sentence_is_chinese() {
        assert_chinese(&Notice::LocalState("local.json".into()));
        assert_chinese(&Notice::AliasAsAsked);
    }
}
