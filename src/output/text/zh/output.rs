//! What the printer itself says, in Chinese.

use crate::output::line::{Line, Mark};
use crate::output::text::Text;
use crate::output::transfer::TransferLine;
use crate::report::{Section, Work};

impl Text for Mark {
    fn zh(&self) -> String {
        match self {
            Self::Error => "错误：",
            Self::Cause => "  原因：",
            Self::Done => "  已完成：",
            Self::PerhapsDone => "  可能已完成：",
            Self::NotDone => "  未执行：",
            Self::Skipped => "  已跳过：",
            Self::NotBegun => "  未开始：",
            Self::Hint => "  提示：",
            Self::Warning => "警告：",
            Self::Note => "提示：",
        }
        .to_owned()
    }
}

impl Text for Line<'_> {
    fn zh(&self) -> String {
        match self {
            Self::Header { action, stage, app, name } => {
                format!(
                    "操作：\"{action}\" - 环境：\"{stage}\" - 应用：\"{app}\" - 名称：\"{name}\" "
                )
            }
            Self::Asking { action } => format!("正在等待 {action}"),
            Self::Working => "正在处理".to_owned(),
            Self::Succeeded => "执行成功".to_owned(),
            Self::Deployed { deployed, failed: 0 } => format!("已部署：{deployed}"),
            Self::Deployed { deployed, failed } => format!("已部署：{deployed}，未部署：{failed}"),
            Self::Needs { name, because } => format!("{name}，它依赖 {because}"),
            Self::NotWritten { file, why } => format!("无法为本步骤写入 {file}：{why}"),
        }
    }
}

impl Text for Section {
    fn zh(&self) -> String {
        match self {
            Self::Prepare => "准备",
            Self::Functions => "部署各函数",
            Self::Code => "代码与配置",
            Self::Version => "版本",
            Self::Traffic => "流量",
            Self::Triggers => "触发器",
            Self::Rollout => "灰度发布",
        }
        .to_owned()
    }
}

impl Text for Work {
    fn zh(&self) -> String {
        match self {
            Self::Packing => "打包",
            Self::Uploading => "上传",
        }
        .to_owned()
    }
}

impl Text for TransferLine {
    fn zh(&self) -> String {
        let Self { work, amount, .. } = self;
        let files = amount.files.map(|(done, all)| format!("{done}/{all} 个文件，"));
        let left = match self.seconds_left() {
            Some(seconds) => format!("剩余 {seconds} 秒"),
            None => "剩余时间未知".to_owned(),
        };
        format!(
            "{}：{}{}/{} MB，{} MB/s，{left}",
            work.zh(),
            files.unwrap_or_default(),
            Self::megabytes(amount.bytes),
            Self::megabytes(amount.all_bytes),
            Self::megabytes(self.rate()),
        )
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::output::text::zh::assert_chinese;
    use crate::report::WorkAmount;

    #[test]
    fn every_sentence_is_chinese() {
        for mark in [
            Mark::Error,
            Mark::Cause,
            Mark::Done,
            Mark::PerhapsDone,
            Mark::NotDone,
            Mark::Skipped,
            Mark::NotBegun,
            Mark::Hint,
            Mark::Warning,
            Mark::Note,
        ] {
            assert_chinese(&mark);
        }
        for line in [
            Line::Header { action: "deploy", stage: "dev", app: "shop", name: "demo" },
            Line::Asking { action: "GetFunction" },
            Line::Working,
            Line::Succeeded,
            Line::Deployed { deployed: 2, failed: 0 },
            Line::Deployed { deployed: 2, failed: 1 },
            Line::Needs { name: "a", because: "b" },
            Line::NotWritten { file: "a", why: "b" },
        ] {
            assert_chinese(&line);
        }
        for section in [
            Section::Prepare,
            Section::Functions,
            Section::Code,
            Section::Version,
            Section::Traffic,
            Section::Triggers,
            Section::Rollout,
        ] {
            assert_chinese(&section);
        }
        for work in [Work::Packing, Work::Uploading] {
            let amount = WorkAmount { bytes: 1, all_bytes: 2, files: Some((1, 2)) };
            assert_chinese(&TransferLine { work, amount, elapsed: Duration::from_secs(2) });
            assert_chinese(&work);
        }
    }
}
