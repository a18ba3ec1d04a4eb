//! The book is what mdBook reads, and both languages have the same pages, with the same tables.

use std::collections::BTreeSet;

use crate::page::{Page, files, pages, root};

/// Languages that a block may have; what has none is not known to be run or not.
const LANGUAGES: &[&str] =
    &["sh", "console", "crontab", "dockerfile", "json", "rust", "text", "xml", "yaml"];

/// The pages that the table of contents names, with their titles.
fn contents() -> Vec<(String, String)> {
    let text = std::fs::read_to_string(root().join("docs/SUMMARY.md")).unwrap();
    let mut named = Vec::new();
    for (line, number) in text.lines().zip(1..) {
        if line.is_empty() || line.starts_with("# ") {
            continue;
        }
        // mdBook takes a list, nested by its indentation, and chapters outside of lists at the beginning.
        let item = line.trim_start_matches(' ').strip_prefix("- ").unwrap_or(line);
        let entry = item.strip_prefix('[').and_then(|rest| rest.strip_suffix(')'));
        let (title, path) = entry
            .and_then(|entry| entry.split_once("]("))
            .unwrap_or_else(|| panic!("docs/SUMMARY.md:{number}: {line}"));
        named.push((title.to_owned(), format!("docs/{path}")));
    }
    named
}

#[test]
fn the_contents_name_every_page_once() {
    let named = contents();
    let paths: BTreeSet<String> = named.iter().map(|(_, path)| path.clone()).collect();
    assert_eq!(paths.len(), named.len(), "a page stands twice in docs/SUMMARY.md");
    let mut pages: BTreeSet<String> = files("docs", ".md").into_iter().collect();
    assert!(pages.remove("docs/SUMMARY.md"));
    let left: Vec<_> = pages.symmetric_difference(&paths).collect();
    assert!(left.is_empty(), "only in docs/SUMMARY.md, or missing there: {left:?}");
    for (title, path) in named.iter().skip(1) {
        let heading = &Page::read(path).headings[0];
        assert_eq!((heading.level, heading.text.replace('`', "")), (1, title.clone()), "{path}");
    }
}

/// Keys as mdBook has them; one that it does not know it passes over without a word.
#[test]
fn the_book_is_laid_out_for_mdbook() {
    let text = std::fs::read_to_string(root().join("docs/book.toml")).unwrap();
    let lines: Vec<&str> =
        text.lines().filter(|line| !line.is_empty() && !line.starts_with('#')).collect();
    let keys = lines.iter().map(|line| line.split(" = ").next().unwrap()).collect::<Vec<_>>();
    let expected = [
        "[book]",
        "title",
        "description",
        "language",
        "src",
        "[build]",
        "build-dir",
        "create-missing",
    ];
    assert_eq!(keys, expected);
    assert!(lines.contains(&"src = \".\"") && lines.contains(&"create-missing = false"));
}

#[test]
fn every_block_has_a_language() {
    for page in pages().iter().filter(|page| !page.name.starts_with("docs/reference/")) {
        for block in &page.blocks {
            let place = format!("{}:{}", page.name, block.line);
            assert!(LANGUAGES.contains(&&*block.language), "{place}: `{}`", block.language);
        }
    }
}

/// A command without the comment behind it, in whichever language that is.
fn uncommented(line: &str) -> String {
    let mut quote = None;
    let mut before = ' ';
    let end = line.char_indices().find(|(_, c)| {
        match quote {
            Some(open) if open == *c => quote = None,
            None if matches!(c, '\'' | '"') => quote = Some(*c),
            _ => {}
        }
        let starts = *c == '#' && before == ' ' && quote.is_none();
        before = *c;
        starts
    });
    line[..end.map_or(line.len(), |(at, _)| at)].trim_end().to_owned()
}

