//! Pages of Markdown: blocks of code and what is said to this test about them, headings, links.

use std::path::{Path, PathBuf};

/// A file of the documentation.
pub(crate) struct Page {
    /// Below the repository, with `/`.
    pub(crate) name: String,
    pub(crate) headings: Vec<Heading>,
    pub(crate) blocks: Vec<Block>,
    /// What is not code, with the numbers of its lines.
    pub(crate) prose: Vec<(usize, String)>,
    /// Where the commands of the page run: `in a copy of FOLDER`.
    pub(crate) folder: Option<String>,
}

pub(crate) struct Heading {
    pub(crate) level: usize,
    pub(crate) text: String,
}

/// A fenced block.
pub(crate) struct Block {
    /// Of its fence, from 1.
    pub(crate) line: usize,
    pub(crate) language: String,
    pub(crate) text: String,
    pub(crate) asked: Asked,
}

/// What comments right before a block ask of this test:
///
/// - `<!-- not run: WHY -->`
/// - `<!-- run: WORDS; WORDS -->`: `later 5m` (the local SCF's past is moved back by that first),
///   `numbers vary` (numbers and bars are not compared), `stays` (the commands do not end by
///   themselves), `the end of the output above` (no commands: what the last one printed ends so)
/// - `<!-- run first: COMMANDS -->`, of several lines: run before (and before time passes), not shown
#[derive(Default, Clone)]
pub(crate) struct Asked {
    pub(crate) not_run: Option<String>,
    pub(crate) later: Option<i64>,
    pub(crate) numbers_vary: bool,
    pub(crate) stays: bool,
    pub(crate) is_end: bool,
    pub(crate) first: Vec<String>,
}

pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The files below a folder of the repository that end so, sorted.
pub(crate) fn files(folder: &str, end: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut folders = vec![root().join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let entry = entry.unwrap();
            if entry.file_type().unwrap().is_dir() {
                folders.push(entry.path());
            } else if entry.file_name().to_string_lossy().ends_with(end) {
                found.push(named(&entry.path()));
            }
        }
    }
    found.sort();
    found
}

fn named(path: &Path) -> String {
    let below = path.strip_prefix(root()).unwrap();
    below.components().map(|part| part.as_os_str().to_string_lossy()).collect::<Vec<_>>().join("/")
}

/// Pages at the top of the repository.
const TOP: &[&str] =
    &["CHANGELOG.md", "CONTRIBUTING.md", "README.md", "README.zh-CN.md", "SECURITY.md"];

/// Every page.
pub(crate) fn pages() -> Vec<Page> {
    let top = TOP.iter().map(|name| (*name).to_owned());
    top.chain(files("docs", ".md")).map(|name| Page::read(&name)).collect()
}

impl Page {
    pub(crate) fn read(name: &str) -> Self {
        let path: PathBuf = root().join(name);
        let text = std::fs::read_to_string(&path).unwrap_or_else(|why| panic!("{name}: {why}"));
        Self::of(name, &text)
    }

    pub(crate) fn of(name: &str, text: &str) -> Self {
        let mut page = Self {
            name: name.to_owned(),
            headings: Vec::new(),
            blocks: Vec::new(),
            prose: Vec::new(),
            folder: None,
        };
        let mut asked = Asked::default();
        let mut lines = text.lines().zip(1..);
        while let Some((line, number)) = lines.next() {
            let indent = line.len() - line.trim_start().len();
            if let Some(language) = line.trim_start().strip_prefix("```") {
                let mut block = String::new();
                let ended = lines.by_ref().any(|(line, _)| {
                    let inner = line.get(indent..).unwrap_or_default();
                    let ends = line.trim() == "```";
                    if !ends {
                        block.push_str(inner);
                        block.push('\n');
                    }
                    ends
                });
                assert!(ended, "{name}:{number}: a block without an end");
                let asked = std::mem::take(&mut asked);
                let language = language.to_owned();
                page.blocks.push(Block { line: number, language, text: block, asked });
            } else if let Some(comment) = line.trim_start().strip_prefix("<!--") {
                let mut comment = comment.to_owned();
                while !comment.contains("-->") {
                    let (line, _) =
                        lines.next().unwrap_or_else(|| panic!("{name}:{number}: no -->"));
                    comment.push('\n');
                    comment.push_str(line);
                }
                page.take(&mut asked, comment.split("-->").next().unwrap(), number);
            } else {
                if let Some(heading) = heading(line) {
                    page.headings.push(heading);
                }
                page.prose.push((number, line.to_owned()));
            }
        }
        page
    }

