//! Patterns of `exclude` and `include`, read as the real tool reads them.
//!
//! They are anchored at the source folder; `*`, `**`, `?`, classes, braces and ranges of
//! braces are understood. Extended globs such as `!(a|b)` are refused rather than matched as
//! something else.

use globset::{GlobBuilder, GlobMatcher, GlobSet, GlobSetBuilder};

use super::PackageError;

/// Bytes of one pattern.
const PATTERN_LIMIT: usize = 1000;
/// Patterns that one pattern's braces may stand for.
const EXPANSION_LIMIT: usize = 1000;

/// What `exclude` leaves out.
#[derive(Debug)]
pub(super) struct Excludes {
    files: GlobSet,
    folders: GlobSet,
}

impl Excludes {
    pub(super) fn new(patterns: &[String]) -> Result<Self, PackageError> {
        let (mut files, mut folders) = (GlobSetBuilder::new(), GlobSetBuilder::new());
        for pattern in patterns {
            // A negated pattern re-includes nothing in the real tool either.
            if pattern.starts_with('!') {
                continue;
            }
            let error = |reason| wrong("exclude", pattern, reason);
            let anchored = anchored(pattern);
            let plain = anchored.trim_end_matches('/');
            // Matches nothing in the real tool, and is meant to leave the folder out.
            let folder_only = plain != anchored;
            for one in expand(plain).map_err(error)? {
                let glob = glob(&one).map_err(error)?;
                if !folder_only {
                    files.add(glob.clone());
                }
                // The real tool does not enter a folder whose pattern ends so; `dir/*` keeps
                // what lies deeper.
                let last = one.rsplit('/').next().unwrap_or_default();
                if folder_only || last == "**" || !is_dynamic(last) {
                    folders.add(glob);
                }
            }
        }
        let build = |set: GlobSetBuilder| {
            set.build()
                .map_err(|error| wrong("exclude", &patterns.join(" "), error.kind().to_string()))
        };
        Ok(Self { files: build(files)?, folders: build(folders)? })
    }

    pub(super) fn file(&self, name: &str) -> bool {
        self.files.is_match(name)
    }

    /// Whether nothing below a folder is wanted.
    pub(super) fn folder(&self, name: &str) -> bool {
        self.folders.is_match(name)
    }
}

/// What `include` adds again; a dot at the beginning of a name has to be written.
#[derive(Debug, Default)]
pub(super) struct Includes(Vec<Include>);

#[derive(Debug)]
struct Include {
    /// As it was written.
    text: String,
    components: Vec<Component>,
    found: bool,
}

#[derive(Debug)]
enum Component {
    /// `**`: any number of folders.
    Folders,
    One {
        matcher: GlobMatcher,
        dot: bool,
    },
}

impl Includes {
    pub(super) fn new(patterns: &[String]) -> Result<Self, PackageError> {
        let mut includes = Vec::new();
        for pattern in patterns {
            let error = |reason| wrong("include", pattern, reason);
            for one in expand(anchored(pattern)).map_err(error)? {
                let mut components = Vec::new();
                for part in one.split('/').filter(|part| !matches!(*part, "" | ".")) {
                    components.push(match part {
                        ".." => {
                            let pattern = pattern.clone();
                            return Err(PackageError::IncludeOutside { pattern });
                        }
                        "**" => Component::Folders,
                        part => Component::One {
                            matcher: glob(part).map_err(error)?.compile_matcher(),
                            dot: part.starts_with('.'),
                        },
                    });
                }
                includes.push(Include { text: pattern.clone(), components, found: false });
            }
        }
        Ok(Self(includes))
    }

    /// Whether a file is named; remembers which patterns found something.
    pub(super) fn file(&mut self, name: &str) -> bool {
        let parts: Vec<&str> = name.split('/').collect();
        let mut found = false;
        for include in &mut self.0 {
            if fits(&include.components, &parts) {
                (include.found, found) = (true, true);
            }
        }
        found
    }

    /// Whether something below a folder may be named.
    pub(super) fn reach(&self, folder: &str) -> bool {
        let parts: Vec<&str> = folder.split('/').collect();
        self.0.iter().any(|include| reaches(&include.components, &parts))
    }

    /// Patterns that named no file.
    pub(super) fn idle(&self) -> Vec<&str> {
        let mut idle: Vec<&str> = Vec::new();
        for include in &self.0 {
            let used = self.0.iter().any(|other| other.text == include.text && other.found);
            if !used && !idle.contains(&include.text.as_str()) {
                idle.push(&include.text);
            }
        }
        idle
    }
}

impl Component {
    fn takes(&self, part: &str) -> bool {
        match self {
            Self::Folders => !part.starts_with('.'),
            Self::One { matcher, dot } => {
                (*dot || !part.starts_with('.')) && matcher.is_match(part)
            }
        }
    }
}

