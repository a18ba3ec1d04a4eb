//! Runs the blocks of every page, in order, in a folder of its own and against the local SCF, and has
//! it take the inputs that pages show.

use std::fmt::Write as _;
use std::io::{BufRead as _, BufReader, Write as _};
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Mutex;

use chrono::{DateTime, NaiveDateTime, TimeDelta};

use crate::page::{Block, Page, files, root};
use crate::shown::fits;

/// Blocks that are not run, each with its reason on the page: they need an account, a registry, a
/// release or minutes of compiling. Fewer is better, and more is to be talked about.
const NOT_RUN: usize = 17;

/// One command, as the page has it.
struct Step {
    /// Of the block.
    line: usize,
    command: String,
    exit: Exit,
    /// What is printed, where the page shows it.
    shown: Option<String>,
    numbers_vary: bool,
    stays: bool,
    /// Minutes that pass before it.
    later: i64,
}

#[derive(Clone, Copy, PartialEq, Debug)]
enum Exit {
    Code(i32),
    /// It fails, and the next command or a message tells how.
    Told,
}

/// What a command printed.
#[derive(Default, Clone)]
struct Printed {
    text: String,
    code: i32,
}

/// The exit code that a comment names.
fn named_code(line: &str) -> Option<i32> {
    let comment = line.rsplit_once(" #")?.1;
    let rest = ["exit code ", "退出码 "].iter().find_map(|words| comment.split_once(words))?.1;
    let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
    rest[..end].parse().ok()
}

/// Commands of a text, each with what belongs to it in further lines.
fn commands(text: &str) -> Vec<String> {
    let mut commands: Vec<String> = Vec::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        if line.trim().is_empty() || line.trim_start().starts_with('#') {
            continue;
        }
        let mut command = line.to_owned();
        while command.ends_with('\\') {
            command.push('\n');
            command.push_str(lines.next().unwrap_or_default());
        }
        if let Some((_, word)) = line.split_once("<<'") {
            let word = word.split('\'').next().unwrap();
            for line in lines.by_ref() {
                command.push('\n');
                command.push_str(line);
                if line == word {
                    break;
                }
            }
        }
        commands.push(command);
    }
    commands
}

/// The commands of a block of a terminal, with what each prints.
fn session(text: &str) -> Vec<(String, String)> {
    let mut found: Vec<(String, String)> = Vec::new();
    for line in text.lines() {
        if let Some(command) = line.strip_prefix("$ ") {
            found.push((command.to_owned(), String::new()));
        } else {
            let (_, shown) = found.last_mut().expect("a terminal begins with a command");
            shown.push_str(line);
            shown.push('\n');
        }
    }
    found
}

impl Step {
    fn of(block: &Block, command: String, shown: Option<String>) -> Self {
        Self {
            line: block.line,
            exit: Exit::Code(named_code(&command).unwrap_or(0)),
            command,
            shown,
            numbers_vary: block.asked.numbers_vary,
            stays: block.asked.stays,
            later: 0,
        }
    }
}

fn steps(page: &Page) -> Vec<Step> {
    let mut steps: Vec<Step> = Vec::new();
    for block in page.blocks.iter().filter(|block| block.asked.not_run.is_none()) {
        for command in &block.asked.first {
            steps.push(Step { stays: false, ..Step::of(block, command.clone(), None) });
        }
        let before = steps.len();
        if block.asked.is_end {
            let last = steps.last_mut().expect("no command above");
            last.shown = Some(format!("…\n{}…\n", block.text));
        }
        match &*block.language {
            "sh" => {
                let all = commands(&block.text).into_iter();
                steps.extend(all.map(|command| Step::of(block, command, None)));
            }
            "console" => {
                let all = session(&block.text);
                for (index, (command, shown)) in all.iter().enumerate() {
                    let mut step = Step::of(block, command.clone(), Some(shown.clone()));
                    let is_failure =
                        |line: &str| line.starts_with("error: ") || line.starts_with("错误：");
                    let is_asked = all.get(index + 1).is_some_and(|(next, _)| next == "echo $?");
                    if (shown.lines().any(is_failure) || is_asked) && step.exit == Exit::Code(0) {
                        step.exit = Exit::Told;
                    }
                    if shown.trim().is_empty() && all.len() > 1 {
                        step.shown = None;
                    }
                    steps.push(step);
                }
            }
            "yaml" if block.text.starts_with("inputs:\n") => {
                steps.push(Step::of(block, taken(&block.text), None));
            }
            _ => {}
        }
        if let (Some(minutes), Some(step)) = (block.asked.later, steps.get_mut(before)) {
            step.later = minutes;
        }
    }
    steps
}

