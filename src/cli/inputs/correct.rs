//! A command line in another form, as this program takes it.

use serde_json::{Map, Value};

use super::keys::{self, KeyMeaning};
use super::value::typed_value;
use super::words::{Argument, words_of};
use super::{FLAG, TEXT_KEYS};
use crate::config::disclosure::is_private;
use crate::shell;
use crate::withheld;

/// A whole command line with one `--inputs` and all pairs behind it.
#[derive(Debug)]
pub struct CorrectedLine {
    words: Vec<String>,
    pairs: Vec<(String, Fold)>,
}

/// The value of a pair.
#[derive(Debug)]
enum Fold {
    /// As it was typed.
    Raw(String),
    /// Built from `--inputs.key.inner=value`, now one JSON value.
    Tree(Map<String, Value>),
}

impl Fold {
    fn text(&self) -> String {
        match self {
            Self::Raw(raw) => raw.clone(),
            Self::Tree(tree) => Value::Object(tree.clone()).to_string(),
        }
    }
}

impl CorrectedLine {
    /// The arguments, without the program's name.
    #[must_use]
    pub fn arguments(&self) -> Vec<String> {
        let flag = self.flag().map(str::to_owned);
        let pairs = self.pairs.iter().map(|(key, value)| format!("{key}={}", value.text()));
        self.words.iter().cloned().chain(flag).chain(pairs).collect()
    }

    /// The line as it is typed into a shell, without what may be a secret; `None` when it cannot
    /// be.
    #[must_use]
    pub fn typed(&self) -> Option<String> {
        if self.is_private() {
            return None;
        }
        let words = withheld::shown(&self.words);
        let words = words.iter().map(|word| shell::quoted(word).into_owned());
        let pairs = self.pairs.iter().map(|(key, value)| {
            let value = value.text();
            let hides = is_private(key, &value) || withheld::is_secret(key, &value);
            shell::pair(key, if hides { withheld::MARK } else { &value })
        });
        let line: Vec<String> = std::iter::once("scfctl".to_owned())
            .chain(words)
            .chain(self.flag().map(str::to_owned))
            .chain(pairs)
            .collect();
        let line = line.join(" ");
        // Such characters are shown rather than printed.
        (!line.chars().any(char::is_control)).then_some(line)
    }

    /// Whether a value that was typed in another form may hold what no log should. One that was
    /// typed as it stands here is known to whoever typed it.
    pub(super) fn is_private(&self) -> bool {
        let built = |value: &Fold| matches!(value, Fold::Tree(_));
        self.pairs.iter().any(|(key, value)| built(value) && is_private(key, &value.text()))
    }

    fn flag(&self) -> Option<&'static str> {
        (!self.pairs.is_empty()).then_some(FLAG)
    }
}

/// What the words most likely mean, or `None` when one of them could mean anything. `keys` are
/// the inputs of the command, where they are known.
pub(super) fn corrected(
    words: &[Argument<'_>],
    keys: Option<&[&'static str]>,
) -> Option<CorrectedLine> {
    let line = CorrectedLine { words: Vec::new(), pairs: Vec::new() };
    let mut correction = Correction { keys, line };
    let (mut seen, command_words) = (0, words_of(&super::words::command(words)));
    let mut position = 0;
    while let Some(word) = words.get(position) {
        let rest = &words[position + 1..];
        position += 1;
        match *word {
            // Nothing needs `--` once the pairs stand behind `--inputs`.
            Argument::Flag
            | Argument::Option("--")
            | Argument::OldForm { path: "", value: None, .. } => {}
            // Its value stands behind a `=`, as it may be left out.
            Argument::Option("--publish")
                if matches!(rest, [Argument::Bare("true" | "false"), ..]) =>
            {
                let yes = matches!(rest, [Argument::Bare("true"), ..]);
                correction.line.words.push(format!("--publish={yes}"));
                position += 1;
            }
            Argument::Option(argument) | Argument::Value(argument) => {
                correction.line.words.push(argument.to_owned());
            }
            Argument::Bare(argument) if seen < command_words => {
                seen += 1;
                correction.line.words.push(argument.to_owned());
            }
            Argument::Bare(argument) => position += correction.bare(argument, rest)?,
            Argument::Pair { key, value, .. } => position += correction.pair(key, value, rest)?,
            Argument::OldForm { path, value: Some(value), .. } => {
                correction.old_form(path, value)?;
            }
            Argument::OldForm { path, value: None, .. } => {
                correction.bare(path.trim_start_matches('-'), &[])?;
            }
        }
    }
    Some(correction.line)
}

struct Correction<'a> {
    keys: Option<&'a [&'static str]>,
    line: CorrectedLine,
}