    /// Takes what a comment asks.
    fn take(&mut self, asked: &mut Asked, comment: &str, line: usize) {
        let comment = comment.trim();
        if let Some(why) = comment.strip_prefix("not run:") {
            assert!(!why.trim().is_empty(), "{}:{line}: say why", self.name);
            asked.not_run = Some(why.trim().to_owned());
        } else if let Some(commands) = comment.strip_prefix("run first:") {
            asked.first.extend(
                commands.lines().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned),
            );
        } else if let Some(words) = comment.strip_prefix("run:") {
            for words in words.split(';').map(str::trim) {
                match words {
                    "numbers vary" => asked.numbers_vary = true,
                    "stays" => asked.stays = true,
                    "the end of the output above" => asked.is_end = true,
                    _ => {
                        if let Some(minutes) =
                            words.strip_prefix("later ").and_then(|time| time.strip_suffix('m'))
                        {
                            asked.later = Some(minutes.parse().unwrap());
                        } else if let Some(folder) = words.strip_prefix("in a copy of ") {
                            self.folder = Some(folder.to_owned());
                        } else {
                            panic!("{}:{line}: `{words}` is nothing to ask for", self.name);
                        }
                    }
                }
            }
        }
    }

    /// Lines of prose joined, without what is set as code; of links inside of them, too.
    pub(crate) fn text(&self) -> String {
        let lines = self.prose.iter().map(|(_, line)| line.as_str());
        let mut text = String::new();
        for (part, is_code) in
            lines.collect::<Vec<_>>().join("\n").split('`').zip([false, true].into_iter().cycle())
        {
            text.push_str(if is_code { "code" } else { part });
        }
        text
    }

    /// The anchors of its headings, as GitHub and mdBook make them.
    pub(crate) fn anchors(&self) -> Vec<String> {
        self.headings.iter().map(|heading| anchor(&heading.text)).collect()
    }
}

fn heading(line: &str) -> Option<Heading> {
    let level = line.bytes().take_while(|byte| *byte == b'#').count();
    let text = line[level..].strip_prefix(' ').filter(|_| level > 0)?;
    Some(Heading { level, text: text.trim().to_owned() })
}

fn anchor(text: &str) -> String {
    text.to_lowercase()
        .chars()
        .filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'))
        .map(|c| if c == ' ' { '-' } else { c })
        .collect()
}

#[test]
fn pages_are_read_as_they_are_shown() {
    let page = Page::of(
        "x.md",
        "# A `page`, 中文\n\n<!-- run: later 5m; numbers vary -->\n<!-- run first:\na\n  b\n-->\n```sh\n# no heading\nls\n```\n\n  ```text\n  in a list\n  ```\n[x](y.md) `[z](z.md)`\n",
    );
    assert_eq!(page.anchors(), ["a-page-中文"]);
    let [block, listed] = &page.blocks[..] else { panic!() };
    assert_eq!((block.line, &*block.language, &*block.text), (8, "sh", "# no heading\nls\n"));
    assert_eq!((block.asked.later, block.asked.numbers_vary), (Some(5), true));
    assert_eq!(block.asked.first, ["a", "b"]);
    assert_eq!((&*listed.text, listed.asked.later), ("in a list\n", None));
    assert!(page.text().contains("[x](y.md) code"), "{}", page.text());
}
