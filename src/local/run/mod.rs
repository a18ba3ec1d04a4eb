//! Handlers of functions, run for real: a child process with the version's code, its environment
//! and the event.
//!
//! It is no sandbox. What runs may do whatever its user may, so that nothing runs unless
//! [`Options::run`](super::Options::run) asks for it.

use std::collections::{BTreeMap, HashMap};
use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{self, Cursor, Read as _, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use serde::Deserialize;
use serde_json::json;

use super::error::Refusal;
use crate::fields;

const PYTHON: &str = include_str!("bootstrap.py");
const NODE: &str = include_str!("bootstrap.js");

/// What is kept of the output of one call, in bytes (`docs/reference/neighbours.md`, "Logs of a
/// function").
const LONGEST_LOG: u64 = 1 << 20;
/// The longest answer of a call, in bytes.
const LONGEST_ANSWER: u64 = 6 << 20;

/// The programs that run handlers.
#[derive(Debug, Clone)]
pub struct Interpreters {
    /// Python 3.
    pub python: OsString,
    /// Node.js.
    pub node: OsString,
    /// Variables of the server's own environment that handlers get: where programs are.
    pub environment: BTreeMap<String, String>,
}

/// One call of a handler.
#[derive(Debug, Clone)]
pub(super) struct Job {
    /// The package; nothing where the code is an image or a demo.
    pub(super) package: Option<(String, Arc<Vec<u8>>)>,
    pub(super) runtime: String,
    pub(super) handler: String,
    pub(super) environment: BTreeMap<String, String>,
    pub(super) context: serde_json::Value,
    pub(super) event: String,
    /// The time that the handler may take.
    pub(super) timeout: Duration,
    /// The time that loading it may take.
    pub(super) init_timeout: Duration,
}

/// What came of it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Ran {
    /// The JSON of what the handler returned.
    pub(super) outcome: Result<String, Failed>,
    /// What it wrote to stdout and stderr, in order.
    pub(super) log: String,
    pub(super) duration_ms: f64,
    /// Bytes; 0 where it is not known.
    pub(super) memory: u64,
}

/// Why a handler returned nothing.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Failed {
    /// It raised an error, or could not be loaded.
    Raised { message: String, stack: String },
    /// It took too long.
    TimedOut { seconds: f64 },
    /// Its process ended by itself.
    Exited { status: String },
    /// It returned more than an answer may have.
    TooLong { bytes: u64 },
}

/// Where code is unpacked. What is there goes with the server.
#[derive(Debug, Default)]
pub(super) struct Workplace {
    root: Mutex<Option<tempfile::TempDir>>,
    /// The folder of each package that was run, by hash.
    unpacked: Mutex<HashMap<String, PathBuf>>,
    /// Where each interpreter really is: asked once, since what is called may be a slow script.
    interpreters: [OnceLock<Result<OsString, String>>; 2],
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Language {
    Python,
    Node,
}

/// What the bootstrap tells.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Answer {
    returned: Option<String>,
    #[serde(default)]
    message: String,
    #[serde(default)]
    stack: String,
    duration_ms: f64,
    memory: u64,
}

fn refused(message: impl Into<String>) -> Refusal {
    Refusal::new("FailedOperation.InvokeFunction", message)
}

fn broken(error: &io::Error) -> Refusal {
    refused(format!("The local SCF cannot run the function: {error}."))
}

