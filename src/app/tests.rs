//! Whole commands by a virtual clock.

use std::collections::BTreeMap;
use std::num::NonZeroU8;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Map, json};

use super::source::PackOptions;
use super::{Context, RunOptions, deploy};
use crate::clock::Clock;
use crate::config::references::Outputs;
use crate::config::settings::CommandLine;
use crate::error::Error;
use crate::local;
use crate::report::deploy::DeployedInstance;
use crate::report::logs::LogLine;
use crate::report::page::{Account, MadeCall};
use crate::report::rollout::Event;
use crate::report::status::PastedCommand;
use crate::report::{Report, Section, Sink, Work, WorkAmount};
use crate::text::{Language, Text};

/// What was said, in English.
#[derive(Clone, Default)]
pub(super) struct Said(Arc<Mutex<Vec<String>>>);

impl Said {
    pub(in crate::app) fn all(&self) -> Vec<String> {
        self.0.lock().unwrap().clone()
    }

    fn add(&self, what: &str, text: &dyn Text) {
        self.0.lock().unwrap().push(format!("{what}: {text}"));
    }
}

impl Sink for Said {
    fn note(&self, text: &dyn Text) {
        self.add("note", text);
    }

    fn note_once(&self, _: &str, text: &dyn Text) {
        self.add("note", text);
    }

    fn decisive(&self, text: &dyn Text) {
        self.add("note", text);
    }

    fn warning(&self, text: &dyn Text) {
        self.add("warning", text);
    }

    fn step(&self, text: &dyn Text) {
        self.add("step", text);
    }

    fn section(&self, _: Section) {}

    fn waiting(&self, _: &dyn Text) {}

    fn debug(&self, _: &str) {}

    fn hide(&self, _: &str) {}

    fn withhold(&self, _: &str) {}

    fn header(&self, _: &str, _: &str, _: &str, _: &str) {}

    fn transfer(&self, _: Work) -> Box<dyn Fn(WorkAmount) + Send + Sync> {
        Box::new(|_| {})
    }

    fn report(&self, _: &Report) {}

    fn returned(&self, _: &str, _: bool) {}

    fn aside(&self, _: &str) {}

    fn log(&self, _: &LogLine) {}

    fn is_read(&self) -> bool {
        true
    }

    fn event(&self, _: &Event) {}

    fn account(&self, _: Account) {}

    fn project(&self, _: Vec<PastedCommand>) {}

    fn called(&self, _: MadeCall) {}

    fn instance(&self, _: &str, _: &DeployedInstance) {}

    fn error(&self, error: &Error) {
        panic!("{error}");
    }

    fn leaving(&self, error: &Error) {
        panic!("{error}");
    }

    fn labelled(&self, _: &str) -> Arc<dyn Sink> {
        Arc::new(self.clone())
    }

    fn of_member(&self, _: &str, _: &str) -> Arc<dyn Sink> {
        Arc::new(self.clone())
    }
}

/// A command in a folder, on a server, by a clock.
fn context(folder: &Path, endpoint: &str, clock: &Clock, said: &Said) -> Context {
    let options = RunOptions {
        names_timeout: false,
        target: None,
        profile: None,
        dry_run: false,
        local: false,
        endpoint: Some(endpoint.to_owned()),
        insecure_http: false,
        timeout: Duration::from_secs(3 * 60 * 60),
        run_id: None,
        force: false,
        end_rollout: false,
        rolls_out: None,
        no_cache: true,
        no_validation: false,
        reports: false,
        typed: Vec::new(),
    };
    let selection = CommandLine {
        member: None,
        parameters: BTreeMap::new(),
        outputs: Outputs::new(Vec::new()),
        stage: None,
        target: None,
        app: None,
        org: None,
        region: None,
        profile: None,
        command: "deploy",
        changes: true,
        inputs: Map::from_iter([("publish".to_owned(), json!(true))]),
        sources: Vec::new(),
    };
    let environment = [("TENCENT_SECRET_ID", "AKIDTEST"), ("TENCENT_SECRET_KEY", "KEYTEST")];
    let environment = environment.map(|(name, value)| (name.to_owned(), value.to_owned()));
    Context {
        options,
        selection,
        known_inputs: Vec::new(),
        environment: BTreeMap::from(environment),
        sink: Arc::new(said.clone()),
        messages: Language::English,
        language: Language::English,
        clock: clock.clone(),
        directory: folder.to_owned(),
        told_of: Arc::default(),
        hooks_run: Arc::default(),
    }
}

#[test]
fn work_of_an_hour_takes_no_time_by_a_virtual_clock() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    std::fs::create_dir(folder.path().join("src")).unwrap();
    write("src/index.py", "def main_handler(event, context):\n    return 1\n");
    let inputs = "inputs:\n  src: ./src\n  runtime: Python3.9\n  handler: index.main_handler\n";
    write("serverless.yml", &format!("component: scf\nname: demo\napp: shop\n{inputs}"));

    let begin: DateTime<Utc> = "2026-01-02T03:04:05Z".parse().unwrap();
    let (clock, real) = (Clock::simulated(begin), Instant::now());
    let key = local::Credential { id: "AKIDTEST".into(), key: "KEYTEST".into(), token: None };
    let mut options = local::Options::new(vec![key]);
    let of_server = clock.clone();
    options.clock = Arc::new(move || of_server.now());
    options.transition = Duration::from_secs(30 * 60);
    // The clock is that of one thread; the server only reads it.
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let server = runtime.block_on(local::start(options)).unwrap();

    let said = Said::default();
    let request = deploy::Request {
        rolls_out: false,
        if_changed: false,
        skip_unsupported_triggers: false,
        prune_triggers: false,
        package: None,
        sha256: None,
        pack: PackOptions { respect_gitignore: false },
        concurrency: NonZeroU8::MIN,
        planning: deploy::Planning::No,
    };
    let context = context(folder.path(), &server.url(), &clock, &said);
    let done = deploy::run(&context, &request).unwrap();
    assert!(done.error.is_none());
    let steps = said.all();
    assert!(steps.iter().any(|step| step.starts_with("step: PublishVersion: ")), "{steps:?}");
    // Created, then published; and nobody slept much longer than that.
    let passed = clock.now() - begin;
    assert!(passed >= TimeDelta::minutes(60), "{passed}");
    assert!(passed < TimeDelta::minutes(75), "{passed}");
    // By a real clock it would have taken just that.
    assert!(TimeDelta::from_std(real.elapsed()).unwrap() < passed, "{:?}", real.elapsed());
}
