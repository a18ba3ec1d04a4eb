//! The command line: the tree of commands, and what they share.

pub(crate) mod args;
mod called;
mod chinese;
mod colour;
mod command;
mod commands;
mod complete;
#[cfg(test)]
mod effects;
mod help;
pub mod inputs;
mod language;
mod output_values;
mod pages;
mod parse;
mod planned;
mod refusal;
mod spelling;
mod time;
mod topics;
mod unknown;

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::io::IsTerminal;
use std::path::Path;
use std::sync::Arc;

use clap::error::ErrorKind;

use crate::app::{self, AfterResult, Context, Done};
use crate::clock::Clock;
use crate::config::credentials;
use crate::config::references::{GivenValue, Outputs};
use crate::config::settings::{self, CommandLine};
use crate::error::{ArgumentsError, Error, ExitCode, RolloutError, RolloutOption, Task};
use crate::order::Ordered as _;
use crate::output::text::zh;
use crate::output::{
    CalledAs, Format, Language, Layout, Manner, Pipeline, Printer, Terminal, Volume,
};
use crate::report::notice::Ineffective;
use crate::withheld;
use args::Options;
use colour::When;
use command::Command;
use commands::{
    config, create_alias, delete_alias, deploy, doctor, init, invoke, list_alias, list_ver, local,
    logs, metric, package, publish_ver, remove, rollback, rollout, show, status, update_alias,
    verify_split, versions,
};
use complete::{Completer, CompletionRequest};
use parse::{Unparsed, unusable};
pub use parse::{check, command_tree, commands};
use planned::Planned;
use spelling::typed_value;

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
                result = result.and(Err(ArgumentsError::NotUtf8 { position }.into()));
            }
        }
    }
    if words.is_empty() {
        return ("scfctl".to_owned(), words, result);
    }
    (words.remove(0), words, result)
}

/// The form that the result is asked for in, as far as arguments that are perhaps no command line
/// tell.
fn asked_format(arguments: &[String]) -> Format {
    let asks = |form: &str| {
        let follows = arguments.windows(2).any(|pair| pair[0] == "--output" && pair[1] == form);
        follows || arguments.iter().any(|word| word.strip_prefix("--output=") == Some(form))
    };
    match () {
        () if asks("json") => Format::Json,
        () if asks("ndjson") => Format::JsonLines,
        () => Format::Text,
    }
}

