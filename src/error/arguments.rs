//! What was typed makes no command.

use super::{Refusal, Tip};
use crate::local::SwitchError;
use crate::withheld::MARK;

/// A command line that is no command of this program.
#[derive(Debug, thiserror::Error)]
pub enum ArgumentsError {
    /// Named by its place: it may be a broken secret.
    #[error("argument {position} is not UTF-8")]
    NotUtf8 {
        /// From 0, which is the program.
        position: usize,
    },
    /// Options alone.
    #[error("no command is given")]
    NoCommand {
        /// The line that is most likely meant.
        line: String,
    },
    /// A word of the real CLI that is not served here.
    #[error("`{word}` is not provided")]
    NotProvided {
        /// The word.
        word: String,
        /// Which one it is.
        foreign: ForeignWord,
    },
    /// Another word.
    #[error("`{}{word}` is not a command", .of.as_deref().map(|of| format!("{of} ")).unwrap_or_default())]
    NoSuchCommand {
        /// The word.
        word: String,
        /// The command of two words whose second one it is.
        of: Option<String>,
        /// The command that is most likely meant, with the line to type.
        meant: Option<(String, String)>,
        /// The commands.
        commands: Vec<String>,
    },
    /// `--all` of a command that works on one function.
    #[error("--all says nothing to `{command}`, which works on one function")]
    All {
        /// The command.
        command: String,
    },
    /// An option of other commands.
    #[error("`{option}` is an option of {}, not of `{command}`", enumerated(others))]
    OptionOfOthers {
        /// The option.
        option: String,
        /// The commands that have it.
        others: Vec<String>,
        /// The command.
        command: String,
        /// The options that are most likely meant.
        meant: Vec<String>,
        /// The line to type.
        line: Option<String>,
        /// Whether the command does the same to the same without it.
        can_go: bool,
    },
    /// No option at all.
    #[error("`{option}` is not an option of `{command}`")]
    NoSuchOption {
        /// The option.
        option: String,
        /// The command.
        command: String,
        /// The options that are most likely meant; empty where that could be any.
        meant: Vec<String>,
        /// The line to type.
        line: Option<String>,
    },
    /// An option of another program.
    #[error("`{option}` is not an option of `{command}`")]
    ForeignOption {
        /// The option.
        option: String,
        /// The command.
        command: String,
        /// Which one it is.
        foreign: ForeignOption,
    },
    /// An option that begins with another dash than `-`.
    #[error("`{typed}` begins with a dash that a text editor or a chat made of `-`")]
    ForeignDash {
        /// The option as it was typed.
        typed: String,
        /// The option with the right dashes.
        option: String,
        /// The line to type.
        line: Option<String>,
    },
    /// A value apart from an option that takes one only behind `=`.
    #[error("`{value}` stands apart from `{option}`, which takes it only behind `=`")]
    ValueApart {
        /// The option.
        option: String,
        /// The value that was typed.
        value: String,
        /// Both together.
        together: String,
        /// The line to type.
        line: Option<String>,
    },
    /// A parameter with two values.
    #[error("`--param {name}` is given twice, with two values")]
    ParameterTwice {
        /// Its name.
        name: String,
    },
    /// A suggested command, pasted with the mark that stands for a value.
    #[error("`{argument}` has `{MARK}` in place of a value that is not shown")]
    Withheld {
        /// The argument.
        argument: String,
    },
    /// The option parser does not take it.
    #[error("{refusal}")]
    Refused {
        /// Why.
        refusal: Refusal,
        /// What may be meant.
        tips: Vec<Tip>,
    },
    /// A switch of the local SCF that does not exist.
    #[error(transparent)]
    Behaviour(SwitchError),
}

pub(super) fn enumerated(commands: &[String]) -> String {
    let quoted: Vec<String> = commands.iter().map(|command| format!("`{command}`")).collect();
    match &quoted[..] {
        [several @ .., last] if !several.is_empty() => {
            format!("{} and {last}", several.join(", "))
        }
        alone => alone.concat(),
    }
}

/// An option of another program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ForeignOption {
    /// Another configuration file.
    Config,
    /// The version of the program, beside a command.
    Version,
}