/// A command that fails unless the inputs that a page shows are taken without a warning, in place of
/// those of the project.
fn taken(inputs: &str) -> String {
    const MADE: &str = "mkdir -p app/dist/test app/dist/config; cp src/index.py app/dist; \
         touch app/dist/index.map app/dist/test/x app/dist/config/.env.prod";
    let said = |key: &str| inputs.contains(&format!("\n  {key}:"));
    // The hook would make what is packed.
    let (command, before) =
        if said("src") { ("package --list", MADE) } else { ("deploy --dry-run", "true") };
    let mut file = "component: scf\nname: hello\napp: greetings\ninputs:\n".to_owned();
    for (key, value) in
        [("runtime", "Python3.9"), ("handler", "index.main_handler"), ("src", "./src")]
    {
        if !said(key) {
            let _ = writeln!(file, "  {key}: {value}");
        }
    }
    file.push_str(inputs.trim_start_matches("inputs:\n"));
    format!(
        "mv serverless.yml kept.yml; {before}; printf '%s' {} > serverless.yml; \
         said=$(scfctl {command} 2>&1); code=$?; mv kept.yml serverless.yml; echo \"$said\"; \
         [ $code = 0 ] && ! grep -E '^(warning: |警告：)' <<<\"$said\"",
        quoted(&file)
    )
}

fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

/// One script, so that folders and variables stay from block to block. Before each command it asks
/// to go on, after it it says how it ended.
fn script(steps: &[Step]) -> String {
    let mut script = "exec 2>&1\n\
        # The program is built already.\n\
        cargo() { if [ \"$1 $2 $3\" = 'run --release --' ]; then shift 3; scfctl \"$@\"; else command cargo \"$@\"; fi; }\n\
        ended=0\n"
        .to_owned();
    for step in steps {
        let command = if step.stays {
            format!("timeout --signal=INT 1 bash -c {}", quoted(&step.command))
        } else {
            step.command.clone()
        };
        let _ = write!(
            script,
            "printf '\\001%d\\n' {}\nread -r go\n{{ (exit $ended)\n{command}\n}} </dev/null\nended=$?\nprintf '\\n\\002%d\\n' $ended\n",
            step.later
        );
    }
    script
}

/// The project's folder, programs, and a home of its own.
fn sandbox(page: &Page) -> (tempfile::TempDir, PathBuf) {
    let sandbox = tempfile::tempdir_in(std::env::temp_dir().canonicalize().unwrap()).unwrap();
    let at = |name: &str| sandbox.path().join(name);
    for name in ["bin", "home"] {
        std::fs::create_dir(at(name)).unwrap();
    }
    for name in ["scfctl", "sls"] {
        symlink(env!("CARGO_BIN_EXE_scfctl"), at("bin").join(name)).unwrap();
    }
    let folder = match page.folder.as_deref() {
        // As in a clone.
        None if page.name.starts_with("README") => {
            copy(&root().join("examples"), &at("scfctl/examples"));
            at("scfctl")
        }
        folder => {
            let from = root().join(folder.unwrap_or("examples/hello"));
            let folder = at(from.file_name().unwrap().to_str().unwrap());
            copy(&from, &folder);
            folder
        }
    };
    (sandbox, folder)
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        // What somebody has tried there is no part of it.
        if entry.file_name() == ".scfctl" {
            continue;
        }
        let to = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &to);
        } else {
            std::fs::copy(entry.path(), to).unwrap();
        }
    }
}