/// Runs the program: its name as it was called and the arguments in, exit code out.
#[must_use]
pub fn run(arguments: impl Iterator<Item = OsString>, clock: Clock) -> ExitCode {
    let environment = settings::environment();
    let (program, arguments, readable) = typed(arguments);
    let (layout, program) = layout_for(&program);
    // What stands before the command may be the value of an option, even a secret one.
    let mut words = arguments.iter().map(|word| word.replace('_', "-"));
    let known = words.find(|word| inputs::of_command(word).is_some());
    let command = arguments.iter().find(|word| !word.starts_with('-')).cloned();
    let command = known.clone().or(command).unwrap_or_else(|| program.clone());
    let language = language::of(&arguments, &environment);
    let printer = |(format, volume, colours): (_, _, When), language, arguments: &[String]| {
        let manner = Manner { format, layout, volume, language, command: command.clone() };
        let mut invocation = CalledAs::new(&program, arguments);
        if !inputs::are_typed(arguments) {
            let command = known.as_deref().map_or("", means);
            invocation = invocation.in_options(command, inputs::as_options);
        }
        let pipeline = pipeline(&environment, known.as_deref(), &clock);
        let printer = Printer::new(manner, terminal(&environment, colours, layout))
            .called(invocation)
            .inside(pipeline);
        credentials::values(&environment).for_each(|secret| printer.hide(secret));
        printer
    };
    // Until the options are known.
    let manner = (asked_format(&arguments), Volume::Normal, When::of(&arguments));
    let plain = printer(manner, language, &arguments);
    // What is refused may be shown as it was typed.
    let is_command = |word: &&str| inputs::of_command(word).is_some();
    for secret in withheld::secrets(&arguments).into_iter().filter(|word| !is_command(word)) {
        plain.hide(secret);
    }
    if arguments.first().is_some_and(|word| word == complete::WORD) {
        let quiet = (Format::Text, Volume::Quiet, When::Never);
        let sink = Arc::new(printer(quiet, language, &arguments));
        plain.raw(&completed(&program, &arguments[1..], environment, sink, clock));
        return ExitCode::Success;
    }
    let parsed = match readable {
        Ok(()) => parse::parse(&program, &arguments, language),
        Err(error) => Err(Unparsed::Refused(error.into())),
    };
    let (cli, split) = match parsed {
        Ok(parsed) => parsed,
        Err(unparsed) => return answered(&plain, unparsed, &program, language),
    };
    if let Command::Completion(arguments) = &cli.command {
        plain.raw(&arguments.shell().script(&program));
        return unwritten(&plain).unwrap_or(ExitCode::Success);
    }
    let planned = match planned(cli.command, split, (&program, &arguments), language) {
        Ok(planned) => planned,
        Err(error) => return failed(&plain, &error),
    };
    let Planned { command, mut options, split, typed } = planned;
    if let Some(error) = unusable(&arguments, &options) {
        return failed(&plain, &error.into());
    }
    options.ineffective.extend(split.nothing_behind.then_some(Ineffective::Inputs));
    let language = options.language.unwrap_or(language);
    let called = typed.as_deref().unwrap_or(&arguments);
    let printer = Arc::new(printer(options.manner(), language, called));
    for secret in withheld::named(&arguments) {
        printer.hide(secret);
    }
    if options.format == Format::JsonLines && !command.tells_events() {
        return failed(&printer, &RolloutError::of_option(RolloutOption::EventsOfRollouts));
    }
    let given = match given_outputs(&options, &environment) {
        Ok(given) => given,
        Err(error) => return failed(&printer, &error),
    };
    given.iter().filter_map(GivenValue::secret).for_each(|secret| printer.hide(secret));
    let selection = selection(&options, &command, given, split);
    let directory = match std::env::current_dir() {
        Ok(directory) => directory,
        Err(source) => {
            return failed(&printer, &Error::Io { task: Task::WorkingDirectory, source });
        }
    };
    options.ineffective.iter().for_each(|option| printer.note(option));
    if let Command::Rollout(command) = &command {
        let run = pages::run(&environment, &program, &arguments);
        let about = (command.title(), run);
        if let Err(error) = pages::keep(&printer, &options.reports, &directory, about, &clock) {
            return failed(&printer, &error);
        }
    }
    let context = Context {
        options: options.run,
        known_inputs: inputs::of_command(selection.command).unwrap_or_default(),
        selection,
        environment,
        sink: printer.clone(),
        // JSON is the same in every language.
        messages: if options.format == Format::Text { language } else { Language::English },
        language,
        clock,
        directory,
        told_of: Arc::default(),
        hooks_run: Arc::default(),
    };
    let tells_events = options.format == Format::JsonLines;
    let result = carry_out(command, &context, tells_events, &printer);
    concluded(&printer, result, options.detailed_exit_code)
}

/// The command whose options a command line has in its texts.
fn means(command: &str) -> &str {
    if command == "apply" { "deploy" } else { command }
}

/// The command that is carried out: that of the plan in the place of `apply`.
fn planned(
    command: Command,
    split: inputs::SplitArguments,
    (program, typed): (&str, &[String]),
    language: Language,
) -> Result<Planned, Error> {
    let names_timeout = typed_value(typed, "--timeout").is_some();
    let mut planned = match command {
        Command::Apply(arguments) => arguments.planned(program, names_timeout, language)?,
        command => Planned { options: command.options(), command, split, typed: None },
    };
    planned.options.run.names_timeout = names_timeout;
    planned.options.run.typed = typed.to_vec();
    Ok(planned)
}

/// Outputs of other instances, as the command line, a file of it or one of the environment has them.
fn given_outputs(
    options: &Options,
    environment: &BTreeMap<String, String>,
) -> Result<Vec<GivenValue>, Error> {
    let variable = environment.get("SCFCTL_OUTPUT_VALUES").filter(|path| !path.is_empty());
    let file = options.output_values_file.as_deref();
    let path = file.or(variable.map(Path::new));
    output_values::all(&options.output_values, path, file.is_none())
}