impl Correction<'_> {
    /// A word that is no pair; returns how many of the following words belong to it.
    fn bare(&mut self, argument: &str, rest: &[Argument<'_>]) -> Option<usize> {
        if argument.starts_with('{') {
            let Ok(Value::Object(map)) = typed_value("", argument) else { return None };
            for (key, value) in map {
                self.add(&key, &raw(&key, &value))?;
            }
            return Some(0);
        }
        let keys = self.keys?;
        // An input method wrote the `=`.
        if let Some((key, value)) = argument.split_once('＝') {
            return self.pair(key, value, rest);
        }
        match rest {
            // traffic = 0.1
            [Argument::Pair { key: "", value: "", .. }, Argument::Bare(value), ..] => {
                self.add(argument, value)?;
                return Some(2);
            }
            // traffic =0.1
            [Argument::Pair { key: "", value, .. }, ..] if !value.is_empty() => {
                self.add(argument, value)?;
                return Some(1);
            }
            _ => {}
        }
        let argument = argument.strip_suffix(':').unwrap_or(argument);
        if let Some((key, value)) = argument.split_once(':') {
            keys::spelt_alike(key, keys)?;
            self.add(key, value)?;
            return Some(0);
        }
        let Some(KeyMeaning::Key(key)) = keys::meant(argument, keys) else { return None };
        let is_switch = keys::SWITCHES.contains(&key);
        match rest {
            // traffic 0.1
            [Argument::Bare(value), ..]
                if !self.is_key(value) && (!is_switch || matches!(*value, "true" | "false")) =>
            {
                self.add(key, value)?;
                Some(1)
            }
            _ if is_switch => {
                self.add(key, "true")?;
                Some(0)
            }
            _ => None,
        }
    }

    /// A pair; returns how many of the following words belong to its value.
    fn pair(&mut self, key: &str, value: &str, rest: &[Argument<'_>]) -> Option<usize> {
        let plain = key.trim_start_matches(keys::QUOTES);
        let (is_quoted, key) = (plain != key, plain);
        if let Some(pairs) = joined(key, value, self.keys.unwrap_or_default()) {
            for (key, value) in pairs {
                self.add(key, value.trim_end_matches(keys::QUOTES))?;
            }
            return Some(0);
        }
        // A text whose blanks the shell took for the ends of arguments; `traffic= 0.1`.
        let takes_more = |more: usize| value.is_empty() && more == 0 || WITH_BLANKS.contains(&key);
        let mut value = value.to_owned();
        let mut more = 0;
        while let Some(Argument::Bare(word)) = rest.get(more) {
            let is_text = !is_continuation(word);
            if self.keys.is_none() || !takes_more(more) || self.is_key(word) || !is_text {
                break;
            }
            if !value.is_empty() {
                value.push(' ');
            }
            value.push_str(word);
            more += 1;
        }
        let value = if is_quoted { value.trim_end_matches(keys::QUOTES) } else { &value };
        self.add(key, value)?;
        Some(more)
    }

    fn old_form(&mut self, path: &str, value: &str) -> Option<()> {
        let path = path.trim_start_matches('-');
        let path = path.strip_prefix("inputs.").unwrap_or(path);
        match path.split_once('.') {
            Some((key, inner)) => {
                let key = match self.keys {
                    Some(keys) => keys::spelt_alike(key, keys)?,
                    None => key,
                };
                self.put_inside(key, &inner.split('.').collect::<Vec<_>>(), value)
            }
            None => self.add(path, value),
        }
    }

    fn is_key(&self, word: &str) -> bool {
        self.keys.is_some_and(|keys| keys::meant(word, keys).is_some())
    }

    /// Adds a pair under the key that is meant.
    fn add(&mut self, key: &str, value: &str) -> Option<()> {
        let Some(keys) = self.keys else { return self.put(key, value) };
        match keys::meant(key, keys)? {
            KeyMeaning::Key(key) => self.put(key, value),
            KeyMeaning::Inside(key, inner) => {
                let inner: Vec<&str> = inner.iter().map(String::as_str).collect();
                self.put_inside(key, &inner, value)
            }
            KeyMeaning::Option(name) => {
                let option = format!("--{name}");
                let with_value = format!("{option}=");
                let is_there = |word: &String| *word == option || word.starts_with(&with_value);
                if self.line.words.iter().any(is_there) || value.is_empty() {
                    return None;
                }
                self.line.words.extend([option, value.to_owned()]);
                Some(())
            }
            KeyMeaning::Weights if value.starts_with('{') => {
                self.put("config", &format!("{{\"weights\":{value}}}"))
            }
            KeyMeaning::Weights | KeyMeaning::Share => {
                let share = value.parse::<f64>().ok()?;
                let weights = format!("{{\"weights\":{{\"$LATEST\":{value}}}}}");
                (0.0..=1.0).contains(&share).then(|| self.put("config", &weights))?
            }
        }
    }

    /// Adds a pair. Which of two values is meant nobody knows.
    fn put(&mut self, key: &str, value: &str) -> Option<()> {
        if key.is_empty() || self.line.pairs.iter().any(|(known, _)| known == key) {
            return None;
        }
        self.line.pairs.push((key.to_owned(), Fold::Raw(value.to_owned())));
        Some(())
    }

    fn put_inside(&mut self, key: &str, inner: &[&str], raw: &str) -> Option<()> {
        let (last, path) = inner.split_last()?;
        let pairs = &mut self.line.pairs;
        let position = pairs.iter().position(|(known, _)| known == key).unwrap_or_else(|| {
            pairs.push((key.to_owned(), Fold::Tree(Map::new())));
            pairs.len() - 1
        });
        let (_, Fold::Tree(tree)) = &mut pairs[position] else { return None };
        let mut tree = tree;
        for part in path {
            let below = tree.entry((*part).to_owned()).or_insert_with(|| Value::Object(Map::new()));
            let Value::Object(below) = below else { return None };
            tree = below;
        }
        let value = typed_value(key, raw).unwrap_or_else(|_| Value::String(raw.to_owned()));
        tree.insert((*last).to_owned(), value).is_none().then_some(())
    }
}

/// Whether a word is what a shell has at the end of a line that goes on in the next one.
pub(super) fn is_continuation(word: &str) -> bool {
    matches!(word.trim(), "\\" | "^" | "`")
}

/// A value of a JSON object as it is typed behind its key.
fn raw(key: &str, value: &Value) -> String {
    match value {
        Value::String(text)
            if TEXT_KEYS.contains(&key)
                || typed_value(key, text).is_ok_and(|read| read == *value) =>
        {
            text.clone()
        }
        value => value.to_string(),
    }
}

/// Inputs whose values may hold blanks.
const WITH_BLANKS: &[&str] =
    &["description", "endTime", "event", "publishDescription", "since", "startTime"];

/// Inputs whose values hold no `=`.
const WITHOUT_EQUALS: &[&str] = &["function", "name", "publish", "traffic", "version"];

/// The pairs of an argument that holds several, such as `traffic=0.1,publish=true`.
pub(super) fn joined<'a>(
    key: &'a str,
    value: &'a str,
    keys: &[&'static str],
) -> Option<Vec<(&'a str, &'a str)>> {
    const EQUALS: [char; 2] = ['=', '＝'];
    const ENDS: [char; 8] = [',', ';', ' ', '\t', '\n', '，', '；', '、'];
    if !WITHOUT_EQUALS.contains(&key) || !value.contains(EQUALS) {
        return None;
    }
    let mut parts = value.split(ENDS).filter(|part| !part.is_empty());
    let mut pairs = vec![(key, parts.next()?)];
    for part in parts {
        let (key, value) = part.split_once(EQUALS)?;
        keys::spelt_alike(key, keys)?;
        pairs.push((key, value));
    }
    (pairs.len() > 1).then_some(pairs)
}
