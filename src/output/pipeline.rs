//! What pipelines read besides what people read: annotations, a summary and outputs of a step in GitHub
//! Actions, the sections of a log in GitLab.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::Value;

use super::controls::{bounded, show_controls};
use super::{Line, Printer, Volume};
use crate::config::project::ConfigError;
use crate::error::{Error, RolloutOption, RolloutProblem};
use crate::report::{Report, Section};
use crate::text::{FilePlace, Language, Text};

/// Outputs of the step, and where in a result they may stand, as JSON pointers.
const OUTPUTS: [(&str, &[&str]); 7] = [
    ("function-name", &["/functionName"]),
    ("alias-name", &["/aliasName"]),
    ("last-version", &["/lastVersion"]),
    ("routing", &["/routing"]),
    ("outcome", &["/outcome"]),
    ("from", &["/from", "/rollout/from"]),
    ("to", &["/to", "/rollout/to"]),
];

/// Whether a result may have what is nobody's business who reads the page of a run: what functions
/// return and log, and values of the environment.
pub(super) fn is_private(report: &Report) -> bool {
    matches!(report, Report::Invocations(_) | Report::Logs(_) | Report::Config(_))
}

/// The step of a pipeline that runs this process, as its variables say.
#[derive(Clone, Default)]
pub struct Pipeline {
    annotates: bool,
    /// What has a log in sections: the seconds since 1970, which each begins and ends with.
    sections: Option<Seconds>,
    /// What the summary is headed by: the program, and the command where it is one.
    heading: String,
    /// The folder that the files of annotations are relative to.
    workspace: Option<PathBuf>,
    summary: Option<PathBuf>,
    outputs: Option<PathBuf>,
}

/// The seconds since 1970.
type Seconds = Arc<dyn Fn() -> i64 + Send + Sync>;

/// The sections of this process so far.
#[derive(Debug, Default)]
pub(super) struct Sections {
    /// How many have begun.
    begun: usize,
    /// The one that goes on, by its name.
    open: Option<(Section, String)>,
}

impl Pipeline {
    /// The step of GitHub Actions or the job of GitLab that this environment is of; elsewhere nothing.
    /// `command` is one that there is: what was typed in its place is on no page. `now` returns the
    /// seconds since 1970.
    #[must_use]
    pub fn of(
        environment: &BTreeMap<String, String>,
        command: Option<&str>,
        now: impl Fn() -> i64 + Send + Sync + 'static,
    ) -> Self {
        let value = |name: &str| environment.get(name).filter(|value| !value.is_empty());
        let is_inside = |name: &str| value(name).is_some_and(|value| value == "true");
        let sections = is_inside("GITLAB_CI").then(|| Arc::new(now) as Seconds);
        if !is_inside("GITHUB_ACTIONS") {
            return Self { sections, ..Self::default() };
        }
        Self {
            annotates: true,
            sections,
            heading: format!("scfctl {}", command.unwrap_or_default()).trim_end().to_owned(),
            workspace: value("GITHUB_WORKSPACE").map(PathBuf::from),
            summary: value("GITHUB_STEP_SUMMARY").map(PathBuf::from),
            outputs: value("GITHUB_OUTPUT").map(PathBuf::from),
        }
    }

    /// The file as annotations name it: relative to the repository.
    fn name(&self, file: &Path) -> String {
        let whole = std::env::current_dir().map_or_else(|_| file.to_owned(), |at| at.join(file));
        let inside = self.workspace.as_ref().and_then(|root| whole.strip_prefix(root).ok());
        inside.unwrap_or(file).display().to_string()
    }

    /// A workflow command: a kind of annotation, where it belongs, and what it says.
    fn annotation(&self, kind: &str, place: Option<&FilePlace>, text: &str) -> String {
        let mut properties = Vec::new();
        if let Some(place) = place {
            properties.push(format!("file={}", property(&self.name(&place.file))));
            properties.extend(place.line.map(|line| format!("line={line}")));
            properties.extend(place.column.map(|column| format!("col={column}")));
        }
        properties.push("title=scfctl".to_owned());
        format!("::{kind} {}::{}", properties.join(","), data(text))
    }
}

/// A text behind the `::` of a workflow command, which ends with its line.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// A value before it, where `:` and `,` are signs of their own.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

