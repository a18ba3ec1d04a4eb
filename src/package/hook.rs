//! `src.hook`: a command of the project that builds what is packed.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read};
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::{Duration, Instant};

/// Maximum length of a line of a hook's output, in bytes.
const LINE_LIMIT: u64 = 16 << 10;
/// How often to check on a hook that prints nothing.
const LOOK: Duration = Duration::from_millis(50);
/// How long the last lines of a finished hook may take to arrive.
const LAST: Duration = Duration::from_secs(2);

/// A command to run before packing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hook {
    /// Command line for the shell.
    pub command: String,
    /// Working directory.
    pub folder: PathBuf,
}

/// Why a hook failed.
#[derive(Debug, thiserror::Error)]
pub enum HookError {
    /// It could not be started.
    #[error("cannot start src.hook `{command}` in `{}`", folder.display())]
    Start {
        /// The command.
        command: String,
        /// Its working directory.
        folder: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// It exited with a failure.
    #[error("src.hook `{command}` failed: {status}")]
    Failed {
        /// The command.
        command: String,
        /// Its exit status.
        status: ExitStatus,
    },
    /// It exceeded the overall time limit.
    #[error("src.hook `{command}` was still running after {} s and was ended", timeout.as_secs_f64())]
    TimedOut {
        /// The command.
        command: String,
        /// The time limit.
        timeout: Duration,
    },
}

impl Hook {
    /// Runs the command to its end.
    ///
    /// Each line that it prints is passed to `print`. `variables` are added to the environment of
    /// this process.
    ///
    /// # Errors
    /// Fails if the command cannot be started, exits with anything but 0, or does not finish in
    /// time.
    pub fn run(
        &self,
        variables: &BTreeMap<String, String>,
        timeout: Duration,
        print: &dyn Fn(&str),
    ) -> Result<(), HookError> {
        let (shell, option) = if cfg!(windows) { ("cmd", "/C") } else { ("sh", "-c") };
        let start = |source| HookError::Start {
            command: self.command.clone(),
            folder: self.folder.clone(),
            source,
        };
        let mut child = Command::new(shell)
            .args([option, &self.command])
            .current_dir(&self.folder)
            .envs(variables)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(start)?;
        let (sender, lines) = channel();
        let outputs: [Option<Box<dyn Read + Send>>; 2] = [
            child.stdout.take().map(|output| Box::new(output) as Box<dyn Read + Send>),
            child.stderr.take().map(|output| Box::new(output) as Box<dyn Read + Send>),
        ];
        for output in outputs.into_iter().flatten() {
            let sender = sender.clone();
            std::thread::spawn(move || {
                let mut reader = BufReader::new(output);
                let mut line = Vec::new();
                while let Ok(1..) = reader.by_ref().take(LINE_LIMIT).read_until(b'\n', &mut line) {
                    let text = String::from_utf8_lossy(&line).trim_end().to_owned();
                    if sender.send(text).is_err() {
                        return;
                    }
                    line.clear();
                }
            });
        }
        drop(sender);
        let status = self.wait(&mut child, &lines, timeout, print)?;
        if status.success() {
            return Ok(());
        }
        Err(HookError::Failed { command: self.command.clone(), status })
    }

    fn wait(
        &self,
        child: &mut Child,
        lines: &std::sync::mpsc::Receiver<String>,
        timeout: Duration,
        print: &dyn Fn(&str),
    ) -> Result<ExitStatus, HookError> {
        let until = Instant::now() + timeout;
        loop {
            match lines.recv_timeout(LOOK) {
                Ok(line) => {
                    print(&line);
                    continue;
                }
                Err(RecvTimeoutError::Timeout) => {}
                // The hook has closed its output; only its end is waited for. A program that it left
                // behind may keep the output open, which is not waited for, either.
                Err(RecvTimeoutError::Disconnected) => std::thread::park_timeout(LOOK),
            }
            let failed = |source| HookError::Start {
                command: self.command.clone(),
                folder: self.folder.clone(),
                source,
            };
            if let Some(status) = child.try_wait().map_err(failed)? {
                // The last lines may still be on their way. Their end shows at once, unless a
                // program that the hook left behind keeps the output open.
                let end = Instant::now() + LAST;
                let left = || end.saturating_duration_since(Instant::now());
                while let Ok(line) = lines.recv_timeout(left()) {
                    print(&line);
                }
                return Ok(status);
            }
            if Instant::now() >= until {
                let _ = child.kill();
                let _ = child.wait();
                return Err(HookError::TimedOut { command: self.command.clone(), timeout });
            }
        }
    }
}
