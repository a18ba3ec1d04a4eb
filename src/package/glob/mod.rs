//! Patterns of `exclude` and `include`, as the real tool interprets them.
//!
//! They are relative to the source folder. Braces are expanded first, and the rest becomes a
//! regular expression: usually one that is matched in linear time, but one with look-ahead and
//! bounded steps for patterns with `!(…)`.

mod braces;
mod error;
mod repetition;
mod signs;
mod translate;

use fancy_regex::{Regex, RegexBuilder};

use super::warning::{Likely, PatternWarning};
use super::{PackageError, PatternList};
pub use error::GlobError;
use translate::translate;

/// Maximum length of a pattern in bytes.
const PATTERN_LIMIT: usize = 1000;
/// Maximum steps for matching one name. A few hundred are normal.
const STEPS_LIMIT: usize = 100_000;

/// The patterns that one text expands to.
#[derive(Debug)]
struct Glob {
    /// The pattern as written.
    text: String,
    /// Those that are matched in linear time.
    plain: Option<Regex>,
    /// Those with look-ahead.
    others: Vec<Regex>,
    /// Those that match what the expression does not.
    complements: Vec<Regex>,
    /// Why one of them can never match.
    broken: Option<GlobError>,
}

impl Glob {
    fn new(text: &str, expansions: &[&str], dot: bool) -> Result<Self, GlobError> {
        let (mut plain, mut others, mut complements) = (Vec::new(), Vec::new(), Vec::new());
        let mut broken = None;
        for one in expansions {
            let translated = match translate(one, dot) {
                Ok(translated) => translated,
                Err(error) if error.names_nothing() => {
                    broken = Some(error);
                    continue;
                }
                Err(error) => return Err(error),
            };
            match (translated.is_complement, translated.looks_ahead) {
                (true, _) => complements.push(compile(&translated.regex)?),
                (_, true) => others.push(compile(&translated.regex)?),
                _ => plain.push(translated.regex),
            }
        }
        let plain = (!plain.is_empty()).then(|| compile(&plain.join("|"))).transpose()?;
        Ok(Self { text: text.to_owned(), plain, others, complements, broken })
    }

