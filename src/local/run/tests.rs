//! Handlers that run in child processes.

use std::io::Write as _;

use super::*;

fn interpreters() -> Interpreters {
    let path = std::env::var("PATH").unwrap_or_default();
    Interpreters {
        python: "python3".into(),
        node: "node".into(),
        environment: BTreeMap::from([("PATH".to_owned(), path)]),
    }
}

fn job(runtime: &str, handler: &str, files: &[(&str, &str)], event: &str) -> Job {
    let mut bytes = Cursor::new(Vec::new());
    let mut archive = zip::ZipWriter::new(&mut bytes);
    for (name, text) in files {
        archive.start_file(*name, zip::write::SimpleFileOptions::default()).unwrap();
        archive.write_all(text.as_bytes()).unwrap();
    }
    archive.finish().unwrap();
    let bytes = bytes.into_inner();
    let hash = format!("{:x}", fastrand::u64(..));
    Job {
        package: Some((hash, Arc::new(bytes))),
        runtime: runtime.to_owned(),
        handler: handler.to_owned(),
        environment: BTreeMap::from([("COLOUR".to_owned(), "红 blue".to_owned())]),
        context: json!({"request_id": "id-1", "function_version": "2"}),
        event: event.to_owned(),
        timeout: Duration::from_secs(20),
        init_timeout: Duration::from_secs(60),
    }
}

fn run(job: &Job) -> Result<Ran, Refusal> {
    Workplace::default().run(job, &interpreters(), &AtomicBool::new(false))
}

#[test]
fn a_python_handler_gets_event_context_and_environment() {
    let code = "import os, sys, helper\n\
        def main_handler(event, context):\n    \
            print('seen', event['a'])\n    \
            print('aside', file=sys.stderr)\n    \
            return {'e': event, 'v': context['function_version'], 'c': os.environ['COLOUR'],\n            \
            'h': helper.WORD, 'k': 'TENCENT_SECRET_KEY' in os.environ, 'in': sys.stdin.read()}\n";
    let files = [("index.py", code), ("helper.py", "WORD = 'help'\n")];
    let ran = run(&job("Python3.9", "index.main_handler", &files, r#"{"a": true}"#)).unwrap();
    let returned = ran.outcome.unwrap();
    let value: serde_json::Value = serde_json::from_str(&returned).unwrap();
    assert_eq!(
        value,
        json!({"e": {"a": true}, "v": "2", "c": "红 blue", "h": "help", "k": false, "in": ""})
    );
    assert_eq!(ran.log, "seen True\naside\n");
    assert!(ran.memory > 1 << 20, "{}", ran.memory);
    assert!(ran.duration_ms > 0.0 && ran.duration_ms < 20_000.0);
}

#[test]
fn a_node_handler_returns_promises_callbacks_and_values() {
    for (body, expected) in [
        (
            "exports.main_handler = async (event) => { console.log('hi'); return event.a + 1; };",
            "2",
        ),
        (
            "exports.main_handler = (event, context, done) => setTimeout(() => done(null, context.request_id), 5);",
            "\"id-1\"",
        ),
        (
            "exports.main_handler = (event, context, done) => { done(null, process.env.COLOUR); };",
            "\"红 blue\"",
        ),
        ("exports.main_handler = () => undefined;", "null"),
        ("exports.main_handler = (event, context, done) => {};", "null"),
    ] {
        let files = [("lib/index.js", body)];
        let ran =
            run(&job("Nodejs18.15", "lib/index.main_handler", &files, r#"{"a": 1}"#)).unwrap();
        assert_eq!(ran.outcome, Ok(expected.to_owned()), "{body}\n{}", ran.log);
    }
}

#[test]
fn a_handler_that_fails_says_how() {
    let raise =
        "def main_handler(event, context):\n    print('before')\n    raise ValueError('no good')\n";
    for (runtime, handler, file, body, told) in [
        ("Python3.9", "index.main_handler", "index.py", raise, "ValueError: no good"),
        (
            "Python3.9",
            "index.main_handler",
            "index.py",
            "import nothing_of_the_kind\n",
            "No module named",
        ),
        ("Python3.9", "index.other", "index.py", raise, "no attribute 'other'"),
        (
            "Python3.9",
            "index.main_handler",
            "index.py",
            "import sys\ndef main_handler(e, c):\n    sys.exit(3)\n",
            "SystemExit: 3",
        ),
        (
            "Nodejs18.15",
            "index.main_handler",
            "index.js",
            "exports.main_handler = async () => { throw new TypeError('bad'); };",
            "TypeError: bad",
        ),
        (
            "Nodejs18.15",
            "index.main_handler",
            "index.js",
            "exports.main_handler = (e, c, done) => done(new Error('told'));",
            "Error: told",
        ),
        (
            "Nodejs18.15",
            "index.main_handler",
            "index.js",
            "exports.main_handler = (e, c, done) => setTimeout(() => { throw new Error('late'); }, 1);",
            "Error: late",
        ),
        ("Nodejs18.15", "gone.main_handler", "index.js", "", "Cannot find module 'gone'"),
    ] {
        let ran = run(&job(runtime, handler, &[(file, body)], "{}")).unwrap();
        let Err(Failed::Raised { message, stack }) = &ran.outcome else { panic!("{ran:?}") };
        assert!(message.contains(told), "{told}: {message}");
        assert!(!stack.contains("bootstrap.py"), "{stack}");
    }
}

#[test]
fn a_handler_that_hangs_or_dies_is_over() {
    let mut hangs = job(
        "Python3.9",
        "index.main_handler",
        &[(
            "index.py",
            "import time\ndef main_handler(e, c):\n    print('waits')\n    time.sleep(60)\n",
        )],
        "{}",
    );
    // Enough for it to begin.
    hangs.timeout = Duration::from_secs(3);
    let began = Instant::now();
    let ran = run(&hangs).unwrap();
    assert_eq!(ran.outcome, Err(Failed::TimedOut { seconds: 3.0 }));
    assert_eq!(ran.log, "waits\n");
    // Nobody has waited for its end.
    assert!(began.elapsed() < Duration::from_secs(60));
    let dies = [("index.py", "import os\ndef main_handler(e, c):\n    os.abort()\n")];
    let ran = run(&job("Python3.9", "index.main_handler", &dies, "{}")).unwrap();
    let Err(Failed::Exited { status }) = ran.outcome else { panic!("{ran:?}") };
    assert!(status.contains("signal"), "{status}");
}

#[test]
fn what_cannot_be_run_is_one_clear_error() {
    let python = job("Python3.9", "index.main_handler", &[("index.py", "")], "{}");
    let none = Interpreters { python: "no-such-python".into(), ..interpreters() };
    let refused = Workplace::default().run(&python, &none, &AtomicBool::new(false)).unwrap_err();
    assert!(refused.message.contains("needs Python 3, and `no-such-python`"), "{refused}");
    assert!(refused.message.contains("INVOKE_LOCAL_PYTHON"), "{refused}");
    let go = job("Go1", "main", &[("main", "")], "{}");
    assert!(run(&go).unwrap_err().message.contains("not `go1`"));
    let image = Job { package: None, ..python };
    assert!(run(&image).unwrap_err().message.contains("an image or a demo"));
}
