//! The command line: the tree of commands, and what they share.

mod alias;
mod config;
mod connection;
mod create_alias;
mod delete_alias;
mod deploy;
mod help;
pub mod inputs;
mod keys;
mod list_alias;
mod local;
mod output_values;
mod package;
mod parse;
mod publish_ver;
mod source;
mod storage;
mod time;
mod update_alias;

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use chrono::{DateTime, Utc};
use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::config::credentials;
use crate::config::function::nearest;
use crate::config::references::{Given, OutputReference, Outputs, Unknown};
use crate::config::settings::{self, Selection, Settings};
use crate::error::{Error, ExitCode};
use crate::output::{Format, Invocation, Language, Layout, Manner, Printer, Terminal, Volume};

use parse::Unparsed;
pub use parse::check;

/// Canary releases of Tencent Cloud functions (SCF, 云函数).
#[derive(Debug, Parser)]
#[command(name = "scfctl", version, after_help = help::PROGRAM, subcommand_required = true)]
#[command(disable_help_subcommand = false, max_term_width = 100)]
struct Cli {
    #[command(flatten)]
    options: Options,
    #[command(subcommand)]
    command: Command,
}

/// Options that every command takes.
// Help texts are for terminals, where back-ticks are noise; and switches are what they are.
#[allow(clippy::doc_markdown, clippy::struct_excessive_bools)]
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Global options")]
pub(crate) struct Options {
    /// Values for `inputs`, over those of serverless.yml
    // Read from the raw arguments by `inputs::split`; here for the help text.
    #[arg(long, global = true, value_name = "KEY=VALUE", num_args = 0..)]
    inputs: Vec<String>,
    /// Stage; selects .env.<STAGE> [default: `stage` of the file, else $STAGE, else dev]
    #[arg(long, short, global = true, value_name = "STAGE")]
    stage: Option<String>,
    /// Folder of the project
    #[arg(long, global = true, value_name = "DIR")]
    target: Option<String>,
    /// App, over the file's
    #[arg(long, global = true)]
    app: Option<String>,
    /// Value of ${param:NAME} [default: $SCFCTL_PARAM_NAME]; repeatable
    #[arg(long = "param", global = true, value_name = "NAME=VALUE", value_parser = parameter)]
    parameters: Vec<(String, String)>,
    /// Value of ${output:STAGE:APP:NAME.KEY}; without STAGE: (APP.NAME.KEY) for that of the
    /// run; repeatable
    #[arg(long = "output-value", global = true, hide_short_help = true)]
    #[arg(value_name = "STAGE:APP:NAME.KEY=VALUE", value_parser = output_values::parse)]
    output_values: Vec<Given>,
    /// Such values in a YAML or JSON file: `STAGE:APP:NAME.KEY: VALUE`
    /// [default: $SCFCTL_OUTPUT_VALUES]
    #[arg(long = "output-values", global = true, hide_short_help = true, value_name = "FILE")]
    output_values_file: Option<PathBuf>,
    /// Organisation, over the file's
    #[arg(long, global = true, hide_short_help = true)]
    org: Option<String>,
    /// Region [default: `inputs.region`, else $TENCENTCLOUD_REGION, else ap-guangzhou]
    #[arg(long, global = true)]
    region: Option<String>,
    /// Profile in the files of sls, tccli or the SDKs; wins over the environment
    /// [default: $TENCENT_CREDENTIALS_PROFILE, else default]
    #[arg(long, global = true, value_name = "NAME")]
    profile: Option<String>,
    /// Form of the result
    #[arg(long, global = true, value_enum, default_value = "text", value_name = "FORM")]
    output: OutputForm,
    /// Show what would be called and changed; only read
    #[arg(long, global = true)]
    dry_run: bool,
    /// Work on an SCF inside this process, kept in .scfctl/local.json: no account needed
    #[arg(long, global = true)]
    local: bool,
    /// Address of the API [default: $SCFCTL_ENDPOINT, else scf.tencentcloudapi.com]
    #[arg(long, global = true, value_name = "URL", conflicts_with = "local")]
    endpoint: Option<String>,
    /// Allow an http:// endpoint on another machine
    #[arg(long, global = true, hide_short_help = true)]
    insecure_http: bool,
    /// Time for everything together: seconds, or 90s, 5m
    #[arg(long, global = true, value_name = "TIME", default_value = "300", value_parser = time::parse)]
    timeout: Duration,
    /// Names this run: repeated with the same name it adopts the version published before
    /// [default: $SCFCTL_RUN_ID, else random]
    #[arg(long, global = true, value_name = "ID")]
    run_id: Option<String>,
    /// Send code and configuration even when unchanged; replace match rules
    #[arg(long, global = true)]
    force: bool,
    /// Say more on stderr: every repetition of a call
    #[arg(long, short, global = true)]
    verbose: bool,
    /// Only errors, warnings and who gets new content on stderr; no steps, no other notes
    #[arg(long, short, global = true, conflicts_with_all = ["verbose", "debug"])]
    quiet: bool,
    /// Trace every call on stderr
    #[arg(long, global = true)]
    debug: bool,
    /// Read every file, whatever is known of it from before
    #[arg(long = "noCache", global = true, hide_short_help = true)]
    no_cache: bool,
    /// deploy: what is wrong with plain settings is a warning, and the service decides
    #[arg(long = "noValidation", global = true, hide_short_help = true)]
    no_validation: bool,
    /// Accepted for `sls`
    #[arg(long, global = true, hide = true)]
    all: bool,
    /// Accepted for `sls`
    #[arg(long, global = true, hide = true)]
    login: bool,
    /// Accepted for `sls`
    #[arg(long = "override", global = true, hide = true)]
    override_environment: bool,
    /// Accepted for `sls`
    #[arg(long, global = true, hide = true)]
    dev: bool,
    /// Accepted for `sls`
    #[arg(long = "skipUpdate", global = true, hide = true)]
    skip_update: bool,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum OutputForm {
    Text,
    Json,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Deploy code and configuration to $LATEST, publish, and shift traffic of $DEFAULT or `aliasName`
    #[command(after_help = help::DEPLOY)]
    Deploy(deploy::Arguments),
    /// Publish $LATEST as a new version without deploying
    #[command(name = "publish-ver", alias = "publish_ver", after_help = help::PUBLISH_VER)]
    PublishVer,
    /// Create an alias: name, function, version, config='{"weights":{"2":0.5}}'
    #[command(name = "create-alias", alias = "create_alias", after_help = help::CREATE_ALIAS)]
    CreateAlias,
    /// Change an alias: the main version gets what the additional one does not
    #[command(name = "update-alias", alias = "update_alias", after_help = help::UPDATE_ALIAS)]
    UpdateAlias,
    /// List the aliases of a function with their weights
    #[command(name = "list-alias", alias = "list_alias", after_help = help::LIST_ALIAS)]
    ListAlias,
    /// Delete an alias; its versions stay
    #[command(name = "delete-alias", alias = "delete_alias", after_help = help::DELETE_ALIAS)]
    DeleteAlias,
    /// Build or list the package that deploy would send; calls nothing
    #[command(after_help = help::PACKAGE)]
    Package(package::Arguments),
    /// Show what files, variables and arguments come to; calls nothing
    #[command(after_help = help::CONFIG)]
    Config(config::Arguments),
    /// The SCF inside this program
    #[command(subcommand, after_help = help::LOCAL)]
    Local(local::Command),
}

impl Options {
    fn volume(&self) -> Volume {
        match (self.debug, self.verbose, self.quiet) {
            (true, ..) => Volume::Debug,
            (_, true, _) => Volume::Verbose,
            (.., true) => Volume::Quiet,
            _ => Volume::Normal,
        }
    }
}

impl Command {
    /// The word of `commandInputs`.
    fn word(&self) -> &'static str {
        match self {
            Self::Deploy(_) => "deploy",
            Self::PublishVer => "publish-ver",
            Self::CreateAlias => "create-alias",
            Self::UpdateAlias => "update-alias",
            Self::ListAlias => "list-alias",
            Self::DeleteAlias => "delete-alias",
            Self::Package(_) => "package",
            Self::Config(_) => "config",
            Self::Local(_) => "local",
        }
    }
}

