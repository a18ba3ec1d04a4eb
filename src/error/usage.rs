//! What was typed, or written into a file, and makes no sense.

use std::path::PathBuf;

use super::{Error, Refusal, Tip};
use crate::config::no_output::NoOutput;
use crate::config::project::{ConfigError, Unresolved};
use crate::config::variables::{VariableHints, hint_for};
use crate::config::yaml::DocumentError;
use crate::local::SwitchError;
use crate::model::listed;
use crate::plan::project::Cycle;
use crate::shell::quoted;
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

fn enumerated(commands: &[String]) -> String {
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

/// Values for `${output:…}` that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ValuesError {
    /// One key twice.
    #[error("`{key}` is given twice ({place})")]
    Twice {
        /// The key.
        key: String,
        /// The option or the file.
        place: String,
    },
    /// The file is not there.
    #[error("the file of values {} does not exist", path.display())]
    NoFile {
        /// The file.
        path: PathBuf,
    },
    /// The file is not valid YAML or JSON.
    #[error("cannot understand {}: {error}", path.display())]
    Syntax {
        /// The file.
        path: PathBuf,
        /// What is wrong, and where.
        error: DocumentError,
    },
    /// A list, or a single value.
    #[error("{} is not a map of outputs to values", path.display())]
    NoMap {
        /// The file.
        path: PathBuf,
    },
    /// An entry of the file that gives no value.
    #[error("`{key}` ({}{}) {flaw}", path.display(), of_line(*line))]
    Entry {
        /// Its key.
        key: String,
        /// The file.
        path: PathBuf,
        /// Its line.
        line: Option<usize>,
        /// What is wrong with it.
        flaw: EntryFlaw,
    },
}

/// What is wrong with an entry of a file of values.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EntryFlaw {
    /// A value without quotes that YAML takes for another text than the one that is written: both,
    /// unless it may be a secret.
    #[error("is not a text, and would become another one than it is written{}", both(.0.as_ref()))]
    Changed(Option<(String, String)>),
    /// Nothing.
    #[error("has no value")]
    NoValue,
    /// A key of another form.
    #[error("names no output")]
    NoOutput,
}

fn both(texts: Option<&(String, String)>) -> String {
    texts.map(|(written, sent)| format!(": `{written}` would be `{sent}`")).unwrap_or_default()
}

pub(crate) fn of_line(line: Option<usize>) -> String {
    line.map(|line| format!(":{line}")).unwrap_or_default()
}

const IN_A_FILE: &str = "for example `dev:shop:net.vpcId: vpc-12345678`, or a map below `dev:shop:net:`; \
                         without the stage, `shop.net.vpcId`, it is for that of the run";

impl ValuesError {
    /// What to do about it.
    #[must_use]
    pub fn hint(&self) -> String {
        match self {
            Self::Twice { .. } => "leave one of them out".to_owned(),
            Self::NoFile { .. } => "name a YAML or JSON file with --output-values".to_owned(),
            Self::Syntax { error, .. } => error.excerpt.clone(),
            Self::Entry { flaw: EntryFlaw::Changed(_), .. } => "put it in quotes".to_owned(),
            Self::NoMap { .. }
            | Self::Entry { flaw: EntryFlaw::NoValue | EntryFlaw::NoOutput, .. } => {
                IN_A_FILE.to_owned()
            }
        }
    }
}