fn guarded<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Workplace {
    /// Removes what is there.
    pub(super) fn clear(&self) {
        guarded(&self.unpacked).clear();
        guarded(&self.root).take();
    }

    /// Runs a call to its end. This thread waits; `cancelled` ends the call.
    ///
    /// # Errors
    /// The local SCF cannot run it at all.
    pub(super) fn run(
        &self,
        job: &Job,
        interpreters: &Interpreters,
        cancelled: &AtomicBool,
    ) -> Result<Ran, Refusal> {
        let language = Language::of(&job.runtime)?;
        let interpreter = self.interpreter(language, interpreters)?;
        let (root, code) = self.unpack(job)?;
        let folder = tempfile::tempdir_in(&root).map_err(|error| broken(&error))?;
        let script = root.join(language.script());
        let call = json!({
            "code": code,
            "handler": job.handler,
            "event": job.event,
            "context": job.context,
        });
        fs::write(folder.path().join("call.json"), call.to_string())
            .map_err(|error| broken(&error))?;
        let log = folder.path().join("log");
        let output = File::create(&log).map_err(|error| broken(&error))?;
        let mut command = Command::new(&interpreter);
        command
            .arg(script)
            .arg(folder.path())
            .current_dir(&code)
            .env_clear()
            .envs(&interpreters.environment)
            .env("HOME", folder.path())
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .env("PYTHONUNBUFFERED", "1")
            .env("PYTHONIOENCODING", "utf-8")
            .envs(&job.environment)
            .stdin(Stdio::piped())
            .stdout(output.try_clone().map_err(|error| broken(&error))?)
            .stderr(output);
        alone(&mut command);
        let child = command.spawn().map_err(|error| missing(language, &interpreter, &error))?;
        let ended = Running { child, job, folder: folder.path() }.wait(cancelled);
        let ended = ended.map_err(|error| broken(&error))?;
        let log = tail(&log, LONGEST_LOG).map_err(|error| broken(&error))?;
        Ok(ran(&ended, log, folder.path()))
    }

    /// The folder of everything, and the one with the code of a call.
    fn unpack(&self, job: &Job) -> Result<(PathBuf, PathBuf), Refusal> {
        let Some((hash, package)) = &job.package else {
            return Err(refused(
                "The local SCF runs code of packages; this function has an image or a demo.",
            ));
        };
        let mut root = guarded(&self.root);
        if root.is_none() {
            let made = tempfile::Builder::new().prefix("scfctl-run-").tempdir();
            let made = made.map_err(|error| broken(&error))?;
            for language in [Language::Python, Language::Node] {
                fs::write(made.path().join(language.script()), language.bootstrap())
                    .map_err(|error| broken(&error))?;
            }
            *root = Some(made);
        }
        let folder = root.as_ref().map(|root| root.path().to_owned()).unwrap_or_default();
        drop(root);
        // Two first calls unpack one after the other.
        let mut unpacked = guarded(&self.unpacked);
        if let Some(code) = unpacked.get(hash) {
            return Ok((folder, code.clone()));
        }
        let code = folder.join(format!("code-{hash}"));
        let whole = zip::ZipArchive::new(Cursor::new(&package[..]))
            .and_then(|mut archive| archive.extract(&code));
        whole.map_err(|error| refused(format!("The package cannot be unpacked: {error}.")))?;
        unpacked.insert(hash.clone(), code.clone());
        Ok((folder, code))
    }

    /// Asks an interpreter where it really is.
    fn interpreter(
        &self,
        language: Language,
        interpreters: &Interpreters,
    ) -> Result<OsString, Refusal> {
        let (slot, program, arguments) = match language {
            Language::Python => {
                (0, &interpreters.python, ["-c", "import sys; sys.stdout.write(sys.executable)"])
            }
            Language::Node => {
                (1, &interpreters.node, ["-e", "process.stdout.write(process.execPath)"])
            }
        };
        let found = self.interpreters[slot].get_or_init(|| {
            let mut command = Command::new(program);
            command.env_clear().envs(&interpreters.environment);
            let output = command.args(arguments).stdin(Stdio::null()).output();
            match output {
                Ok(output) if output.status.success() && !output.stdout.is_empty() => {
                    let path = String::from_utf8_lossy(&output.stdout).into_owned();
                    Ok(OsString::from(path))
                }
                Ok(output) => Err(output.status.to_string()),
                Err(error) => Err(error.to_string()),
            }
        });
        found.clone().map_err(|reason| missing(language, program, &reason))
    }
}

fn missing(language: Language, program: &OsString, reason: &dyn std::fmt::Display) -> Refusal {
    let (name, variable) = match language {
        Language::Python => ("Python 3", "INVOKE_LOCAL_PYTHON"),
        Language::Node => ("Node.js", "SCFCTL_NODE"),
    };
    refused(format!(
        "The function needs {name}, and `{}` cannot be run: {reason}. Install it, or name it in \
         {variable}.",
        program.to_string_lossy()
    ))
}

impl Language {
    fn of(runtime: &str) -> Result<Self, Refusal> {
        let runtime = runtime.to_ascii_lowercase();
        if runtime.starts_with("python3") {
            Ok(Self::Python)
        } else if runtime.starts_with("nodejs") {
            Ok(Self::Node)
        } else {
            Err(refused(format!("The local SCF runs Python 3 and Node.js, not `{runtime}`.")))
        }
    }