/// Warnings about one configuration that are worth reading.
const MOST_WARNINGS: usize = 50;

/// Reads `NAME=VALUE`.
fn parameter(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok((name.to_owned(), value.to_owned())),
        _ => Err("write NAME=VALUE".to_owned()),
    }
}

/// What a command is given.
#[derive(Clone)]
pub(crate) struct Context {
    options: Options,
    selection: Selection,
    environment: BTreeMap<String, String>,
    printer: Arc<Printer>,
    clock: fn() -> DateTime<Utc>,
    directory: PathBuf,
    /// Files outside the project that were told of.
    told_of: Arc<Mutex<BTreeSet<PathBuf>>>,
    /// Folder and command of each `src.hook` that this process has run.
    hooks_run: Arc<Mutex<BTreeSet<(PathBuf, String)>>>,
}

impl Context {
    /// The merged configuration; its warnings are printed and its secrets hidden from now on.
    fn settings(&self) -> Result<Settings, Error> {
        let settings = self.load(&self.directory, &self.selection)?;
        self.warn(&settings.warnings);
        self.warn_of_unused_values();
        self.warn(&unknown_command_inputs(&settings, self.selection.command));
        Ok(settings)
    }

    /// Says which values of outputs were given for nothing: of an output that is not referred
    /// to, or another spelling of one that is.
    fn warn_of_unused_values(&self) {
        let met = self.selection.outputs.met();
        let met: Vec<String> = met.iter().map(OutputReference::key_to_give).collect();
        // Whatever the stage: it may be what is wrong.
        let plain = |key: &str| key.split_once(':').map_or(key, |(_, rest)| rest).replace(':', ".");
        let candidates: Vec<String> = met.iter().map(|key| plain(key)).collect();
        for key in self.selection.outputs.unused() {
            let meant = nearest(&plain(key), candidates.iter().map(String::as_str));
            let meant = meant.and_then(|meant| met.iter().find(|key| plain(key) == meant));
            let instead = match meant {
                Some(meant) => format!("; did you mean `{meant}`?"),
                None if met.is_empty() => "; no `${output:…}` is referred to".to_owned(),
                None => format!("; referred to: {}", met.join(", ")),
            };
            self.printer.warning(&format!("the value of `{key}` is used by nothing{instead}"));
        }
    }