/// A folder that is not one of instances as they are deployed here.
#[derive(Debug, thiserror::Error)]
pub enum ProjectError {
    /// There is no configuration.
    #[error("there is no function's serverless.yml in {}", folder.display())]
    NoProject {
        /// The folder.
        folder: PathBuf,
        /// Folders below it that hold instances.
        instances: Vec<String>,
    },
    /// Instances that wait for each other.
    #[error(transparent)]
    Cycle(Cycle),
    /// Nothing of the project is deployed here.
    #[error("no instance of this project is a function: {}", named(others))]
    NoFunctions {
        /// Name and component of each instance.
        others: Vec<(String, String)>,
    },
    /// App, stage and organisation are one for all.
    #[error(
        "the instances of a project need the same `{key}`: that of {first} is `{expected}`, that of {folder} is \
         `{value}`"
    )]
    NotInCommon {
        /// `app`, `stage` or `org`.
        key: &'static str,
        /// Folder of the first instance.
        first: String,
        /// Its value.
        expected: String,
        /// Folder of another one.
        folder: String,
        /// Its value.
        value: String,
    },
    /// Two instances of one name.
    #[error("{first} and {folder} have the same name, `{name}`")]
    SameName {
        /// Folder of one.
        first: String,
        /// Folder of the other.
        folder: String,
        /// Their name.
        name: String,
    },
    /// Two that deploy one function.
    #[error("{first} and {other} deploy the same function, `{function}`")]
    SameFunction {
        /// What deploys it.
        first: String,
        /// What deploys it, too.
        other: String,
        /// Name of the function.
        function: String,
    },
    /// References of several instances that cannot be resolved.
    #[error("{} instances have references that cannot be resolved{}", errors.len(), told(errors))]
    Unresolved {
        /// Folder of each instance, and what it lacks.
        errors: Vec<(String, Error)>,
    },
    /// Several instances need outputs that nobody knows.
    #[error("{} instances need outputs that are not known{}", errors.len(), told(errors))]
    OutputsNotKnown {
        /// Name of each instance, and what it lacks.
        errors: Vec<(String, Error)>,
        /// What to do about the first.
        first: Option<NoOutput>,
    },
    /// An output that nobody knows; the file that needs it has changed meanwhile.
    #[error("{}", .0.what)]
    OutputNotKnown(NoOutput),
    /// `function` typed behind `--inputs`, and another one in the file.
    #[error("`function` names `{named}`, and the instance here deploys `{deployed}`")]
    OtherFunction {
        /// The one that was typed.
        named: String,
        /// The one of the file.
        deployed: String,
    },
    /// A misspelt component.
    #[error("component `{component}` does not exist")]
    NoSuchComponent {
        /// The component.
        component: String,
        /// The one that is meant.
        meant: &'static str,
    },
    /// A component that is not deployed here.
    #[error("component `{component}` is not provided: `{instance}` is no function")]
    ComponentNotProvided {
        /// The component.
        component: String,
        /// Name of the instance.
        instance: String,
    },
}

fn named(others: &[(String, String)]) -> String {
    let named = others.iter().map(|(name, component)| format!("`{name}` ({component})"));
    named.collect::<Vec<_>>().join(", ")
}

fn told(errors: &[(String, Error)]) -> String {
    let lines = errors.iter().map(|(name, error)| format!("\n{name}: {}", error.report().whole()));
    lines.collect::<Vec<_>>().concat()
}

/// What to do about the references of several instances, each thing said once.
pub(crate) fn hint_of(errors: &[(String, Error)]) -> Option<VariableHints> {
    let unresolved = errors.iter().filter_map(|(_, error)| match error {
        Error::Config(ConfigError::Variables(unresolved)) => Some(unresolved),
        _ => None,
    });
    hint_for(unresolved.flat_map(Unresolved::errors))
}

impl ProjectError {
    /// What to do about it.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        Some(match self {
            Self::NoProject { instances, .. } if instances.is_empty() => {
                "run it in the folder of the project, or name the folder with --target DIR"
                    .to_owned()
            }
            Self::NoProject { instances, .. } => format!(
                "choose one of the folders that hold one with --target: {}",
                listed(instances)
            ),
            Self::Cycle(_) => "take one of the `${output:…}` on this way out".to_owned(),
            Self::NoFunctions { .. } => "scfctl deploys functions, `component: scf` and `component: multi-scf`, and leaves everything else as it is".to_owned(),
            Self::NotInCommon { key, .. } => format!(
                "write `{key}:` into a serverless.yml of this folder, which counts for all, or deploy one with \
                 --target"
            ),
            Self::SameName { .. } => "give each instance a `name` of its own".to_owned(),
            Self::SameFunction { .. } => "give each function a name of its own".to_owned(),
            Self::Unresolved { errors } => return hint_of(errors).map(|hints| hints.to_string()),
            Self::OutputsNotKnown { first, .. } => {
                return first.as_ref().map(|none| none.instead.to_string());
            }
            Self::OutputNotKnown(_) => "run the same command again".to_owned(),
            Self::OtherFunction { .. } => {
                "leave `function` out; to deploy another instance, name its folder with --target"
                    .to_owned()
            }
            Self::NoSuchComponent { meant, .. } => format!("did you mean `component: {meant}`?"),
            Self::ComponentNotProvided { .. } => "scfctl deploys functions (`component: scf`, `component: multi-scf`) and leaves everything \
                 else as it is; deployed from the folder of the project, its functions go out and this stays"
                .to_owned(),
        })
    }
}