/// A text as a block of Markdown in which nothing else is Markdown.
fn block(text: &str) -> String {
    let longest = text.split(|character| character != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest.max(2) + 1);
    format!("{fence}text\n{}\n{fence}\n", text.trim_end())
}

/// An output of a step. Behind a word that nobody can guess, so that no value ends it.
fn output(name: &str, value: &str) -> String {
    let end = format!("ghadelimiter_{}", uuid::Uuid::new_v4());
    format!("{name}<<{end}\n{value}\n{end}\n")
}

fn append(path: &Path, text: &str) -> std::io::Result<()> {
    let mut file = std::fs::File::options().append(true).create(true).open(path)?;
    file.write_all(text.as_bytes())
}

/// The places in files that an error is about, each with what is wrong there.
fn places(error: &Error, language: Language) -> Vec<(FilePlace, String)> {
    let one = |text: &dyn Text| text.place().map(|place| (place, language.say(text)));
    let problem = |problem: &RolloutProblem| match problem {
        RolloutProblem::Option(RolloutOption::Several(options)) => {
            options.iter().filter_map(|option| one(option)).collect()
        }
        RolloutProblem::Option(option) => one(option).into_iter().collect(),
        _ => Vec::new(),
    };
    match error {
        Error::Input(error) => one(error).into_iter().collect(),
        Error::FunctionInputs(errors) => {
            errors.errors.iter().filter_map(|error| one(error)).collect()
        }
        Error::Config(ConfigError::Variables(unresolved)) => {
            let found = unresolved.errors.iter();
            found
                .filter_map(|(place, error)| Some((place.as_ref()?.place()?, language.say(error))))
                .collect()
        }
        // What is wrong in it is not in the name of the file, which the annotation has.
        Error::Config(ConfigError::Syntax { source, .. }) => {
            let Error::Config(whole) = error else { return Vec::new() };
            whole.place().map(|place| (place, language.say(source))).into_iter().collect()
        }
        Error::Config(error) => one(error).into_iter().collect(),
        Error::Rollout(error) => problem(&error.problem),
        _ => Vec::new(),
    }
}

impl Printer {
    fn pipeline(&self) -> &Pipeline {
        self.shared.pipeline.get_or_init(Pipeline::default)
    }

    /// The same printer, inside the step of a pipeline.
    #[must_use]
    pub fn inside(self, pipeline: Pipeline) -> Self {
        let _ = self.shared.pipeline.set(pipeline);
        self
    }

    /// Begins a section of the log, unless it goes on: GitLab folds it, and shows how long it took.
    /// What several do at the same time has no section for each.
    pub(super) fn begin_section(&self, section: Section) {
        let Some(now) = &self.pipeline().sections else { return };
        if !self.label.is_empty() || self.volume == Volume::Quiet {
            return;
        }
        let Ok(mut sections) = self.shared.sections.lock() else { return };
        if sections.open.as_ref().is_some_and(|(open, _)| *open == section) {
            return;
        }
        self.end(&mut sections, now);
        sections.begun += 1;
        // A log has those of several processes, and names are not to come twice.
        let name = format!("scfctl_{}_{}_{}", std::process::id(), sections.begun, section.key());
        let title = self.language.say(&section);
        self.put(&format!("\u{1b}[0Ksection_start:{}:{name}\r\u{1b}[0K{title}", now()));
        sections.open = Some((section, name));
    }

    /// Ends the section that goes on: what follows is what it all came to.
    pub fn end_section(&self) {
        let Some(now) = &self.pipeline().sections else { return };
        if self.label.is_empty()
            && let Ok(mut sections) = self.shared.sections.lock()
        {
            self.end(&mut sections, now);
        }
    }

    fn end(&self, sections: &mut Sections, now: &Seconds) {
        if let Some((_, name)) = sections.open.take() {
            self.put(&format!("\u{1b}[0Ksection_end:{}:{name}\r\u{1b}[0K", now()));
        }
    }

    /// Marks a text as a warning of the step, in the file that it is about.
    pub(super) fn annotate_warning(&self, place: Option<&FilePlace>, text: &str) {
        if self.pipeline().annotates {
            self.annotate_at("warning", place, text);
        }
    }