    /// As [`Self::settings`], for a command that calls nothing: outputs of other instances
    /// are not known.
    fn settings_without(&self, unknown: Unknown) -> Result<Settings, Error> {
        let mut selection = self.selection.clone();
        selection.outputs.unknown = unknown;
        let settings = self.load(&self.directory, &selection)?;
        self.warn(&settings.warnings);
        self.warn_of_unused_values();
        Ok(settings)
    }

    /// The merged configuration of any folder; its secrets are hidden from now on.
    fn load(&self, directory: &Path, selection: &Selection) -> Result<Settings, Error> {
        // Those that are not used too, and before anything can fail: `${env:…}` can put them
        // anywhere.
        let hide = |secret: &str| self.printer.hide(secret);
        let settings = Settings::load(directory, selection, &self.environment, &hide)?;
        self.tell_of_dotenv(&settings);
        Ok(settings)
    }

    /// Names a `.env` that lies outside the project, once: its keys win over the user's own.
    fn tell_of_dotenv(&self, settings: &Settings) {
        let Some(path) = settings.dotenv_outside() else { return };
        let mut told_of = self.told_of.lock().unwrap_or_else(PoisonError::into_inner);
        if told_of.insert(path.to_owned()) {
            self.printer.warning(&format!(
                "variables are read from {}, which lies outside the project; keys in it win over those of a profile",
                path.display()
            ));
        }
    }

    /// The same context, speaking for one of several.
    fn labelled(&self, name: &str) -> Self {
        Self { printer: Arc::new(self.printer.labelled(name)), ..self.clone() }
    }

    /// The same context, speaking for the member of a project in this folder.
    fn of_member(&self, name: &str, folder: &str) -> Self {
        Self { printer: Arc::new(self.printer.of_member(name, folder)), ..self.clone() }
    }

    fn warn(&self, warnings: &[String]) {
        for warning in warnings.iter().take(MOST_WARNINGS) {
            self.printer.warning(warning);
        }
        if let Some(more) = warnings.len().checked_sub(MOST_WARNINGS).filter(|n| *n > 0) {
            self.printer.warning(&format!("and {more} more like these"));
        }
    }

    /// The lines that the real CLI begins with.
    fn header(&self, action: &str, settings: &Settings) {
        self.printer.header(action, &settings.project.stage, settings.app(), settings.name());
    }

    /// The line that the real CLI ends with.
    fn footer(&self, settings: &Settings) {
        self.printer.footer(settings.name());
    }

    fn variable(&self, name: &str) -> Option<&str> {
        self.environment.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }

