//! The command line: the tree of commands, and what they share.

mod alias;
mod config;
mod connection;
mod create_alias;
mod delete_alias;
mod deploy;
pub mod inputs;
mod keys;
mod list_alias;
mod local;
mod output_values;
mod package;
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
use clap::{Args, CommandFactory, Parser, Subcommand, ValueEnum};

use crate::config::credentials;
use crate::config::function::nearest;
use crate::config::references::{Given, OutputReference, Outputs, Unknown};
use crate::config::settings::{self, Selection, Settings};
use crate::error::{Error, ExitCode};
use crate::output::{Format, Invocation, Layout, Manner, Printer, Terminal, Volume};

const AFTER_HELP: &str = "\
Exit codes:
    0  success
    1  the API or the service refused or failed
    2  wrong usage or configuration; nothing was changed
    3  not found: a function, version or alias, or another thing that was named
    4  credentials or permission
    5  conflict: someone else changed it
    6  not finished within --timeout
  130  interrupted (143 when terminated)
Of several functions: the code that all failed ones have in common, else 1

Try it without an account: scfctl deploy --local --target examples/hello --inputs publish=true traffic=0.1";

const DEPLOY_EXAMPLES: &str = "\
Examples:
  scfctl deploy                                       new code on $LATEST
  scfctl deploy --inputs traffic=0.1                  ... which serves 10 % of $DEFAULT
  scfctl deploy --inputs publish=true traffic=0       freeze it as version N+1, which serves everything
  scfctl deploy --dry-run --inputs traffic=0.1        what would be called
With `events` the file decides about the triggers of the versions and aliases that it names.
In a folder whose sub-folders hold instances it deploys all of them, in the order of their
${output:...}; --target DIR deploys one. A failed one stops those that need it and no others.";

const PACKAGE_EXAMPLES: &str = "\
Examples:
  scfctl package                          size and hash of what would be sent
  scfctl package --list                   its files with mode, size and hash
  scfctl package --out code.zip           the zip itself";

const PUBLISH_VER_EXAMPLES: &str = "\
Inputs: function, description, namespace, region

Example:
  scfctl publish-ver --inputs function=my-function description='release 4'";

const CREATE_ALIAS_EXAMPLES: &str = r#"Inputs: name, function, version (the main one), config, description, namespace, region

Examples:
  scfctl create-alias --inputs name=prod function=my-function version=1
  scfctl create-alias --inputs name=prod function=my-function version=1 config='{"weights":{"2":0.1}}'"#;

const UPDATE_ALIAS_EXAMPLES: &str = r#"Inputs: name, function, version (the main one), config, description, namespace, region

Examples:
  scfctl update-alias --inputs name=prod function=my-function version=1 config='{"weights":{"2":0.1}}'
  scfctl update-alias --inputs name=prod function=my-function version=2 config='{"weights":{}}'
  scfctl update-alias --inputs name=prod function=my-function version='$LATEST'
Without config the weights that are there stay."#;

const LIST_ALIAS_EXAMPLES: &str = "\
Inputs: function, name (only this alias), version (only aliases that use it), namespace, region

Example:
  scfctl list-alias --inputs function=my-function";

const DELETE_ALIAS_EXAMPLES: &str = "\
Inputs: name, function, namespace, region

Example:
  scfctl delete-alias --inputs name=prod function=my-function
An alias that a trigger is bound to is deleted only with --force.";

/// Canary releases of Tencent Cloud functions (SCF, 云函数).
#[derive(Debug, Parser)]
#[command(name = "scfctl", version, after_help = AFTER_HELP, subcommand_required = true)]
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
    /// Only errors and warnings on stderr, no steps and notes
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
    #[command(after_help = DEPLOY_EXAMPLES)]
    Deploy(deploy::Arguments),
    /// Publish $LATEST as a new version without deploying
    #[command(name = "publish-ver", alias = "publish_ver", after_help = PUBLISH_VER_EXAMPLES)]
    PublishVer,
    /// Create an alias: name, function, version, config='{"weights":{"2":0.5}}'
    #[command(name = "create-alias", alias = "create_alias", after_help = CREATE_ALIAS_EXAMPLES)]
    CreateAlias,
    /// Change an alias: the main version gets what the additional one does not
    #[command(name = "update-alias", alias = "update_alias", after_help = UPDATE_ALIAS_EXAMPLES)]
    UpdateAlias,
    /// List the aliases of a function with their weights
    #[command(name = "list-alias", alias = "list_alias", after_help = LIST_ALIAS_EXAMPLES)]
    ListAlias,
    /// Delete an alias; its versions stay
    #[command(name = "delete-alias", alias = "delete_alias", after_help = DELETE_ALIAS_EXAMPLES)]
    DeleteAlias,
    /// Build or list the package that deploy would send; calls nothing
    #[command(after_help = PACKAGE_EXAMPLES)]
    Package(package::Arguments),
    /// Show what files, variables and arguments come to; calls nothing
    Config(config::Arguments),
    /// The SCF inside this program
    #[command(subcommand)]
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
            (options.dev, "--dev has no effect: code is deployed as it is"),
            (options.skip_update, "--skipUpdate has no effect: there is no upgrade check"),
        ] {
            if given {
                self.printer.note(text);
            }
        }
    }
}

