//! A pseudo terminal with a command on it.

use std::fs::File;
use std::io::{Read as _, Write as _};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};

use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{Termios, Winsize, tcgetattr, tcsetwinsize};

use crate::sandbox::{Sandbox, code, eventually};

const ROWS: u16 = 20;

pub struct Tty {
    process: Child,
    columns: u16,
    master: File,
    /// The other end, whose settings the command changes.
    slave: File,
    before: Termios,
    printed: Arc<Mutex<Vec<u8>>>,
}

impl Tty {
    /// Without colours, which a test of its own is about.
    pub fn spawn(sandbox: &Sandbox, columns: u16, arguments: &[&str]) -> Self {
        let mut command = sandbox.command(arguments);
        command.env("NO_COLOR", "1");
        Self::begun(columns, command, None)
    }

    /// A command whose stderr is on the terminal, and whose stdout goes to this file.
    pub fn beside(command: Command, stdout: File) -> Self {
        Self::begun(400, command, Some(stdout))
    }

    /// The same, on a wide terminal.
    pub fn of(command: Command) -> Self {
        Self::begun(400, command, None)
    }

    fn begun(columns: u16, mut command: Command, stdout: Option<File>) -> Self {
        let master = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
        grantpt(&master).unwrap();
        unlockpt(&master).unwrap();
        let name = ptsname(&master, Vec::new()).unwrap().into_string().unwrap();
        let slave = std::fs::OpenOptions::new().read(true).write(true).open(name).unwrap();
        let size = Winsize { ws_row: ROWS, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0 };
        tcsetwinsize(&slave, size).unwrap();
        let before = tcgetattr(&slave).unwrap();
        let end = || Stdio::from(slave.try_clone().unwrap());
        command.stdin(end()).stdout(stdout.map_or_else(end, Stdio::from)).stderr(end());
        if !command.get_envs().any(|(name, _)| name == "TERM") {
            command.env("TERM", "xterm-256color");
        }
        let process = command.spawn().unwrap();
        drop(command);
        let master = File::from(master);
        let printed = Arc::new(Mutex::new(Vec::new()));
        let (mut reader, heard) = (master.try_clone().unwrap(), Arc::clone(&printed));
        std::thread::spawn(move || {
            let mut some = [0; 4096];
            while let Ok(count) = reader.read(&mut some) {
                heard.lock().unwrap().extend_from_slice(&some[..count]);
            }
        });
        Self { process, columns, master, slave, before, printed }
    }

    /// The command's process. It is no session of its own, so that no key is a signal.
    pub fn id(&self) -> u32 {
        self.process.id()
    }

    pub fn keys(&self, keys: &str) {
        (&self.master).write_all(keys.as_bytes()).unwrap();
    }

    fn printed(&self) -> String {
        String::from_utf8_lossy(&self.printed.lock().unwrap()).into_owned()
    }

    /// What stands on the screen: text at the places where it was put.
    fn screen(&self) -> String {
        let printed = self.printed();
        let (rows, columns) = (usize::from(ROWS), usize::from(self.columns));
        let mut grid = vec![vec![' '; columns]; rows];
        let (mut row, mut column) = (0, 0);
        let mut rest = printed.chars().peekable();
        while let Some(character) = rest.next() {
            if character == '\u{1b}' {
                let mut code = String::new();
                for part in rest.by_ref() {
                    code.push(part);
                    if part.is_ascii_alphabetic() {
                        break;
                    }
                }
                if let Some(place) = code.strip_prefix('[').and_then(|code| code.strip_suffix('H'))
                {
                    let (line, at) = place.split_once(';').unwrap_or(("1", "1"));
                    row = line.parse::<usize>().unwrap() - 1;
                    column = at.parse::<usize>().unwrap() - 1;
                }
            } else if row < rows && column < columns && !character.is_control() {
                grid[row][column] = character;
                let is_wide = ('\u{2e80}'..='\u{ffef}').contains(&character);
                column += if is_wide { 2 } else { 1 };
            }
        }
        let lines = grid.iter().map(|line| line.iter().collect::<String>().trim_end().to_owned());
        lines.collect::<Vec<_>>().join("\n")
    }

    /// Waits until this stands on the screen.
    #[track_caller]
    pub fn until(&self, shown: &str) {
        eventually(
            || self.screen().contains(shown).then_some(()),
            || format!("no `{shown}` on:\n{}", self.screen()),
        );
    }

    /// Waits until this was printed; all that was by then.
    #[track_caller]
    pub fn prints(&self, text: &str) -> String {
        eventually(
            || Some(self.printed()).filter(|printed| printed.contains(text)),
            || format!("no `{text}` in:\n{}", self.printed()),
        )
    }

    /// How it exits, with the terminal as it was before, and all that it printed.
    #[track_caller]
    pub fn ended(mut self) -> (i32, String) {
        let ended = |process: &mut Child| process.try_wait().unwrap();
        let status = eventually(|| ended(&mut self.process), || "it goes on".to_owned());
        let after = tcgetattr(&self.slave).unwrap();
        assert_eq!(after.local_modes, self.before.local_modes);
        assert_eq!(after.input_modes, self.before.input_modes);
        // What it wrote last may still be in the terminal, before this.
        (&self.slave).write_all(b"[the end]").unwrap();
        let printed = self.prints("[the end]");
        (code(status), printed.strip_suffix("[the end]").unwrap().to_owned())
    }
}

impl Drop for Tty {
    fn drop(&mut self) {
        // Where a test fails it may still run.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Printed text without its colours.
pub fn plain(printed: &str) -> String {
    let mut pieces = printed.split("\u{1b}[");
    let mut plain = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let style = piece.trim_start_matches(|digit: char| digit.is_ascii_digit() || digit == ';');
        match style.strip_prefix('m') {
            Some(text) => plain.push_str(text),
            None => plain.extend(["\u{1b}[", piece]),
        }
    }
    plain
}