/// Moves all that local SCFs below a folder know into the past.
fn pass(folder: &Path, minutes: i64) {
    for entry in std::fs::read_dir(folder).unwrap().flatten() {
        let path = entry.path();
        if entry.file_type().unwrap().is_dir() {
            pass(&path, minutes);
        } else if path.ends_with(".scfctl/local.json") {
            let text = std::fs::read_to_string(&path).unwrap();
            std::fs::write(&path, moved(&text, TimeDelta::minutes(minutes))).unwrap();
        }
    }
}

/// A state with all its times, and those of markers in it, so much earlier.
fn moved(text: &str, by: TimeDelta) -> String {
    let parts = text.split('"').map(|part| {
        if let Ok(time) = DateTime::parse_from_rfc3339(part) {
            return (time - by).to_rfc3339();
        }
        let Some((before, began)) = part.split_once(", began ") else { return part.to_owned() };
        let (began, after) = began.split_at(13);
        let time = NaiveDateTime::parse_from_str(began, "%Y%m%dT%H%M").unwrap() - by;
        format!("{before}, began {}{after}", time.format("%Y%m%dT%H%M"))
    });
    parts.collect::<Vec<_>>().join("\"")
}

/// Runs the commands of a page, and returns what each printed.
fn run(page: &Page, steps: &[Step]) -> Vec<Printed> {
    let (sandbox, folder) = sandbox(page);
    let bin = sandbox.path().join("bin");
    let path = std::env::var("PATH").unwrap_or_default();
    let is_chinese = page.name.starts_with("docs/zh/") || page.name.contains("zh-CN");
    // What does not end is no example, or has to say so.
    let mut command = Command::new("timeout");
    command
        .args(["--kill-after=5", "300", "bash", "--noprofile", "--norc", "-c", &script(steps)])
        .current_dir(&folder)
        .env_clear()
        .env("PATH", format!("{}:{path}", bin.display()))
        .env("HOME", sandbox.path().join("home"))
        .env("LANG", if is_chinese { "zh_CN.UTF-8" } else { "C.UTF-8" })
        .env("TERM", "dumb")
        .env("BUILD_ID", "1742")
        // Nobody's machine is asked for its role.
        .env("SCFCTL_METADATA_ENDPOINT", "off");
    // The first pages say it themselves.
    if !page.name.starts_with("README") {
        command.env("SCFCTL_LOCAL", "1");
    }
    let mut child =
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("timeout is not there");
    let mut goes_on = child.stdin.take().unwrap();
    let mut all: Vec<Printed> = Vec::new();
    for line in BufReader::new(child.stdout.take().unwrap()).split(b'\n') {
        let line = String::from_utf8_lossy(&line.unwrap()).into_owned();
        if let Some(minutes) = line.strip_prefix('\u{1}') {
            let minutes = minutes.parse().unwrap();
            if minutes > 0 {
                pass(sandbox.path(), minutes);
            }
            all.push(Printed::default());
            goes_on.write_all(b"\n").unwrap();
        } else if let Some(code) = line.strip_prefix('\u{2}') {
            all.last_mut().unwrap().code = code.parse().unwrap();
        } else if let Some(printed) = all.last_mut() {
            printed
                .text
                .push_str(&line.replace(&sandbox.path().display().to_string(), "/home/you"));
            printed.text.push('\n');
        }
    }
    child.wait().unwrap();
    all
}