/// Code that a function of its kind cannot start.
#[derive(Debug, thiserror::Error)]
pub enum CodeError {
    /// A web function without the program that starts it, which cannot be made.
    #[error("a web function of runtime {runtime} needs `scf_bootstrap` in `src`")]
    NoBootstrap {
        /// The runtime.
        runtime: String,
        /// Runtimes that one is made for.
        known: Vec<&'static str>,
        /// The runtime that is meant by a name of none.
        meant: Option<&'static str>,
    },
    /// The file that the made one would start.
    #[error("the web function starts `{file}`, which is not in `{}`", folder.display())]
    NoEntryFile {
        /// The file.
        file: String,
        /// The source folder.
        folder: PathBuf,
    },
    /// A runtime of its own without a program.
    #[error(
        "runtime CustomRuntime starts `bootstrap`, which is not at the top of the package of `{}`",
        folder.display()
    )]
    NoCustomBootstrap {
        /// The source folder.
        folder: PathBuf,
        /// Whether it has the program of a web function.
        is_web: bool,
    },
    /// The kernel would not take it for a script.
    #[error("the first line of `{name}` does not begin with `#!`, so that it cannot be started")]
    FirstLine {
        /// The program.
        name: String,
    },
    /// The kernel takes the first line literally.
    #[error("`{name}` has Windows line ends (CRLF), with which it cannot be started")]
    WindowsLineEnds {
        /// The program.
        name: String,
        /// Its file.
        path: PathBuf,
    },
    /// The program that was made is for another runtime than the function has.
    #[error(
        "the function's runtime is {observed}, and the file says none, so `scf_bootstrap` would be made for {default}"
    )]
    BootstrapOfDefault {
        /// Of the function.
        observed: String,
        /// That of new functions.
        default: String,
    },
    /// A function that is a web function, and a file that does not say so.
    #[error("the function is a web function, and `{}` has no `scf_bootstrap`", folder.display())]
    IsWeb {
        /// The source folder.
        folder: PathBuf,
    },
    /// A function whose runtime is its own, and a file that does not say so.
    #[error(
        "the function's runtime is CustomRuntime, and `{}` has no executable `bootstrap`",
        folder.display()
    )]
    IsCustom {
        /// The source folder.
        folder: PathBuf,
    },
    /// A web function whose finished package lacks the program that starts it.
    #[error("a web function needs `scf_bootstrap` at the top of its package, and `{}` has none", package.display())]
    BareWeb {
        /// Path of the package.
        package: PathBuf,
    },
    /// The program that starts the function, not executable in a finished package.
    #[error("`{name}` in `{}` is not executable, so that it cannot be started", package.display())]
    NotExecutable {
        /// The program.
        name: &'static str,
        /// Path of the package.
        package: PathBuf,
    },
    /// A handler that names no function of a file.
    #[error("handler `{handler}` is not of the form file.function")]
    HandlerForm {
        /// The handler, as the file has it.
        handler: String,
    },
    /// A handler that names a file that is not packed.
    #[error("handler `{handler}` needs {wanted} in `{}`, and it is not there", folder.display())]
    HandlerFile {
        /// The handler, as the file has it.
        handler: String,
        /// The file that would do.
        wanted: WantedFile,
        /// The source folder.
        folder: PathBuf,
        /// Where a finished package has a file of that name, in a folder.
        below: Option<String>,
    },
}

/// A file that a handler names.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WantedFile {
    /// A program.
    #[error("the binary `{0}`")]
    Binary(String),
    /// A module.
    #[error("the file `{0}`")]
    Module(String),
}

const SCRIPT: &str = "a script beside the code that begins with `#!/usr/bin/env bash` and starts a server on port 9000";