/// The commands of a page.
fn commands(page: &Page) -> Vec<String> {
    let blocks = page.blocks.iter().filter(|block| matches!(&*block.language, "sh" | "console"));
    let lines = blocks.flat_map(|block| {
        let is_console = block.language == "console";
        let line = move |line: &str| {
            if is_console {
                line.strip_prefix("$ ").map(str::to_owned)
            } else {
                Some(line.to_owned())
            }
        };
        block.text.lines().filter_map(line).collect::<Vec<_>>()
    });
    lines.map(|line| uncommented(&line)).filter(|line| !line.is_empty()).collect()
}

/// The tables of a page: how many rows each has, and columns.
fn tables(page: &Page) -> Vec<(usize, usize)> {
    let mut found: Vec<(usize, usize)> = Vec::new();
    let mut last = 0;
    for (number, line) in &page.prose {
        let Some(cells) = line.trim_start().strip_prefix('|') else { continue };
        // What stands in code is no border.
        let code = |(position, part)| if position % 2 == 0 { part } else { "" };
        let borders: String = cells.split('`').enumerate().map(code).collect();
        let columns = borders.matches('|').count() - borders.matches("\\|").count();
        match found.last_mut() {
            Some((rows, _)) if last + 1 == *number => *rows += 1,
            _ => found.push((1, columns)),
        }
        last = *number;
    }
    found
}

/// A table that one language lacks is one that its readers do not get.
#[test]
fn tables_are_counted_by_rows_and_columns() {
    let text = "# A\n\n| a | b |\n|---|---|\n| 1 | `x|y` |\n\ntext\n| c \\| d |\n|---|\n";
    assert_eq!(tables(&Page::of("x.md", text)), [(3, 2), (2, 1)]);
}

#[test]
fn both_languages_have_the_same_pages_chapters_tables_and_commands() {
    let english = files("docs/en", ".md");
    let chinese = files("docs/zh", ".md");
    let twins = english.iter().map(|name| name.replace("docs/en/", "docs/zh/"));
    assert_eq!(twins.collect::<Vec<_>>(), chinese);
    let pairs = english.iter().zip(&chinese).map(|(one, other)| (one.as_str(), other.as_str()));
    for (english, chinese) in pairs.chain([("README.md", "README.zh-CN.md")]) {
        let [one, other] = [english, chinese].map(Page::read);
        let levels =
            |page: &Page| page.headings.iter().map(|heading| heading.level).collect::<Vec<_>>();
        assert_eq!(levels(&one), levels(&other), "chapters of {english} and {chinese}");
        assert_eq!(tables(&one), tables(&other), "tables of {english} and {chinese}");
        let languages = |page: &Page| {
            page.blocks.iter().map(|block| block.language.clone()).collect::<Vec<_>>()
        };
        assert_eq!(languages(&one), languages(&other), "blocks of {english} and {chinese}");
        let [ours, theirs] = [&one, &other].map(commands);
        let languages =
            |text: &str| text.replace(" --lang zh", "").replace("report.zh.png", "report.png");
        let theirs: Vec<_> = theirs.iter().map(|line| languages(line)).collect();
        assert_eq!(ours, theirs, "commands of {english} and {chinese}");
        let is_chinese = |c: char| ('\u{4e00}'..='\u{9fff}').contains(&c);
        let of_title = |page: &Page| page.headings[0].text.contains(is_chinese);
        assert!(english == "README.md" || (!of_title(&one) && of_title(&other)), "{chinese}");
    }
}

/// Of five minutes, at 200 words or 300 Chinese characters a minute, with the commands.
#[test]
fn the_readme_is_read_in_five_minutes() {
    let is_chinese = |c: &char| ('\u{4e00}'..='\u{9fff}').contains(c);
    for (name, most) in [("README.md", 5 * 200), ("README.zh-CN.md", 5 * 300)] {
        let text = std::fs::read_to_string(root().join(name)).unwrap();
        let length = match text.chars().filter(is_chinese).count() {
            0..=99 => text.split_whitespace().count(),
            characters => characters,
        };
        assert!(length <= most, "{name}: {length} of {most}");
    }
}