fn fits(pattern: &[Component], parts: &[&str]) -> bool {
    match (pattern.split_first(), parts.split_first()) {
        (None, None) => true,
        (Some((Component::Folders, rest)), Some((part, deeper))) => {
            // A last `**` takes files too.
            fits(rest, parts) || (Component::Folders.takes(part) && fits(pattern, deeper))
        }
        (Some((Component::Folders, rest)), None) => rest.is_empty(),
        (Some((one, rest)), Some((part, deeper))) => one.takes(part) && fits(rest, deeper),
        (None, Some(_)) | (Some(_), None) => false,
    }
}

fn reaches(pattern: &[Component], folder: &[&str]) -> bool {
    match (pattern.split_first(), folder.split_first()) {
        (Some(_), None) => true,
        (None, _) => false,
        (Some((Component::Folders, rest)), Some((part, deeper))) => {
            reaches(rest, folder) || (Component::Folders.takes(part) && reaches(pattern, deeper))
        }
        (Some((one, rest)), Some((part, deeper))) => one.takes(part) && reaches(rest, deeper),
    }
}

fn wrong(list: &str, pattern: &str, reason: String) -> PackageError {
    let short: String = if pattern.chars().count() > 200 {
        pattern.chars().take(40).chain(['…']).collect()
    } else {
        pattern.to_owned()
    };
    PackageError::Pattern { list: list.to_owned(), pattern: short, reason }
}

/// A pattern without the signs for "here" and "at the top", where every pattern begins anyway.
fn anchored(pattern: &str) -> &str {
    let mut rest = pattern;
    while let Some(shorter) = rest.strip_prefix("./").or_else(|| rest.strip_prefix('/')) {
        rest = shorter;
    }
    rest
}

/// Whether a name has signs that stand for other characters.
fn is_dynamic(name: &str) -> bool {
    name.contains(['*', '?', '[', '\\'])
}

fn glob(pattern: &str) -> Result<globset::Glob, String> {
    // Braces were expanded; one that is left is a character.
    let mut text = String::with_capacity(pattern.len());
    let mut escaped = false;
    for character in pattern.chars() {
        if !escaped && matches!(character, '{' | '}') {
            text.extend(['[', character, ']']);
        } else {
            text.push(character);
        }
        escaped = character == '\\' && !escaped;
    }
    GlobBuilder::new(&text)
        .literal_separator(true)
        .backslash_escape(true)
        .build()
        .map_err(|error| error.kind().to_string())
}

/// The patterns that one with braces stands for: `{a,b}`, `{1..3}`, nested.
fn expand(pattern: &str) -> Result<Vec<String>, String> {
    if pattern.len() > PATTERN_LIMIT {
        return Err(format!("it has more than {PATTERN_LIMIT} bytes"));
    }
    if let Some(found) = extended(pattern) {
        return Err(format!("`{found}` begins an extended glob, which is not supported"));
    }
    let mut open = vec![pattern.to_owned()];
    let mut done = Vec::new();
    while let Some(one) = open.pop() {
        match first_braces(&one) {
            None => done.push(one),
            Some((start, end, parts)) => {
                open.extend(
                    parts
                        .iter()
                        .rev()
                        .map(|part| format!("{}{part}{}", &one[..start], &one[end..])),
                );
            }
        }
        if open.len() + done.len() > EXPANSION_LIMIT {
            return Err(format!("its braces stand for more than {EXPANSION_LIMIT} patterns"));
        }
    }
    Ok(done)
}

/// The sign that begins an extended glob or a group of a regular expression.
fn extended(pattern: &str) -> Option<&str> {
    let bytes = pattern.as_bytes();
    for (position, byte) in bytes.iter().enumerate() {
        if *byte != b'(' {
            continue;
        }
        if position > 0 && matches!(bytes[position - 1], b'!' | b'*' | b'+' | b'?' | b'@') {
            return Some(&pattern[position - 1..=position]);
        }
        let rest = &pattern[position..];
        if rest.find(')').is_some_and(|end| rest[..end].contains('|')) {
            return Some(&pattern[position..=position]);
        }
    }
    None
}

/// The first braces that stand for several texts: where they begin and end, and the texts.
fn first_braces(pattern: &str) -> Option<(usize, usize, Vec<String>)> {
    let bytes = pattern.as_bytes();
    let mut start = 0;
    while let Some(found) = find_unescaped(bytes, start, b'{') {
        let (mut depth, mut commas, mut end) = (0_usize, vec![found], None);
        let mut position = found;
        while position < bytes.len() {
            match bytes[position] {
                b'\\' => position += 1,
                b'{' => depth += 1,
                b'}' => {
                    depth -= 1;
                    if depth == 0 {
                        end = Some(position);
                        break;
                    }
                }
                b',' if depth == 1 => commas.push(position),
                _ => {}
            }
            position += 1;
        }
        if let Some(end) = end {
            let inside = &pattern[found + 1..end];
            if commas.len() > 1 {
                commas.push(end);
                let parts = commas
                    .windows(2)
                    .map(|pair| pattern[pair[0] + 1..pair[1]].to_owned())
                    .collect();
                return Some((found, end + 1, parts));
            }
            if let Some(parts) = range(inside) {
                return Some((found, end + 1, parts));
            }
        }
        start = found + 1;
    }
    None
}