impl ForeignOption {
    /// What to use instead.
    #[must_use]
    pub fn instead(self) -> &'static str {
        match self {
            Self::Config => {
                "leave it out; --target names the folder of a serverless.yml, --stage the stage"
            }
            Self::Version => "`scfctl --version` says which version this is",
        }
    }
}

/// A word of `sls` that is not served here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ForeignWord {
    /// `bind`.
    Bind,
    /// `credentials`.
    Credentials,
    /// `dev`.
    Dev,
    /// `create`.
    Init,
    /// `invoke local`.
    InvokeLocal,
    /// `login`.
    Login,
    /// `param`.
    Param,
    /// `publish`.
    Publish,
    /// `registry`.
    Registry,
    /// `run`.
    Run,
    /// `unpublish`.
    Unpublish,
    /// `upgrade`.
    Upgrade,
}

impl ForeignWord {
    /// What to use instead.
    #[must_use]
    pub fn instead(self) -> &'static str {
        match self {
            Self::Bind => "authorise the service role in the console",
            Self::Credentials => {
                "set TENCENT_SECRET_ID and TENCENT_SECRET_KEY in the environment or in .env"
            }
            Self::Dev => "deploy to a stage of your own: `scfctl deploy --stage dev`",
            Self::Init => "begin with `scfctl init --runtime Python3.9`",
            Self::InvokeLocal => {
                "`scfctl deploy --local` and then `scfctl invoke --local` run the function on this machine"
            }
            Self::Login => {
                "set TENCENT_SECRET_ID and TENCENT_SECRET_KEY, or log in with tccli auth login"
            }
            Self::Param => {
                "give values of ${param:NAME} with --param NAME=VALUE, or in SCFCTL_PARAM_NAME"
            }
            Self::Publish => "`scfctl publish-ver` publishes a version of a function",
            Self::Registry => "components are not loaded here: scf is built in",
            Self::Run => "deploy with --local and look at what it does there",
            Self::Unpublish => "`scfctl remove --version 3` deletes version 3 of a function",
            Self::Upgrade => "install the new version of scfctl over the old one",
        }
    }
}

impl ArgumentsError {
    /// What to do about it.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        Some(match self {
            Self::NotUtf8 { .. } | Self::Behaviour(_) => return None,
            Self::NoCommand { line } => {
                format!("type `{line}`, or `scfctl --help` for all commands")
            }
            Self::NotProvided { foreign, .. } => foreign.instead().to_owned(),
            Self::NoSuchCommand { meant: Some((meant, line)), .. } => {
                format!("did you mean `{meant}`? Write: `{line}`")
            }
            Self::NoSuchCommand { meant: None, of: None, commands, .. } => {
                format!("the commands are {}; `scfctl --help` explains them", commands.join(", "))
            }
            Self::NoSuchCommand { meant: None, of: Some(of), commands, .. } => format!(
                "the commands of `{of}` are {}; `scfctl {of} --help` explains them",
                commands.join(", ")
            ),
            Self::All { .. } => "leave it out, and name the function with --function".to_owned(),
            Self::OptionOfOthers { can_go: true, meant, .. } if meant.is_empty() => {
                "leave it out".to_owned()
            }
            Self::OptionOfOthers { command, meant, line, .. }
            | Self::NoSuchOption { command, meant, line, .. } => {
                let all = || format!("`scfctl {command} --help` lists the options");
                let names = meant.join(" and ");
                match line {
                    _ if meant.is_empty() => all(),
                    Some(line) => format!("did you mean {names}? Write: `{line}`"),
                    None => format!("did you mean {names}? {}", all()),
                }
            }
            Self::ForeignOption { foreign, .. } => foreign.instead().to_owned(),
            Self::ForeignDash { line: Some(line), .. }
            | Self::ValueApart { line: Some(line), .. } => format!("write: `{line}`"),
            Self::ForeignDash { option: together, .. } | Self::ValueApart { together, .. } => {
                format!("write `{together}`")
            }
            Self::ParameterTwice { .. } => "leave one of them out".to_owned(),
            Self::Withheld { .. } => "write the value there".to_owned(),
            Self::Refused { tips, .. } if tips.is_empty() => return None,
            Self::Refused { tips, .. } => {
                tips.iter().map(Tip::to_string).collect::<Vec<_>>().join("; ")
            }
        })
    }
}
