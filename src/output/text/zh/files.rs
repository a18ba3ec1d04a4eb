//! What is said of files and settings.

use crate::config::position::Position;
use crate::output::Text;

impl Text for Position {
    fn zh(&self) -> String {
        match self {
            Self::Argument(argument) => format!("参数 `{argument}`"),
            Self::CommandLine => "--inputs".to_owned(),
            Self::File { file, line: Some(line) } => format!("{file}:{line}"),
            Self::File { file, line: None } => file.clone(),
        }
    }
}