    /// Says what became of options that have another meaning, or none, here.
    fn note_foreign_options(&self) {
        let options = &self.options;
        for (given, text) in [
            (
                options.login,
                "--login is not provided: set TENCENT_SECRET_ID and TENCENT_SECRET_KEY",
            ),
            (
                options.override_environment,
                "--override has no effect: --profile wins over the environment",
            ),
            (
                options.all && options.target.is_some(),
                "--all has no effect beside --target, which names one instance",
            ),
            (
                options.all && options.target.is_none(),
                "--all has no effect: deploy takes all instances of the folder as it is",
            ),
            (options.dev, "--dev has no effect: code is deployed as it is"),
            (options.skip_update, "--skipUpdate has no effect: there is no upgrade check"),
        ] {
            if given {
                self.printer.note(text);
            }
        }
    }
}

/// Warnings about keys of the file's `commandInputs` that the command does not take.
fn unknown_command_inputs(settings: &Settings, command: &str) -> Vec<String> {
    let known = inputs::of_command(command).unwrap_or_default();
    let given = settings.command_inputs_of_the_file().into_iter();
    given
        .filter(|key| !known.contains(key))
        .map(|key| {
            let meant = nearest(key, known.iter().copied());
            let meant = meant.map(|meant| format!("; did you mean `{meant}`?")).unwrap_or_default();
            let place = settings.command_place(key);
            format!("`{key}` ({place}) is not an input of {command}{meant}")
        })
        .collect()
}

/// Whether the program was called by a name of the real CLI.
fn layout_for(program: &str) -> (Layout, String) {
    let name = std::path::Path::new(program)
        .file_stem()
        .map_or_else(|| "scfctl".to_owned(), |name| name.to_string_lossy().into_owned());
    match name.as_str() {
        "sls" | "serverless" | "scf" => (Layout::Sls, name),
        _ => (Layout::Own, "scfctl".to_owned()),
    }
}

/// What was typed: the name that was called and the arguments, which have to be UTF-8.
fn typed(arguments: impl Iterator<Item = OsString>) -> (String, Vec<String>, Result<(), Error>) {
    let (mut words, mut result) = (Vec::new(), Ok(()));
    for (position, argument) in arguments.enumerate() {
        match argument.into_string() {
            Ok(argument) => words.push(argument),
            // Named by its place: it may be a broken secret.
            Err(_) => {
                result = result.and(Err(Error::Usage {
                    message: format!("argument {position} is not UTF-8"),
                    hint: None,
                }));
            }
        }
    }
    if words.is_empty() {
        return ("scfctl".to_owned(), words, result);
    }
    (words.remove(0), words, result)
}

/// Whether the result is asked for as JSON, as far as arguments that are perhaps no command
/// line tell.
fn asks_for_json(arguments: &[String]) -> bool {
    let follows = arguments.windows(2).any(|pair| pair[0] == "--output" && pair[1] == "json");
    follows || arguments.iter().any(|argument| argument == "--output=json")
}