    fn takes(&self, name: &str) -> Result<bool, GlobError> {
        for regex in self.plain.iter().chain(&self.others) {
            if is_match(regex, name)? {
                return Ok(true);
            }
        }
        for regex in &self.complements {
            if !is_match(regex, name)? {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

fn compile(regex: &str) -> Result<Regex, GlobError> {
    RegexBuilder::new(&format!(r"\A(?:{regex})\z"))
        .backtrack_limit(STEPS_LIMIT)
        .build()
        .map_err(|_| GlobError::Intricate)
}

fn is_match(regex: &Regex, name: &str) -> Result<bool, GlobError> {
    regex.is_match(name).map_err(|_| GlobError::Intricate)
}

/// What a pattern of `exclude` matched.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Named {
    /// A file, or a folder that was left out as a whole.
    something: bool,
    /// A folder that was not left out.
    folder: bool,
    /// The last part of a name in a subfolder.
    deeper: bool,
}

/// A pattern of `exclude`.
#[derive(Debug)]
struct Exclude {
    glob: Glob,
    /// Those of its patterns that make the real tool skip a folder: they end with a plain name or
    /// `/**`.
    folders: Option<Glob>,
    /// The pattern ends with a slash, so it does not match files.
    folder_only: bool,
    /// Its leading folders without special characters.
    base: String,
    /// It only matches at the top.
    for_top: bool,
    /// The pattern begins with `!`, which has no effect.
    negated: bool,
    named: Named,
}

/// The patterns of `exclude`.
#[derive(Debug)]
pub(super) struct Excludes(Vec<Exclude>);

impl Excludes {
    pub(super) fn new(patterns: &[String]) -> Result<Self, PackageError> {
        let mut excludes = Vec::new();
        for pattern in patterns {
            excludes.push(
                Exclude::new(pattern)
                    .map_err(|error| wrong(PatternList::Exclude, pattern, error))?,
            );
        }
        Ok(Self(excludes))
    }

    /// Returns whether a file is left out, and records which patterns matched.
    pub(super) fn file(&mut self, name: &str) -> Result<bool, PackageError> {
        let mut found = false;
        for exclude in &mut self.0 {
            // After a pattern has matched once, it is evaluated only as long as the result is open.
            if (found && exclude.named.something) || exclude.folder_only {
                continue;
            }
            if exclude.takes(name)? {
                (exclude.named.something, found) = (true, true);
            } else if !exclude.named.something && !exclude.named.deeper {
                exclude.look_deeper(name)?;
            }
        }
        Ok(found)
    }

    /// Returns whether a folder is left out as a whole, and records which patterns matched.
    pub(super) fn folder(&mut self, name: &str) -> Result<bool, PackageError> {
        let mut found = false;
        for exclude in &mut self.0 {
            if exclude.leaves_folder_out(name)? {
                (exclude.named.something, found) = (true, true);
            } else if !exclude.named.something {
                exclude.named.folder = exclude.named.folder || exclude.takes(name)?;
                exclude.look_deeper(name)?;
            }
        }
        if found {
            for exclude in self.0.iter_mut().filter(|exclude| !exclude.for_top) {
                let base = exclude.base.as_str();
                exclude.named.something = exclude.named.something
                    || base.is_empty()
                    || is_below(base, name)
                    || is_below(name, base);
            }
        }
        Ok(found)
    }

    /// Records a folder that is left out for another reason: its content is not examined, so a
    /// pattern for something in it is not idle.
    pub(super) fn passed(&mut self, folder: &str) {
        for exclude in &mut self.0 {
            exclude.named.something =
                exclude.named.something || is_below(exclude.base.as_str(), folder);
        }
    }

    /// Returns warnings about patterns that matched nothing or do not mean what they seem to.
    pub(super) fn warnings(&self, inside: &str) -> Vec<PatternWarning> {
        let mut warnings = Vec::new();
        for exclude in &self.0 {
            let list = PatternList::Exclude;
            let pattern = exclude.glob.text.clone();
            if exclude.negated {
                warnings.push(PatternWarning::Negated {
                    include: anchored(&exclude.glob.text).to_owned(),
                    pattern,
                    idle: !exclude.named.something,
                });
            } else if !exclude.named.something && !is_left_out_anyway(anchored(&pattern)) {
                let likely = exclude.likely(inside);
                warnings.push(PatternWarning::Idle { list, pattern, likely });
            }
        }
        warnings
    }

    /// Returns the first pattern that begins with `!`.
    pub(super) fn negated(&self) -> Option<&str> {
        self.0.iter().find(|exclude| exclude.negated).map(|exclude| exclude.glob.text.as_str())
    }
}

impl Exclude {
    fn new(pattern: &str) -> Result<Self, GlobError> {
        if pattern.len() > PATTERN_LIMIT {
            return Err(GlobError::Long { limit: PATTERN_LIMIT });
        }
        // The real tool removes one `!`; more would invert the meaning.
        let negated = is_negated(pattern);
        let anchored = anchored(pattern);
        // Matches nothing in the real tool, but is meant to leave out the folder.
        let folder_only = anchored.ends_with('/');
        let expansions = expansions(pattern)?;
        let all: Vec<&str> = expansions.iter().map(String::as_str).collect();
        let folders: Vec<&str> = all
            .iter()
            .filter(|one| {
                let last = one.rsplit('/').next().unwrap_or_default();
                folder_only || last == "**" || !is_dynamic(last)
            })
            .copied()
            .collect();
        let base = if let [one] = all[..] { base(one) } else { "" };
        Ok(Self {
            folders: (!folders.is_empty())
                .then(|| Glob::new(pattern, &folders, true))
                .transpose()?,
            glob: Glob::new(pattern, &all, true)?,
            folder_only,
            base: base.to_owned(),
            for_top: !anchored.trim_end_matches('/').contains('/') && !anchored.contains("**"),
            negated,
            named: Named::default(),
        })
    }

    fn takes(&self, name: &str) -> Result<bool, PackageError> {
        self.glob.takes(name).map_err(|error| wrong(PatternList::Exclude, &self.glob.text, error))
    }

    fn leaves_folder_out(&self, name: &str) -> Result<bool, PackageError> {
        match &self.folders {
            Some(glob) => glob
                .takes(name)
                .map_err(|error| wrong(PatternList::Exclude, &self.glob.text, error)),
            None => Ok(false),
        }
    }

    /// Records whether a pattern for the top would match in a subfolder.
    fn look_deeper(&mut self, name: &str) -> Result<(), PackageError> {
        if let Some((_, last)) = name.rsplit_once('/')
            && self.for_top
        {
            self.named.deeper = self.named.deeper || self.takes(last)?;
        }
        Ok(())
    }

    /// Returns the probable cause of a pattern without matches.
    ///
    /// `inside` is the source folder relative to the project, or empty if they are the same.
    fn likely(&self, inside: &str) -> Option<Likely> {
        if let Some(broken) = &self.glob.broken {
            return Some(Likely::Broken(broken.clone()));
        }
        let plain = anchored(&self.glob.text);
        let from_project = plain.strip_prefix(inside).and_then(|rest| rest.strip_prefix('/'));
        if !inside.is_empty()
            && let Some(rest) = from_project
        {
            return Some(Likely::FromProject(rest.to_owned()));
        }
        if self.named.folder {
            return Some(Likely::Contents(format!("{}/**", plain.trim_end_matches('/'))));
        }
        if self.named.deeper {
            return Some(Likely::Anywhere(format!("**/{plain}")));
        }
        let is_plain_group =
            |(at, _): (usize, &str)| !plain[..at].ends_with(['!', '@', '+', '*', '?', '\\']);
        let is_signs = plain.contains('[') || plain.match_indices('(').any(is_plain_group);
        is_signs.then_some(Likely::Signs)
    }
}

/// The patterns of `include`. A leading dot of a name has to be matched explicitly.
#[derive(Debug, Default)]
pub(super) struct Includes {
    includes: Vec<Include>,
    /// Those with `!`, which name what is not included.
    but: Vec<Exclude>,
}

#[derive(Debug)]
struct Include {
    glob: Glob,
    /// The parts of its patterns, for finding folders that may contain matches.
    ways: Vec<Vec<Component>>,
    found: bool,
}

#[derive(Debug)]
enum Component {
    /// Any number of names.
    Names,
    One(Box<Glob>),
}

impl Includes {
    pub(super) fn new(patterns: &[String]) -> Result<Self, PackageError> {
        let mut list = Self::default();
        for pattern in patterns {
            let error = |error| wrong(PatternList::Include, pattern, error);
            if is_negated(pattern) {
                list.but.push(Exclude::new(pattern).map_err(error)?);
                continue;
            }
            if pattern.len() > PATTERN_LIMIT {
                return Err(error(GlobError::Long { limit: PATTERN_LIMIT }));
            }
            let expansions: Vec<String> = braces::expand(anchored(pattern))
                .map_err(error)?
                .iter()
                .map(|one| {
                    let parts = one.split('/').filter(|part| !matches!(*part, "" | "."));
                    parts.collect::<Vec<_>>().join("/")
                })
                .filter(|one| !one.is_empty())
                .collect();
            if expansions.iter().any(|one| one.split('/').any(|part| part == "..")) {
                return Err(PackageError::IncludeOutside { pattern: pattern.clone() });
            }
            let all: Vec<&str> = expansions.iter().map(String::as_str).collect();
            let ways = all.iter().map(|one| way(one)).collect::<Result<_, _>>().map_err(error)?;
            let glob = Glob::new(pattern, &all, false).map_err(error)?;
            list.includes.push(Include { glob, ways, found: false });
        }
        Ok(list)
    }

    /// Returns whether a file is included, and records which patterns matched.
    pub(super) fn file(&mut self, name: &str) -> Result<bool, PackageError> {
        let mut found = false;
        for include in &mut self.includes {
            if (!found || !include.found)
                && include
                    .glob
                    .takes(name)
                    .map_err(|error| wrong(PatternList::Include, &include.glob.text, error))?
            {
                (include.found, found) = (true, true);
            }
        }
        for but in &mut self.but {
            if found && but.takes(name)? {
                (but.named.something, found) = (true, false);
            }
        }
        Ok(found)
    }

    /// Returns whether something in a folder may be included.
    pub(super) fn reach(&self, folder: &str) -> bool {
        let names: Vec<&str> = folder.split('/').collect();
        let mut ways = self.includes.iter().flat_map(|include| &include.ways);
        ways.any(|way| leads(way, &names))
    }

    /// Returns warnings about patterns that matched no file.
    pub(super) fn warnings(&self, inside: &str) -> Vec<PatternWarning> {
        let list = || PatternList::Include;
        let idle = self.includes.iter().filter(|include| !include.found).map(|include| {
            let plain = anchored(&include.glob.text);
            let from_project = plain.strip_prefix(inside).and_then(|rest| rest.strip_prefix('/'));
            let broken = include.glob.broken.clone();
            let likely = broken.map(Likely::Broken).or_else(|| {
                let rest = from_project.filter(|_| !inside.is_empty())?;
                Some(Likely::FromProject(rest.to_owned()))
            });
            PatternWarning::Idle { list: list(), pattern: include.glob.text.clone(), likely }
        });
        let but = self.but.iter().filter(|but| !but.named.something).map(|but| {
            PatternWarning::Idle { list: list(), pattern: but.glob.text.clone(), likely: None }
        });
        idle.chain(but).collect()
    }
}

/// Splits a pattern into parts. Whatever cannot be split matches any number of names.
fn way(pattern: &str) -> Result<Vec<Component>, GlobError> {
    let mut way = Vec::new();
    for part in pattern.split('/') {
        let is_whole =
            |open, close| part.matches::<char>(open).count() == part.matches::<char>(close).count();
        if part == "**" {
            way.push(Component::Names);
        } else if is_whole('(', ')') && is_whole('[', ']') && !part.contains(['\\', '"']) {
            way.push(Component::One(Box::new(Glob::new(part, &[part], false)?)));
        } else {
            // After a group with a slash, the rest is not clear.
            way.push(Component::Names);
            return Ok(way);
        }
    }
    Ok(way)
}

fn leads(way: &[Component], folder: &[&str]) -> bool {
    match (way.split_first(), folder.split_first()) {
        (Some(_), None) => true,
        (None, _) => false,
        (Some((Component::Names, rest)), Some((name, deeper))) => {
            leads(rest, folder) || (!name.starts_with('.') && leads(way, deeper))
        }
        // An intricate pattern is reported when it is matched with a file.
        (Some((Component::One(glob), rest)), Some((name, deeper))) => {
            glob.takes(name).unwrap_or(true) && leads(rest, deeper)
        }
    }
}

fn wrong(list: PatternList, pattern: &str, error: GlobError) -> PackageError {
    let short: String = if pattern.chars().count() > 200 {
        pattern.chars().take(40).chain(['…']).collect()
    } else {
        pattern.to_owned()
    };
    PackageError::Pattern { list, pattern: short, reason: error.into() }
}

fn is_negated(pattern: &str) -> bool {
    pattern.starts_with('!') && !pattern.starts_with("!(")
}

/// Returns a pattern without a leading `!`, `./` and `/`: every pattern begins at the top anyway.
fn anchored(pattern: &str) -> &str {
    let mut rest = if is_negated(pattern) { &pattern[1..] } else { pattern };
    while let Some(shorter) = rest.strip_prefix("./").or_else(|| rest.strip_prefix('/')) {
        rest = shorter;
    }
    rest
}

/// Expands the braces of a pattern and removes a leading `!` and `./`.
///
/// A slash at either end is removed from the pattern as written; an expansion with one matches
/// nothing.
fn expansions(pattern: &str) -> Result<Vec<String>, GlobError> {
    let (negation, rest) = if is_negated(pattern) { pattern.split_at(1) } else { ("", pattern) };
    let written = format!("{negation}{}", rest.trim_matches('/'));
    let mut expansions = Vec::new();
    for one in braces::expand(&written)? {
        let mut one = if is_negated(&one) { one[1..].to_owned() } else { one };
        while one.contains("//") {
            one = one.replace("//", "/");
        }
        let mut one = one.as_str();
        while let Some(shorter) = one.strip_prefix("./") {
            one = shorter;
        }
        if !one.is_empty() && !one.starts_with('/') && !one.ends_with('/') {
            expansions.push(one.to_owned());
        }
    }
    Ok(expansions)
}

/// Returns whether a name has special characters, by the real tool's own test.
fn is_dynamic(name: &str) -> bool {
    let begins_group = |(at, _): (usize, &str)| name[..at].ends_with(['!', '@', '+', '*', '?']);
    name.contains(['*', '?', '[', '\\'])
        || name.starts_with('!')
        || (name.contains('(') && name.contains('|'))
        || name.match_indices('(').any(begins_group)
}

/// Returns the leading folders of a pattern without special characters, or all of it if it has
/// none.
fn base(pattern: &str) -> &str {
    let Some(sign) = pattern.find(['*', '?', '[', '\\', '(', ')', '!', '"']) else {
        return pattern;
    };
    pattern[..sign].rfind('/').map_or("", |slash| &pattern[..slash])
}

/// Returns whether `name` is `folder` or inside it.
fn is_below(name: &str, folder: &str) -> bool {
    name.strip_prefix(folder).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Returns whether a pattern is for something that is always left out, so that matching nothing is
/// no mistake.
fn is_left_out_anyway(pattern: &str) -> bool {
    let pattern = pattern.trim_start_matches("**/");
    let first = pattern.split('/').next().unwrap_or_default();
    matches!(first, ".git" | ".scfctl") || first.starts_with(".env")
}

#[cfg(test)]
mod tests;
