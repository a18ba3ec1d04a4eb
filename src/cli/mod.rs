//! The command line: the tree of commands, and what they share.

mod commands;
mod help;
pub mod inputs;
mod language;
mod output_values;
mod parse;
mod time;

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::app::{self, Context};
use crate::config::credentials;
use crate::config::references::{Given, Outputs};
use crate::config::settings::{self, Selection};
use crate::error::{Error, ExitCode};
use crate::output::{Format, Invocation, Language, Layout, Manner, Printer, Terminal, Volume};

use commands::{
    config, create_alias, delete_alias, deploy, list_alias, local, package, publish_ver,
    update_alias,
};
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
struct Options {
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
    /// Language of help, notes and errors; results and JSON do not change with it
    /// [default: that of $LC_ALL, $LC_MESSAGES or $LANG]
    #[arg(long, global = true, hide_short_help = true, value_enum, value_name = "LANGUAGE")]
    lang: Option<language::Code>,
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

    /// What of them a command works by.
    fn of_app(&self) -> app::Options {
        app::Options {
            target: self.target.clone(),
            profile: self.profile.clone(),
            dry_run: self.dry_run,
            local: self.local,
            endpoint: self.endpoint.clone(),
            insecure_http: self.insecure_http,
            timeout: self.timeout,
            run_id: self.run_id.clone(),
            force: self.force,
            no_cache: self.no_cache,
            no_validation: self.no_validation,
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

/// Reads `NAME=VALUE`.
fn parameter(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok((name.to_owned(), value.to_owned())),
        _ => Err("write NAME=VALUE".to_owned()),
    }
}

/// Says what became of options that have another meaning, or none, here.
fn note_foreign_options(options: &Options, printer: &Printer) {
    for (given, text) in [
        (options.login, "--login is not provided: set TENCENT_SECRET_ID and TENCENT_SECRET_KEY"),
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
            printer.note(text);
        }
    }
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
    let language = language::of(&arguments, &environment);
    let printer = |format, volume, language| {
        let manner = Manner { format, layout, volume, language, command: command.clone() };
        let invocation = Invocation::new(&program, &arguments);
        let printer = Printer::new(manner, terminal).called(invocation);
        credentials::values(&environment).for_each(|secret| printer.hide(secret));
        printer
    };
    // Until the options are known.
    let format = if asks_for_json(&arguments) { Format::Json } else { Format::Text };
    let plain = printer(format, Volume::Normal, language);
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
    let language = options.lang.map_or(language, Language::from);
    let printer = Arc::new(printer(format, options.volume(), language));
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
    note_foreign_options(&options, &printer);
    let context = Context {
        options: options.of_app(),
        known_inputs: inputs::of_command(selection.command).unwrap_or_default(),
        selection,
        environment,
        printer,
        clock,
        directory,
        told_of: Arc::default(),
        hooks_run: Arc::default(),
    };
    let result = match cli.command {
        Command::Deploy(arguments) => deploy::run(&context, &arguments),
        Command::PublishVer => publish_ver::run(&context),
        Command::CreateAlias => create_alias::run(&context),
        Command::UpdateAlias => update_alias::run(&context),
        Command::ListAlias => list_alias::run(&context),
        Command::DeleteAlias => delete_alias::run(&context),
        Command::Package(arguments) => package::run(&context, &arguments),
        Command::Config(arguments) => config::run(&context, &arguments),
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