/// Shows what a command came to, and returns how the process exits.
fn concluded(printer: &Printer, result: Result<Done, Error>, detailed: bool) -> ExitCode {
    // Whatever follows is what it all came to.
    printer.end_section();
    let done = result.as_ref().ok();
    let report = done.and_then(|done| done.report.as_ref());
    let of_report = match report {
        _ if done.is_some_and(|done| matches!(done.ending, AfterResult::Terminated)) => {
            ExitCode::Terminated
        }
        Some(report) if detailed && report.would_change() => ExitCode::Changes,
        Some(report) => report.exit_code(),
        None => ExitCode::Success,
    };
    let code = match ended(printer, result.and_then(|done| show(printer, done))) {
        ExitCode::Success => of_report,
        code => code,
    };
    match unwritten(printer) {
        Some(failure) if code == of_report => failure,
        _ => code,
    }
}

/// Answers arguments that are no command to carry out.
fn answered(printer: &Printer, unparsed: Unparsed, program: &str, language: Language) -> ExitCode {
    match unparsed {
        Unparsed::Version => printer.raw(concat!(env!("CARGO_PKG_VERSION"), "\n")),
        Unparsed::Refused(error) => return failed(printer, &error),
        Unparsed::Clap(error) => return usage(&error, language, printer),
        Unparsed::Topic(topic, of_command) => {
            if let Some(error) = of_command {
                usage(&error, language, printer);
                printer.raw("\n");
            }
            printer.raw(&topic.shown(program, language));
        }
    }
    unwritten(printer).unwrap_or(ExitCode::Success)
}

/// Answers the script of a shell; with nothing where it asks nothing that makes sense.
fn completed(
    program: &str,
    arguments: &[String],
    environment: BTreeMap<String, String>,
    sink: Arc<Printer>,
    clock: Clock,
) -> String {
    let (question, directory) = (CompletionRequest::read(arguments), std::env::current_dir());
    let Some((question, directory)) = question.zip(directory.ok()) else { return String::new() };
    let language = sink.language();
    let (mut options, selection) = complete::place(&question.line);
    let given = environment.get(complete::TIMEOUT).and_then(|text| time::parse(text).ok());
    options.timeout = given.unwrap_or(app::complete::MOST);
    let context = Context {
        options,
        known_inputs: Vec::new(),
        selection,
        environment,
        sink,
        messages: language,
        language,
        clock,
        directory,
        told_of: Arc::default(),
        hooks_run: Arc::default(),
    };
    let mut tree = parse::spoken(program, language);
    tree.build();
    let names = |known| app::complete::names(&context, known);
    let topics = topics::all(language).collect();
    let offer = Completer { tree: &tree, topics, names: &names }.offer(&question.line);
    question.answer(offer)
}

/// What the command works on, by its arguments.
fn selection(
    options: &args::Options,
    command: &Command,
    given: Vec<GivenValue>,
    split: inputs::SplitArguments,
) -> CommandLine {
    CommandLine {
        stage: options.stage.clone(),
        target: options.run.target.clone(),
        app: options.app.clone(),
        member: None,
        parameters: options.parameters.iter().cloned().into_map(),
        outputs: Outputs::new(given),
        org: options.org.clone(),
        region: options.region.clone(),
        profile: options.run.profile.clone(),
        command: command.word(),
        changes: command.changes(),
        inputs: split.inputs,
        sources: split.sources,
    }
}

