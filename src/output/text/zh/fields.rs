//! What is said of the keys of `inputs`.

use super::Text;
use crate::config::ValueKind;
use crate::config::function::{InputError, InputErrors, TOLD};

impl Text for ValueKind {
    fn zh(&self) -> String {
        match self {
            Self::Null => "空值 null",
            Self::Boolean => "布尔值",
            Self::Number => "数字",
            Self::Text => "字符串",
            Self::Date => "日期",
            Self::List => "列表",
            Self::Map => "键值对",
        }
        .to_owned()
    }
}

impl Text for InputError {
    fn zh(&self) -> String {
        format!("`{}` {}（{}）", self.key, self.what.zh(), self.place.zh())
    }
}

impl Text for InputErrors {
    fn zh(&self) -> String {
        let mut text = String::new();
        if let [error] = &self.errors[..] {
            text += &error.zh();
        } else {
            text += &format!("有 {} 个参数无法使用", self.errors.len());
            for error in self.errors.iter().take(TOLD) {
                text += &format!("\n{}", error.zh());
                if let Some(instead) = &error.instead {
                    text += &format!("：{}", instead.zh());
                }
            }
            let more = self.errors.len().saturating_sub(TOLD);
            if more > 0 {
                text += &format!("\n另有 {more} 个");
            }
        }
        for unknown in self.unknown.iter().take(TOLD) {
            text += &format!("\n{}", unknown.zh());
        }
        text
    }
}