impl CodeError {
    /// What to do about it.
    #[must_use]
    pub fn hint(&self) -> String {
        match self {
            Self::NoBootstrap { meant: Some(meant), .. } => {
                format!("did you mean `runtime: {meant}`?")
            }
            Self::NoBootstrap { known, .. } => {
                format!("write {SCRIPT}; one is made for {}", known.join(", "))
            }
            Self::NoEntryFile { .. } => {
                format!("name the file with `entryFile`, or write `scf_bootstrap`: {SCRIPT}")
            }
            Self::NoCustomBootstrap { is_web, .. } => format!(
                "put a program of this name there: a script that begins with `#!/bin/bash`, or a binary for Linux{}",
                if *is_web {
                    "; a function with `scf_bootstrap` is a web function: write `type: web`"
                } else {
                    ""
                }
            ),
            Self::FirstLine { .. } => {
                "let it begin with `#!/usr/bin/env bash`, without anything before".to_owned()
            }
            Self::WindowsLineEnds { path, .. } => {
                let path = quoted(&path.display().to_string()).into_owned();
                format!("turn them into LF, for example: sed -i 's/\\r$//' {path}")
            }
            Self::BootstrapOfDefault { observed, .. } => format!("write `runtime: {observed}`"),
            Self::IsWeb { .. } => "write `type: web`".to_owned(),
            Self::IsCustom { .. } => "write `runtime: CustomRuntime`".to_owned(),
            Self::HandlerForm { .. } => {
                "write for example `handler: index.main_handler`".to_owned()
            }
            Self::BareWeb { .. } => {
                "nothing is added to a finished package: put it in, or let `scfctl package --out code.zip` make the \
                 package with one"
                    .to_owned()
            }
            Self::NotExecutable { name, .. } => format!(
                "a finished package is sent as it is: `chmod 755 {name}` and zip it again, on Linux or macOS"
            ),
            Self::HandlerFile { below: Some(below), .. } => format!(
                "it is there as `{below}`: zip what is in the folder, not the folder itself"
            ),
            Self::HandlerFile { below: None, .. } => {
                "correct `handler` (file.function) or `src` in serverless.yml".to_owned()
            }
        }
    }
}

/// Options or variables that do not fit what is to be done.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OptionsError {
    /// A value that is neither yes nor no must not end in the cloud.
    #[error("SCFCTL_LOCAL is `{value}`, which says neither yes nor no")]
    Local {
        /// The value.
        value: String,
    },
    /// `SCFCTL_COS_ENDPOINT`.
    #[error("`{text}` is not an address of COS")]
    StorageAddress {
        /// The value.
        text: String,
    },
    /// `--prune-triggers` without triggers.
    #[error("--prune-triggers removes what the file lacks, but the file has no word on triggers")]
    PruneTriggers,
    /// `--if-changed` without a publication.
    #[error("--if-changed says when to publish, but nothing is to be published")]
    IfChanged,
    /// `--list` and a package on standard output.
    #[error("--list prints to standard output, where --out writes the package")]
    ListAndOut,
    /// One file for several packages.
    #[error("--out writes one package, and each of the functions {} has its own", functions.join(", "))]
    OnePackage {
        /// Keys of the functions.
        functions: Vec<String>,
        /// The file.
        out: PathBuf,
    },
    /// A function whose code is no folder.
    #[error("there is no package: {} runs what lies elsewhere already", the_function(function.as_deref()))]
    NoPackage {
        /// Its key, where it is one of several.
        function: Option<String>,
    },
    /// `local serve --run` for other machines.
    #[error("--run with {address}: whoever reaches the server could run programs here")]
    RunsForOthers {
        /// Where it would listen.
        address: std::net::SocketAddr,
    },
    /// The cloud has calls of its own.
    #[error("a load is set in the local SCF, not at {endpoint}")]
    LoadOfService {
        /// The address.
        endpoint: String,
    },
    /// `--package` or `--sha256`, and several functions.
    #[error("{option} is about one package, and each of the functions {} has its own", functions.join(", "))]
    PackageOfFunctions {
        /// The option.
        option: &'static str,
        /// Keys of the functions.
        functions: Vec<String>,
    },
    /// `--package` or `--sha256`, and several instances.
    #[error("{option} is about one package, and this folder holds the instances {}", instances.join(", "))]
    PackageOfProject {
        /// The option.
        option: &'static str,
        /// Folders of the instances.
        instances: Vec<String>,
    },
    /// `--package` of a function that runs an image.
    #[error("--package sends a zip, and the function runs an image")]
    PackageOfImage,
    /// `--package` beside `src` on the command line.
    #[error("the code is given twice: by --package and by `src`")]
    TwoSources,
    /// `--sha256` without a finished package.
    #[error("--sha256 is the hash of a finished package, and the code is none")]
    HashOfNone,
    /// `--respect-gitignore` of a finished package.
    #[error("--respect-gitignore has no effect on a finished package, which is sent as it is")]
    GitignoreOfFinished,
    /// The alias that every function has.
    #[error("`$DEFAULT` belongs to every function and cannot be deleted")]
    DefaultAlias,
    /// The version that every function has.
    #[error("`$LATEST` belongs to every function and cannot be deleted")]
    LatestVersion,
    /// What is to be deleted is named by nothing.
    #[error("`{key}` is empty, so that more might be deleted than is meant")]
    EmptyOfDeletion {
        /// Input.
        key: &'static str,
    },
    /// A version and an alias.
    #[error("a version and an alias are named, and one thing is removed")]
    VersionAndAlias,
    /// `--end-rollout` of a version.
    #[error("--end-rollout is for an alias or a function: a version of a rollout stays")]
    EndRolloutOfVersion,
    /// A deletion that nobody has confirmed.
    #[error("not confirmed, so nothing is deleted")]
    NotConfirmed {
        /// Whether somebody was asked.
        asked: bool,
    },
    /// How many versions stay is not said.
    #[error("--keep has to say how many of the newest versions stay")]
    Keep,
    /// `--report` of a kind that there is not.
    #[error("--report `{}` ends in none of .html, .json and .xml", path.display())]
    ReportName {
        /// As typed.
        path: PathBuf,
    },
    /// `--report` that cannot be written.
    #[error("--report `{}` {problem}", path.display())]
    ReportTarget {
        /// As typed.
        path: PathBuf,
        /// Why not.
        problem: TargetProblem,
    },
}