/// Does what a command is for.
fn carry_out(
    command: Command,
    context: &Context,
    tells_events: bool,
    printer: &Printer,
) -> Result<Done, Error> {
    // What a function is called with may be typed.
    printer.begin(!matches!(command, Command::Invoke(_)));
    match command {
        Command::Deploy(arguments) => deploy::run(context, &arguments),
        Command::PublishVer(arguments) => publish_ver::run(context, &arguments),
        Command::CreateAlias(_) => create_alias::run(context),
        Command::UpdateAlias(_) => update_alias::run(context),
        Command::ListAlias(_) => list_alias::run(context),
        Command::DeleteAlias(_) => delete_alias::run(context),
        Command::ListVer(_) => list_ver::run(context),
        Command::Status(arguments) => status::run(context, &arguments, printer),
        Command::Metric(_) => metric::run(context),
        Command::Invoke(arguments) => invoke::run(context, &arguments),
        Command::VerifySplit(arguments) => verify_split::run(context, &arguments),
        Command::Logs(arguments) => logs::run(context, &arguments),
        Command::Remove(arguments) => remove::run(context, &arguments),
        Command::Versions(command) => versions::run(context, &command),
        Command::Rollout(command) => rollout::run(context, &command, tells_events),
        Command::Rollback(arguments) => rollback::run(context, &arguments),
        Command::Package(arguments) => package::run(context, &arguments),
        Command::Config(arguments) => config::run(context, &arguments),
        Command::Init(arguments) => init::run(context, &arguments),
        Command::Doctor(_) => doctor::run(context),
        // Answered, and made the command of its plan, before there is a context.
        Command::Apply(_) | Command::Completion(_) => Ok(Done::nothing()),
        Command::Local(command) => local::run(context, command.into_inner()),
    }
}

/// Says how a command ended, writes its reports, and returns how the process exits.
fn ended(printer: &Printer, result: Result<(), Error>) -> ExitCode {
    let error = result.err();
    let code = error.as_ref().map_or(ExitCode::Success, |error| failed(printer, error));
    match printer.write_reports(code, error.as_ref()) {
        Ok(()) => code,
        Err(unwritten) if error.is_none() => failed(printer, &unwritten),
        // How the command ended matters more.
        Err(unwritten) => {
            printer.error(&unwritten);
            code
        }
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
    Some(failed(printer, &Error::Io { task: Task::WriteResult, source }))
}

/// What the option parser has to say: help and version on stdout, mistakes on stderr.
fn usage(error: &clap::Error, language: Language, printer: &Printer) -> ExitCode {
    let chinese = language == Language::Chinese;
    let composed = |text: String| if chinese { zh::help::composed(&text) } else { text };
    let text = error.render().to_string();
    if !error.use_stderr() {
        let coloured = printer.colours_stdout();
        let text = if coloured { error.render().ansi().to_string() } else { text };
        printer.raw(&composed(text).replace(parse::BLANK, " "));
        return unwritten(printer).unwrap_or(ExitCode::Success);
    }
    let ours = Error::from(refusal::of(error));
    // Help in place of a command that is missing.
    let is_help = error.kind() == ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand;
    if chinese && !is_help {
        printer.error(&ours);
        printer.raw_error(&zh::help::after_refusal(refusal::usage(error).as_deref()), None);
    } else {
        let coloured = composed(error.render().ansi().to_string());
        printer.raw_error(&composed(text), Some(&coloured));
        printer.told(&ours);
    }
    printer.failure(&ours);
    ExitCode::Usage
}

/// The step or the job that this process runs in.
fn pipeline(
    environment: &BTreeMap<String, String>,
    command: Option<&str>,
    clock: &Clock,
) -> Pipeline {
    let clock = clock.clone();
    Pipeline::of(environment, command, move || clock.now().timestamp())
}

fn terminal(environment: &BTreeMap<String, String>, colours: When, layout: Layout) -> Terminal {
    #[cfg(windows)]
    let _ = anstyle_query::windows::enable_ansi_colors();
    let set = |name: &str| environment.get(name).is_some_and(|value| !value.is_empty());
    let dumb = environment.get("TERM").is_some_and(|term| term == "dumb");
    let (stdout, stderr) = (std::io::stdout().is_terminal(), std::io::stderr().is_terminal());
    Terminal {
        stdout_terminal: !dumb && stdout,
        stdout_colour: colours.colours(environment, stdout),
        // The real CLI says nothing there.
        stderr_colour: layout == Layout::Own && colours.colours(environment, stderr),
        stdin_terminal: std::io::stdin().is_terminal(),
        stderr_terminal: !dumb && !set("CI") && stderr,
    }
}