/// The rows of the first table behind a line that holds this text, as cells.
fn table_behind(page: &Page, text: &str) -> Vec<Vec<String>> {
    let lines = page.prose.iter().map(|(_, line)| line.trim());
    let rows =
        lines.skip_while(|line| !line.contains(text)).skip_while(|line| !line.starts_with('|'));
    let rows = rows.take_while(|line| line.starts_with('|'));
    let cells =
        |row: &str| row.trim_matches('|').split('|').map(|cell| cell.trim().to_owned()).collect();
    rows.map(cells).collect()
}

/// The first number behind a text.
fn number_behind(line: &str, text: &str) -> f64 {
    let behind = line.split_once(text).unwrap_or_else(|| panic!("`{text}` in `{line}`")).1.trim();
    let end = behind.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(behind.len());
    behind[..end].parse().unwrap_or_else(|_| panic!("a number behind `{text}` in `{line}`"))
}

/// What the README promises, what the page of gates says, and what was measured.
#[test]
fn the_error_rate_of_gates_is_the_one_that_was_measured() {
    for (readme, gates, promise, measured, most) in [
        (
            "README.md",
            "docs/en/gates.md",
            "in at most",
            "**False rollbacks of a healthy canary",
            "at most",
        ),
        (
            "README.zh-CN.md",
            "docs/zh/gates.md",
            "的概率不超过",
            "**合格的灰度版本被误回滚，占",
            "最多",
        ),
    ] {
        let [readme, gates] = [readme, gates].map(Page::read);
        let said = |page: &Page| {
            let text: Vec<&str> = page.prose.iter().map(|(_, line)| line.as_str()).collect();
            number_behind(&text.join(" "), promise)
        };
        assert_eq!(
            said(&readme).to_bits(),
            said(&gates).to_bits(),
            "{} and {}",
            readme.name,
            gates.name
        );
        let rows = table_behind(&gates, measured);
        // The default, the plain factor, and the default with a limit.
        let cells = rows[2..].iter().flat_map(|row| &row[1..4]);
        let worst = cells.map(|cell| cell.parse::<f64>().unwrap()).fold(0.0, f64::max);
        assert!(worst <= said(&readme), "{}: {worst}", gates.name);
        let goal = table_behind(&gates, if most == "最多" { "| 目标" } else { "| Goal" });
        let told = number_behind(&goal[2][1], most);
        assert_eq!(told.to_bits(), worst.to_bits(), "{}: {}", gates.name, goal[2][1]);
    }
}

#[test]
fn comments_are_left_out_of_commands() {
    for (line, command) in [
        ("scfctl deploy    # new code", "scfctl deploy"),
        ("sed 's# #x#' a  # b", "sed 's# #x#' a"),
        ("echo a#b", "echo a#b"),
        ("# alone", ""),
    ] {
        assert_eq!(uncommented(line), command);
    }
}

/// Pages show what is installed by its version, which nobody looks for when the next one is cut.
#[test]
fn the_version_that_is_installed_is_this_one() {
    let mut seen = 0;
    for page in files("docs/en", ".md").into_iter().chain(files("docs/zh", ".md")) {
        let text = std::fs::read_to_string(root().join(&page)).unwrap();
        for before in ["scfctl@v", "scfctl:", "scfctl-", "reproducible v"] {
            for (at, _) in text.match_indices(before) {
                let version = &text[at + before.len()..];
                if version.starts_with(|c: char| c.is_ascii_digit()) {
                    seen += 1;
                    let is_this = version.starts_with(env!("CARGO_PKG_VERSION"));
                    assert!(is_this, "{page}: {before}{}", &version[..5]);
                }
            }
        }
    }
    assert!(seen > 8, "{seen}");
}