    fn annotate_at(&self, kind: &str, place: Option<&FilePlace>, text: &str) {
        let text = bounded(&show_controls(&self.mask_said(text)));
        self.put(&self.mask(&self.pipeline().annotation(kind, place, &text)));
    }

    /// Marks an error: where it is about lines of files, each of them.
    pub(super) fn annotate_error(&self, error: &Error) {
        if !self.pipeline().annotates {
            return;
        }
        let report = error.report_in(self.language);
        let mut lines = vec![format!("{}{}", self.label, self.advice(&report.message))];
        lines.extend(report.causes.iter().cloned());
        lines.extend(report.hint.as_ref().map(|hint| self.advice(hint).into_owned()));
        let found = places(error, self.language);
        for (place, text) in &found {
            self.annotate_at("error", Some(place), text);
        }
        let text = lines.join("\n");
        if found.is_empty() {
            self.annotate_at("error", None, &text);
        }
        self.summarise(&text);
        self.put_out(&[("error-code", report.code.clone())]);
    }

    /// Adds a text to the summary of the step.
    pub(super) fn summarise(&self, text: &str) {
        let Some(file) = &self.pipeline().summary else { return };
        let heading = &self.pipeline().heading;
        let text = show_controls(&bounded(&self.mask(text)));
        self.append(file, &format!("### {heading}\n\n{}\n", block(&text)));
    }

    /// The outputs of the step that a result gives, whether it is printed or stands in a failure.
    pub fn put_out_result(&self, report: &Report) {
        if self.pipeline().outputs.is_none() || is_private(report) {
            return;
        }
        let value = self.mask_value(&self.value_of(report));
        let mut outputs = vec![("result", value.to_string())];
        for (name, places) in OUTPUTS {
            match places.iter().find_map(|place| value.pointer(place)) {
                None | Some(Value::Null) => {}
                Some(Value::String(text)) => outputs.push((name, text.clone())),
                Some(other) => outputs.push((name, other.to_string())),
            }
        }
        self.put_out(&outputs);
    }

    fn put_out(&self, outputs: &[(&str, String)]) {
        let Some(file) = &self.pipeline().outputs else { return };
        let text: String = outputs.iter().map(|(name, value)| output(name, value)).collect();
        self.append(file, &text);
    }

    /// Adds to a file of the runner. Where that is in vain it is said: the result itself stands.
    fn append(&self, file: &Path, text: &str) {
        if let Err(error) = append(file, text) {
            let (file, why) = (file.display().to_string(), error.to_string());
            self.marked(super::Mark::Warning, &Line::NotWritten { file: &file, why: &why });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signs_of_the_command_syntax_are_escaped() {
        let pipeline = Pipeline { annotates: true, ..Pipeline::default() };
        let place = FilePlace { file: "a,b:100%.yml".into(), line: Some(3), column: Some(7) };
        assert_eq!(
            pipeline.annotation("error", Some(&place), "100%\r\n::set-output name=a::b, c"),
            "::error file=a%2Cb%3A100%25.yml,line=3,col=7,title=scfctl::100%25%0D%0A::set-output name=a::b, c"
        );
        assert_eq!(pipeline.annotation("warning", None, "a"), "::warning title=scfctl::a");
    }

    #[test]
    fn a_block_is_not_ended_by_what_is_in_it() {
        assert_eq!(block("a\n"), "```text\na\n```\n");
        assert_eq!(block("a\n````\n# b"), "`````text\na\n````\n# b\n`````\n");
    }

    #[test]
    fn an_output_cannot_begin_another() {
        let text = output("a", "b\nresult<<c\nd");
        let end = text.lines().last().unwrap();
        assert_eq!(text, format!("a<<{end}\nb\nresult<<c\nd\n{end}\n"));
        assert!(end.starts_with("ghadelimiter_") && end.len() == 49, "{end}");
        assert_ne!(output("a", "b"), output("a", "b"));
    }

    #[test]
    fn elsewhere_nothing_is_done() {
        let environment =
            [("GITHUB_ACTIONS", "false"), ("GITHUB_OUTPUT", "a"), ("GITHUB_STEP_SUMMARY", "b")];
        let environment = environment.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let pipeline = Pipeline::of(&environment.into(), None, || 0);
        assert!(!pipeline.annotates && pipeline.outputs.is_none() && pipeline.summary.is_none());
        assert!(pipeline.sections.is_none());
    }
}