/// Runs the program: its name as it was called and the arguments in, exit code out.
#[must_use]
pub fn run(arguments: impl Iterator<Item = OsString>, clock: fn() -> DateTime<Utc>) -> ExitCode {
    let environment = settings::environment();
    let terminal = terminal(&environment);
    let (program, arguments, readable) = typed(arguments);
    let (layout, program) = layout_for(&program);
    let command = arguments.iter().find(|word| !word.starts_with('-')).cloned();
    let command = command.unwrap_or_else(|| program.clone());
    let printer = |format, volume| {
        let manner = Manner {
            format,
            layout,
            volume,
            language: Language::English,
            command: command.clone(),
        };
        let invocation = Invocation::new(&program, &arguments);
        let printer = Printer::new(manner, terminal).called(invocation);
        credentials::values(&environment).for_each(|secret| printer.hide(secret));
        printer
    };
    // Until the options are known.
    let format = if asks_for_json(&arguments) { Format::Json } else { Format::Text };
    let plain = printer(format, Volume::Normal);
    let parsed = match readable {
        Ok(()) => parse::parse(&program, &arguments),
        Err(error) => Err(Unparsed::Refused(error.into())),
    };
    let (cli, split) = match parsed {
        Ok(parsed) => parsed,
        Err(Unparsed::Refused(error)) => return failed(&plain, &error),
        Err(Unparsed::Clap(error)) => return usage(&error, &plain),
    };
    let options = cli.options;
    let format = match options.output {
        OutputForm::Text => Format::Text,
        OutputForm::Json => Format::Json,
    };
    let printer = Arc::new(printer(format, options.volume()));
    let variable = environment.get("SCFCTL_OUTPUT_VALUES").filter(|path| !path.is_empty());
    let file = options.output_values_file.as_deref();
    let given = output_values::all(
        &options.output_values,
        file.or(variable.map(Path::new)),
        file.is_none(),
    );
    let given = match given {
        Ok(given) => given,
        Err(error) => return failed(&printer, &error),
    };
    given.iter().filter_map(Given::secret).for_each(|secret| printer.hide(secret));
    let selection = Selection {
        stage: options.stage.clone(),
        target: options.target.clone(),
        app: options.app.clone(),
        member: None,
        parameters: options.parameters.iter().cloned().collect(),
        outputs: Outputs::new(given),
        org: options.org.clone(),
        region: options.region.clone(),
        profile: options.profile.clone(),
        command: cli.command.word(),
        inputs: split.inputs,
        sources: split.sources,
    };
    let directory = match std::env::current_dir() {
        Ok(directory) => directory,
        Err(source) => {
            let what = "find the working directory".to_owned();
            return failed(&printer, &Error::Io { what, source });
        }
    };
    let (told_of, hooks_run) = (Arc::default(), Arc::default());
    let context =
        Context { options, selection, environment, printer, clock, directory, told_of, hooks_run };
    context.note_foreign_options();
    let result = match &cli.command {
        Command::Deploy(arguments) => deploy::run(&context, arguments),
        Command::PublishVer => publish_ver::run(&context),
        Command::CreateAlias => create_alias::run(&context),
        Command::UpdateAlias => update_alias::run(&context),
        Command::ListAlias => list_alias::run(&context),
        Command::DeleteAlias => delete_alias::run(&context),
        Command::Package(arguments) => package::run(&context, arguments),
        Command::Config(arguments) => config::run(&context, arguments),
        Command::Local(command) => local::run(&context, command),
    };
    let code = match result {
        Ok(()) => ExitCode::Success,
        Err(error) => failed(&context.printer, &error),
    };
    match unwritten(&context.printer) {
        Some(failure) if code == ExitCode::Success => failure,
        _ => code,
    }
}

/// Says why a command failed, and returns how the process exits.
fn failed(printer: &Printer, error: &Error) -> ExitCode {
    printer.error(error);
    printer.failure(error);
    error.exit_code()
}

/// Says why stdout could not be written, where that is so.
fn unwritten(printer: &Printer) -> Option<ExitCode> {
    let source = printer.take_failure()?;
    Some(failed(printer, &Error::Io { what: "write the result".to_owned(), source }))
}

/// What clap has to say: help and version on stdout, mistakes on stderr.
fn usage(error: &clap::Error, printer: &Printer) -> ExitCode {
    let text = error.render().to_string();
    if !error.use_stderr() {
        let coloured = printer.colours_stdout();
        printer.raw(&if coloured { error.render().ansi().to_string() } else { text });
        return unwritten(printer).unwrap_or(ExitCode::Success);
    }
    if printer.is_harmless(&text) {
        let _ = error.print();
    } else {
        printer.raw_error(&text);
    }
    let error = command_line_error(&text);
    printer.told(&error);
    printer.failure(&error);
    ExitCode::Usage
}

/// The error of which clap made this text.
fn command_line_error(text: &str) -> Error {
    let mut lines = text.lines().map(str::trim);
    let message: Vec<&str> = lines.by_ref().take_while(|line| !line.is_empty()).collect();
    let message = message.join(" ");
    let message = message.strip_prefix("error: ").unwrap_or(&message).to_owned();
    let tips: Vec<&str> = lines.filter_map(|line| line.strip_prefix("tip: ")).collect();
    Error::Usage { message, hint: Some(tips.join("; ")).filter(|tips| !tips.is_empty()) }
}

fn terminal(environment: &BTreeMap<String, String>) -> Terminal {
    let set = |name: &str| environment.get(name).is_some_and(|value| !value.is_empty());
    let forced = environment.get("FORCE_COLOR").is_some_and(|value| value != "0");
    let dumb = environment.get("TERM").is_some_and(|term| term == "dumb");
    Terminal {
        stdout_colour: forced || (!set("NO_COLOR") && !dumb && std::io::stdout().is_terminal()),
        stderr_terminal: !dumb && !set("CI") && std::io::stderr().is_terminal(),
    }
}