/// Why a file cannot be written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TargetProblem {
    /// A folder stands there.
    #[error("is a folder")]
    Folder,
    /// A link, whose end was not named.
    #[error("is a link")]
    Link,
    /// A disk or a socket.
    #[error("is neither a file nor a pipe")]
    Special,
    /// Something that keeps nothing.
    #[error("is no file")]
    NoFile,
    /// In the words of the system.
    #[error("cannot be written: {0}")]
    Refused(String),
}

fn the_function(key: Option<&str>) -> String {
    key.map_or_else(|| "the function".to_owned(), |key| format!("`{key}`"))
}

impl OptionsError {
    /// What to do about it.
    #[must_use]
    pub fn hint(&self) -> String {
        match self {
            Self::Local { .. } => "set it to 1 to work locally, or unset it",
            Self::StorageAddress { .. } => {
                "write for example SCFCTL_COS_ENDPOINT=https://cos-internal.ap-guangzhou.tencentcos.cn"
            }
            Self::PruneTriggers => {
                "add `events` (`events: []` for none), or leave --prune-triggers out"
            }
            Self::IfChanged => "add `--inputs publish=true`",
            Self::ListAndOut | Self::TwoSources => "leave one of them out",
            Self::OnePackage { functions, out } => return Self::one_package(functions, out),
            Self::NoPackage { .. } => "name a folder with `src`",
            Self::RunsForOthers { .. } => {
                "listen on 127.0.0.1, or leave --run out: calls are then answered without running anything"
            }
            Self::LoadOfService { .. } => {
                "leave the endpoint out, or name the one that `scfctl local serve` printed"
            }
            Self::PackageOfFunctions { .. } => "name one of them with --function",
            Self::PackageOfProject { .. } => "name the folder of one of them with --target",
            Self::PackageOfImage => "leave it out; the image is named by `image.imageUrl`",
            Self::HashOfNone => {
                "name the zip with --package or `src`, or leave it out; `scfctl package --out code.zip` makes one"
            }
            Self::GitignoreOfFinished => "leave it out",
            Self::DefaultAlias => {
                "to send all its requests to $LATEST: `scfctl deploy --inputs traffic=1`"
            }
            Self::LatestVersion => "name a published version, or leave --version out to delete the function",
            Self::EmptyOfDeletion { .. } => {
                "leave it out, or fill the variable of the shell that stood there"
            }
            Self::VersionAndAlias => "name one of them",
            Self::EndRolloutOfVersion => "end the rollout that uses it first; `scfctl status` shows its alias",
            Self::NotConfirmed { asked: true } => "answer y, or add --yes",
            Self::NotConfirmed { asked: false } => {
                "add --yes, or set SCFCTL_YES=1 in the pipeline; --dry-run shows what would be deleted"
            }
            Self::Keep => "for example `scfctl versions prune --keep 5`",
            Self::ReportName { .. } => {
                ".html is a page for people, .json its data, .xml JUnit for pipelines"
            }
            Self::ReportTarget { problem: TargetProblem::Link, .. } => {
                "name the file that it leads to"
            }
            Self::ReportTarget { .. } => "name a file in a folder that can be written to",
        }
        .to_owned()
    }

    /// The command that packs the first function.
    pub(crate) fn one_package(functions: &[String], out: &std::path::Path) -> String {
        let key = functions.first().map(String::as_str).unwrap_or_default();
        let file = out.display().to_string();
        format!("`scfctl package --out {} --inputs function={}`", quoted(&file), quoted(key))
    }
}