    fn script(self) -> &'static str {
        match self {
            Self::Python => "bootstrap.py",
            Self::Node => "bootstrap.js",
        }
    }

    fn bootstrap(self) -> &'static str {
        match self {
            Self::Python => PYTHON,
            Self::Node => NODE,
        }
    }
}

/// Gives a process a group of its own, so that it ends with all that it started.
#[cfg(unix)]
fn alone(command: &mut Command) {
    use std::os::unix::process::CommandExt as _;
    command.process_group(0);
}

#[cfg(not(unix))]
fn alone(_: &mut Command) {}

/// A handler that runs.
struct Running<'a> {
    child: Child,
    job: &'a Job,
    folder: &'a Path,
}

/// How it ended.
enum Ended {
    By(std::process::ExitStatus),
    TimedOut(Duration),
}

impl Running<'_> {
    fn wait(mut self, cancelled: &AtomicBool) -> io::Result<Ended> {
        const FIRST: Duration = Duration::from_millis(1);
        const LONGEST: Duration = Duration::from_millis(10);
        let ready = self.folder.join("ready");
        let (mut began, mut limit) = (Instant::now(), self.job.init_timeout);
        let mut loaded = false;
        let mut pause = FIRST;
        loop {
            if let Some(status) = self.child.try_wait()? {
                // What it left behind.
                self.kill_group();
                return Ok(Ended::By(status));
            }
            if !loaded && ready.exists() {
                (loaded, began, limit) = (true, Instant::now(), self.job.timeout);
            }
            if began.elapsed() >= limit || cancelled.load(Ordering::Relaxed) {
                self.kill_group();
                self.child.kill()?;
                self.child.wait()?;
                return Ok(Ended::TimedOut(limit));
            }
            std::thread::sleep(pause);
            pause = (pause * 2).min(LONGEST);
        }
    }

    /// Ends all that the handler started, which are of its group.
    #[cfg(unix)]
    fn kill_group(&self) {
        let id = i32::try_from(self.child.id()).ok().and_then(rustix::process::Pid::from_raw);
        if let Some(id) = id {
            // There may be nobody left.
            let _ = rustix::process::kill_process_group(id, rustix::process::Signal::KILL);
        }
    }

    #[cfg(not(unix))]
    fn kill_group(&self) {}
}

fn ran(ended: &Ended, log: String, folder: &Path) -> Ran {
    let nothing = |failed, duration_ms| Ran {
        outcome: Err(failed),
        log: log.clone(),
        duration_ms,
        memory: 0,
    };
    let status = match ended {
        Ended::TimedOut(limit) => {
            let failed = Failed::TimedOut { seconds: limit.as_secs_f64() };
            return nothing(failed, limit.as_secs_f64() * 1000.0);
        }
        Ended::By(status) => *status,
    };
    let path = folder.join("answer.json");
    let length = fs::metadata(&path).map_or(0, |found| found.len());
    // Texts within a text: an answer that is allowed may be twice as long there.
    if length > LONGEST_ANSWER * 2 {
        return nothing(Failed::TooLong { bytes: length }, 0.0);
    }
    let answer: Option<Answer> = fs::read(&path)
        .ok()
        .and_then(|bytes| fields::read(&serde_json::from_slice(&bytes).ok()?).ok());
    let Some(Answer { returned, message, stack, duration_ms, memory }) = answer else {
        return nothing(Failed::Exited { status: status.to_string() }, 0.0);
    };
    let outcome = match returned {
        Some(text) if text.len() as u64 > LONGEST_ANSWER => {
            Err(Failed::TooLong { bytes: text.len() as u64 })
        }
        Some(text) => Ok(text),
        None => Err(Failed::Raised { message, stack }),
    };
    Ran { outcome, log, duration_ms, memory }
}

/// The end of a file as text.
fn tail(path: &Path, longest: u64) -> io::Result<String> {
    let mut file = File::open(path)?;
    let length = file.metadata()?.len();
    file.seek(SeekFrom::Start(length.saturating_sub(longest)))?;
    let mut bytes = Vec::new();
    file.take(longest).read_to_end(&mut bytes)?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

#[cfg(test)]
mod tests;
