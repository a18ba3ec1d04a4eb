//! Everything that is said, in Chinese (简体中文), in the vendor's terms: 函数, 命名空间, 版本, 别名,
//! 流量, 触发器, 预置实例. One module for each room that texts come from.

mod fields;
mod files;

use super::Text;
use crate::output::Mark;

impl Text for Mark {
    fn zh(&self) -> String {
        match self {
            Self::Error => "错误：",
            Self::Cause => "  原因：",
            Self::Hint => "  提示：",
            Self::Warning => "警告：",
            Self::Note => "注意：",
        }
        .to_owned()
    }
}