/// Words of `sls` that are not served here, each with what to use instead.
const FOREIGN_WORDS: &[(&str, &str)] = &[
    ("bind", "authorise the service role in the console"),
    ("credentials", "set TENCENT_SECRET_ID and TENCENT_SECRET_KEY in the environment or in .env"),
    ("dev", "deploy to a stage of your own: `scfctl deploy --stage dev`"),
    ("info", "`scfctl list-alias` shows the routing, `scfctl config` what would be deployed"),
    ("init", "copy examples/hello, or write serverless.yml with component, name and inputs"),
    ("invoke", "invoke the function in the console, or with tccli scf Invoke"),
    ("login", "set TENCENT_SECRET_ID and TENCENT_SECRET_KEY, or log in with tccli auth login"),
    ("logs", "look at the log topic of the function in the console"),
    ("param", "give values of ${param:NAME} with --param NAME=VALUE, or in SCFCTL_PARAM_NAME"),
    ("publish", "`scfctl publish-ver` publishes a version of a function"),
    ("registry", "components are not loaded here: scf is built in"),
    ("remove", "delete the function in the console"),
    ("run", "deploy with --local and look at what it does there"),
    ("unpublish", "delete the version in the console"),
    ("upgrade", "install the new version of scfctl over the old one"),
];

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

/// A command line that clap need not see: none at all, or a word of `sls`.
fn foreign(arguments: &[String]) -> Option<Error> {
    match arguments.first().map(String::as_str) {
        None => Some(Error::usage(
            "no command is given",
            "type `scfctl deploy`, or `scfctl --help` for all commands",
        )),
        Some(word) => {
            let (_, instead) = FOREIGN_WORDS.iter().find(|(foreign, _)| *foreign == word)?;
            Some(Error::usage(format!("`{word}` is not provided"), *instead))
        }
    }
}

/// A misspelt `--inputs`, which is the reason that the pairs behind it stand without one.
fn misspelt_inputs(arguments: &[String]) -> Option<Error> {
    let (_, word) = arguments
        .iter()
        .filter(|word| word.starts_with("--") && !word.contains(['=', '.']))
        .map(|word| (strsim::jaro_winkler(word, "--inputs"), word))
        .find(|(score, word)| *score > 0.9 && *word != "--inputs")?;
    Some(Error::usage(format!("`{word}` is not an option"), "did you mean `--inputs`?"))
}

/// Why arguments are refused before any file is read, or the help that they ask for.
enum Unparsed {
    Refused(Error),
    Clap(clap::Error),
}

/// What arguments come to. Reads and calls nothing.
fn parse(program: &str, arguments: &[String]) -> Result<(Cli, inputs::SplitArguments), Unparsed> {
    let value_options = value_options(&Cli::command());
    let value_options: Vec<&str> = value_options.iter().map(String::as_str).collect();
    let split = inputs::split(program, arguments, &value_options, inputs::TEXT_KEYS)
        .map_err(|error| misspelt_inputs(arguments).unwrap_or_else(|| error.into()))
        .map_err(Unparsed::Refused)?;
    if let Some(error) = foreign(&split.rest) {
        return Err(Unparsed::Refused(error));
    }
    let mut rest = split.rest.clone();
    let alone = rest.len() == 1;
    if let Some(first) =
        rest.first_mut().filter(|word| *word == "version" || alone && *word == "-v")
    {
        // Words of the real CLI for the same. Beside a command `-v` asks for more words.
        "--version".clone_into(first);
    }
    let cli = Cli::try_parse_from(std::iter::once(program.to_owned()).chain(rest));
    Ok((cli.map_err(Unparsed::Clap)?, split))
}

/// Whether a command line is one that this program takes; reads and calls nothing.
///
/// # Errors
/// What is wrong with it.
pub fn check(arguments: &[String]) -> Result<(), String> {
    match parse("scfctl", arguments) {
        Ok((_, split)) if split.ignored_words.is_empty() => Ok(()),
        Ok((_, split)) => Err(format!("{} would be ignored", split.ignored_words.join(", "))),
        Err(Unparsed::Refused(error)) => Err(error.to_string()),
        // Help and version are answers.
        Err(Unparsed::Clap(error)) if !error.use_stderr() => Ok(()),
        Err(Unparsed::Clap(error)) => Err(error.to_string()),
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
        let manner = Manner { format, layout, volume, command: command.clone() };
        let invocation = Invocation::new(&program, &arguments);
        let printer = Printer::new(manner, terminal).called(invocation);
        credentials::values(&environment).for_each(|secret| printer.hide(secret));
        printer
    };
    // Until the options are known.
    let format = if asks_for_json(&arguments) { Format::Json } else { Format::Text };
    let plain = printer(format, Volume::Normal);
    let parsed = match readable {
        Ok(()) => parse(&program, &arguments),
        Err(error) => Err(Unparsed::Refused(error)),
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
    for word in &split.ignored_words {
        printer.warning(&format!(
            "`{word}` is not key=value and is ignored; did you mean `{word}=true`?"
        ));
    }
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

/// Names of all options that take a value, so that such a value is never read as an input.
fn value_options(command: &clap::Command) -> Vec<String> {
    let mut names = Vec::new();
    for argument in command.get_arguments() {
        if argument.get_action().takes_values() && argument.get_id() != "inputs" {
            names.extend(argument.get_long().map(|long| format!("--{long}")));
            names.extend(argument.get_short().map(|short| format!("-{short}")));
        }
    }
    for command in command.get_subcommands() {
        names.extend(value_options(command));
    }
    names.sort();
    names.dedup();
    names
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tree_is_sound() {
        Cli::command().debug_assert();
        let options = value_options(&Cli::command());
        for name in ["--stage", "-s", "--target", "--timeout", "--listen"] {
            assert!(options.iter().any(|option| option == name), "{name} in {options:?}");
        }
        assert!(!options.iter().any(|option| option == "--inputs" || option == "--debug"));
    }
}