fn find_unescaped(bytes: &[u8], from: usize, wanted: u8) -> Option<usize> {
    let mut position = from;
    while position < bytes.len() {
        match bytes[position] {
            b'\\' => position += 1,
            byte if byte == wanted => return Some(position),
            _ => {}
        }
        position += 1;
    }
    None
}

/// `1..3` and `a..c`.
fn range(text: &str) -> Option<Vec<String>> {
    let (from, to) = text.split_once("..")?;
    if let (Ok(from), Ok(to)) = (from.parse::<i64>(), to.parse::<i64>()) {
        let (low, high) = (from.min(to), from.max(to));
        let limit = i64::try_from(EXPANSION_LIMIT).unwrap_or(i64::MAX);
        return (high.checked_sub(low)? <= limit)
            .then(|| (low..=high).map(|number| number.to_string()).collect());
    }
    let letter = |text: &str| {
        let mut letters = text.chars().filter(char::is_ascii_alphabetic);
        letters.next().filter(|letter| text.len() == letter.len_utf8())
    };
    let (from, to) = (letter(from)?, letter(to)?);
    Some((from.min(to)..=from.max(to)).map(String::from).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn braces_stand_for_several_patterns() {
        for (pattern, expected) in [
            ("a", &["a"][..]),
            ("{a,b}.js", &["a.js", "b.js"]),
            ("x{,y{1,2}}z", &["xz", "xy1z", "xy2z"]),
            ("v{1..3}", &["v1", "v2", "v3"]),
            ("{c..a}", &["a", "b", "c"]),
            ("{a}", &["{a}"]),
            ("{a,b", &["{a,b"]),
            (r"\{a,b}", &[r"\{a,b}"]),
            ("{a,b}{c,d}", &["ac", "ad", "bc", "bd"]),
        ] {
            assert_eq!(expand(pattern).unwrap(), expected, "{pattern}");
        }
        for pattern in
            ["!(a|b)", "*.+(js|ts)", "(a|b).js", "@(x)", &"{a,b}".repeat(30), &"a".repeat(1001)]
        {
            assert!(expand(pattern).is_err(), "{pattern}");
        }
        assert!(expand("(y).js").is_ok());
    }

    #[test]
    fn a_folder_is_left_out_by_its_name_not_by_a_star() {
        let excludes = |pattern: &str| Excludes::new(&[pattern.to_owned()]).unwrap();
        for (pattern, folder, expected) in [
            ("node_modules", "node_modules", true),
            ("node_modules", "sub/node_modules", false),
            ("**/node_modules", "sub/node_modules", true),
            ("./dist/", "dist", true),
            ("/dist", "dist", true),
            ("build*/", "build-1", true),
            ("dir/*", "dir/sub", false),
            ("dir/**", "dir/sub", true),
            ("{a,b}", "b", true),
        ] {
            assert_eq!(excludes(pattern).folder(folder), expected, "{pattern} {folder}");
        }
        assert!(!excludes("a.js/").file("a.js"));
        assert!(excludes("dir/*").file("dir/.a") && !excludes("dir/*").file("dir/sub/a"));
        assert!(excludes("{a}").file("{a}"));
    }

    #[test]
    fn includes_name_dots() {
        let includes =
            |pattern: &str, name: &str| Includes::new(&[pattern.to_owned()]).unwrap().file(name);
        for (pattern, name, expected) in [
            ("keep/*", "keep/b.js", true),
            ("keep/*", "keep/.c.js", false),
            ("**", "a/b", true),
            ("**", "a/.b", false),
            ("**/*.js", "b.js", true),
            (".env", ".env", true),
            (".env*", ".env.prod", true),
            ("*env", ".env", false),
            ("./a/../b", "b", false),
            ("conf/.env", "conf/.env", true),
        ] {
            if pattern.contains("..") {
                assert!(Includes::new(&[pattern.to_owned()]).is_err());
            } else {
                assert_eq!(includes(pattern, name), expected, "{pattern} {name}");
            }
        }
        let includes = Includes::new(&["a/*/c.js".to_owned(), "x/**/y".to_owned()]).unwrap();
        for (folder, expected) in
            [("a", true), ("a/b", true), ("a/b/c", false), ("b", false), ("x/q/r", true)]
        {
            assert_eq!(includes.reach(folder), expected, "{folder}");
        }
    }
}