/// What is wrong with a page.
fn faults(page: &Page) -> Vec<String> {
    let steps = steps(page);
    let printed = run(page, &steps);
    let is_loud = std::env::var_os("DOCS_SHOW").is_some();
    let mut faults = Vec::new();
    for (index, step) in steps.iter().enumerate() {
        let place = format!("{}:{}: {}", page.name, step.line, step.command);
        let Some(printed) = printed.get(index) else {
            faults.push(format!("{place}\nwas not run"));
            break;
        };
        if is_loud {
            println!("== {place}\n{}== exit code {}\n", printed.text, printed.code);
        }
        let ends = match step.exit {
            _ if step.stays => matches!(printed.code, 0 | 124 | 130),
            Exit::Code(code) => printed.code == code,
            Exit::Told => printed.code != 0,
        };
        if !ends {
            faults.push(format!(
                "{place}\nexit code {}, not {:?}:\n{}",
                printed.code, step.exit, printed.text
            ));
        } else if let Some(shown) = &step.shown
            && !fits(shown, &printed.text, step.numbers_vary)
        {
            faults.push(format!("{place}\nprinted:\n{}\nand not:\n{shown}", printed.text));
        }
    }
    faults
}

fn run_pages() -> Vec<Page> {
    let names = ["README.md", "README.zh-CN.md", "SECURITY.md"].map(str::to_owned);
    let all = names.into_iter().chain(files("docs", ".md"));
    let all = all.filter(|name| !name.starts_with("docs/reference/"));
    all.map(|name| Page::read(&name)).collect()
}

/// `DOCS=rollouts` runs pages with this in their names alone, `DOCS_SHOW=1` shows what is printed.
#[test]
fn every_block_runs_and_prints_what_it_shows() {
    let only = std::env::var("DOCS").unwrap_or_default();
    let mut pages = run_pages();
    pages.retain(|page| page.name.contains(&only));
    let left = Mutex::new(pages.iter());
    let faults = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        // Much of it is waiting.
        for _ in 0..8 {
            scope.spawn(|| {
                loop {
                    let Some(page) = left.lock().unwrap().next() else { break };
                    let found = self::faults(page);
                    faults.lock().unwrap().extend(found);
                }
            });
        }
    });
    let faults = faults.into_inner().unwrap();
    assert!(faults.is_empty(), "{}", faults.join("\n\n"));
}

#[test]
fn what_is_not_run_is_counted() {
    let pages = run_pages();
    let blocks =
        || pages.iter().flat_map(|page| page.blocks.iter().map(move |block| (page, block)));
    let left: Vec<String> = blocks()
        .filter_map(|(page, block)| {
            let why = block.asked.not_run.as_ref()?;
            assert!(matches!(&*block.language, "sh" | "console"), "{}:{}", page.name, block.line);
            Some(format!("{}:{}: {why}", page.name, block.line))
        })
        .collect();
    assert_eq!(left.len(), NOT_RUN, "{left:#?}");
    let run = blocks().filter(|(_, block)| matches!(&*block.language, "sh" | "console")).count();
    assert!(run - left.len() > 2 * left.len(), "{run}");
}

#[test]
fn a_block_is_as_many_commands_as_it_has() {
    let text = "# alone\na \\\n  b\n\ncat >x <<'EOF'\n1\nEOF\nc  # exit code 8\n";
    assert_eq!(commands(text), ["a \\\n  b", "cat >x <<'EOF'\n1\nEOF", "c  # exit code 8"]);
    assert_eq!(named_code("c  # exit code 8"), Some(8));
    let page = Page::of("x.md", "```console\n$ a\nerror: b\n$ c\n$ echo $?\n3\n```\n");
    let [first, second, third] = &steps(&page)[..] else { panic!() };
    assert_eq!((first.exit, first.shown.as_deref()), (Exit::Told, Some("error: b\n")));
    assert_eq!((second.exit, &second.shown), (Exit::Told, &None));
    assert_eq!((third.exit, third.shown.as_deref()), (Exit::Code(0), Some("3\n")));
}

#[test]
fn what_passes_is_all_that_was() {
    let text = r#"{"a":"2026-11-28T00:04:00.5+00:00","d":"x\nscfctl v1 id 1, began 20261128T0002, starts 0"}"#;
    let earlier = r#"{"a":"2026-11-27T23:59:00.500+00:00","d":"x\nscfctl v1 id 1, began 20261127T2357, starts 0"}"#;
    assert_eq!(moved(text, TimeDelta::minutes(5)), earlier);
}
