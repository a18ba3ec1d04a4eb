//! What the log service (CLS) tells of topics: `SearchLog` and what is asked beside it.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use super::super::behaviour::{LogIndex, LogSyntax};
use super::super::error::Refusal;
use super::logs::{Line, Topic, topic_of};
use super::request::Request;
use super::{Region, Reply, State};
use crate::order::{Order as _, Ordered as _};

/// Lines that are found by one query and its contexts.
const MOST_FOUND: usize = 10_000;
const USUAL_LIMIT: i64 = 100;
const LARGEST_LIMIT: i64 = 1000;
/// How long a context is good for, in milliseconds.
const CONTEXT_LIFE: i64 = 3_600_000;
/// Topics of one query.
const MOST_TOPICS: usize = 50;
/// Characters of a query.
const LONGEST_QUERY: usize = 12_000;

/// Fields that are searchable by their names.
const INDEXED: [(&str, &str); 14] = [
    ("SCF_FunctionName", "text"),
    ("SCF_Namespace", "text"),
    ("SCF_RequestId", "text"),
    ("SCF_Alias", "text"),
    ("SCF_Qualifier", "text"),
    ("SCF_Level", "text"),
    ("SCF_Message", "text"),
    ("SCF_Type", "text"),
    ("SCF_StartTime", "long"),
    ("SCF_LogTime", "long"),
    ("SCF_Duration", "long"),
    ("SCF_StatusCode", "long"),
    ("SCF_RetryNum", "long"),
    ("SCF_MemUsage", "double"),
];

/// What a query asks of a line.
#[derive(Debug, Clone, PartialEq)]
enum Condition {
    All,
    /// A field has a phrase.
    Key(String, String),
    /// Any field has it.
    Text(String),
    /// A field is there.
    Exists(String),
    Compare(String, Comparison, f64),
    And(Box<Condition>, Box<Condition>),
    Or(Box<Condition>, Box<Condition>),
    Not(Box<Condition>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Comparison {
    Less,
    AtMost,
    More,
    AtLeast,
}

#[derive(Debug, Clone, PartialEq)]
enum Word {
    Open,
    Close,
    Colon,
    Compare(Comparison),
    And,
    Or,
    Not,
    Text(String),
    Quoted(String),
}

fn words(query: &str, capitals: bool) -> Result<Vec<Word>, String> {
    let mut words = Vec::new();
    let mut rest = query.chars().peekable();
    while let Some(character) = rest.next() {
        match character {
            character if character.is_whitespace() => {}
            '(' => words.push(Word::Open),
            ')' => words.push(Word::Close),
            ':' => words.push(Word::Colon),
            '>' | '<' => {
                let equal = rest.next_if_eq(&'=').is_some();
                words.push(Word::Compare(match (character, equal) {
                    ('>', true) => Comparison::AtLeast,
                    ('>', false) => Comparison::More,
                    (_, true) => Comparison::AtMost,
                    (_, false) => Comparison::Less,
                }));
            }
            '"' => {
                let mut text = String::new();
                loop {
                    match rest.next() {
                        Some('\\') => text.extend(rest.next()),
                        Some('"') => break,
                        Some(character) => text.push(character),
                        None => return Err("a quote is not closed".to_owned()),
                    }
                }
                words.push(Word::Quoted(text));
            }
            character => {
                let mut text = String::from(character);
                let inside = |next: &char| !next.is_whitespace() && !"():<>\"=|".contains(*next);
                while let Some(next) = rest.next_if(inside) {
                    text.push(next);
                }
                let word = if capitals { text.clone() } else { text.to_ascii_uppercase() };
                words.push(match word.as_str() {
                    "AND" => Word::And,
                    "OR" => Word::Or,
                    "NOT" => Word::Not,
                    _ if text.starts_with(['=', '|', '\'']) => {
                        return Err(format!("`{text}` is not understood"));
                    }
                    _ => Word::Text(text),
                });
            }
        }
    }
    Ok(words)
}

/// Reads a query: AND binds before OR, words side by side are joined by the syntax's own word.
struct Reader {
    words: std::iter::Peekable<std::vec::IntoIter<Word>>,
    /// Whether words side by side are alternatives, as in Lucene.
    alternatives: bool,
}

impl Reader {
    fn read(query: &str, syntax: i64) -> Result<Condition, String> {
        let lucene = syntax == 0;
        let words = words(query, lucene)?;
        if words.is_empty() || words == [Word::Text("*".to_owned())] {
            return Ok(Condition::All);
        }
        let mut reader = Self { words: words.into_iter().peekable(), alternatives: lucene };
        let condition = reader.or()?;
        match reader.words.next() {
            None => Ok(condition),
            Some(word) => Err(format!("{word:?} is not expected")),
        }
    }

    fn or(&mut self) -> Result<Condition, String> {
        let mut left = self.and()?;
        loop {
            let side_by_side = self.alternatives && self.begins();
            if self.words.next_if_eq(&Word::Or).is_none() && !side_by_side {
                return Ok(left);
            }
            left = Condition::Or(Box::new(left), Box::new(self.and()?));
        }
    }

    fn and(&mut self) -> Result<Condition, String> {
        let mut left = self.not()?;
        loop {
            let side_by_side = !self.alternatives && self.begins();
            if self.words.next_if_eq(&Word::And).is_none() && !side_by_side {
                return Ok(left);
            }
            left = Condition::And(Box::new(left), Box::new(self.not()?));
        }
    }

    fn begins(&mut self) -> bool {
        let word = self.words.peek();
        matches!(word, Some(Word::Open | Word::Not | Word::Text(_) | Word::Quoted(_)))
    }

    fn not(&mut self) -> Result<Condition, String> {
        if self.words.next_if_eq(&Word::Not).is_some() {
            return Ok(Condition::Not(Box::new(self.not()?)));
        }
        match self.words.next() {
            Some(Word::Open) => {
                let inner = self.or()?;
                match self.words.next() {
                    Some(Word::Close) => Ok(inner),
                    _ => Err("a bracket is not closed".to_owned()),
                }
            }
            Some(Word::Quoted(text)) => Ok(Condition::Text(text)),
            Some(Word::Text(key)) => self.of_key(key),
            other => Err(format!("{other:?} is not expected")),
        }
    }

    fn of_key(&mut self, key: String) -> Result<Condition, String> {
        let colon = self.words.next_if_eq(&Word::Colon).is_some();
        if let Some(Word::Compare(comparison)) =
            self.words.next_if(|word| matches!(word, Word::Compare(_)))
        {
            let Some(Word::Text(text)) = self.words.next() else {
                return Err(format!("`{key}` is compared with nothing"));
            };
            let number = text.parse().map_err(|_| format!("`{text}` is no number"))?;
            return Ok(Condition::Compare(key, comparison, number));
        }
        if !colon {
            return Ok(Condition::Text(key));
        }
        match self.words.next() {
            Some(Word::Text(text)) if text == "*" => Ok(Condition::Exists(key)),
            Some(Word::Text(text) | Word::Quoted(text)) => Ok(Condition::Key(key, text)),
            other => Err(format!("{other:?} is no value of `{key}`")),
        }
    }
}

/// The words of a text, as the index has them.
fn tokens(text: &str) -> Vec<String> {
    let inside = |character: char| character.is_alphanumeric() || "_$".contains(character);
    let parts = text.split(|character| !inside(character)).filter(|part| !part.is_empty());
    parts.map(str::to_lowercase).collect()
}

/// Whether the words of a phrase follow each other in a text.
fn has_phrase(text: &str, phrase: &str) -> bool {
    let (text, phrase) = (tokens(text), tokens(phrase));
    if phrase.is_empty() {
        return text.is_empty();
    }
    text.windows(phrase.len()).any(|window| window == phrase)
}

impl Condition {
    fn holds(&self, fields: &Map<String, Value>, index: LogIndex) -> bool {
        let by_name = index == LogIndex::Keys;
        let text = |key: &str| fields.get(key).and_then(Value::as_str).filter(|_| by_name);
        match self {
            Self::All => true,
            Self::Key(key, phrase) => text(key).is_some_and(|text| has_phrase(text, phrase)),
            Self::Exists(key) => text(key).is_some(),
            Self::Text(phrase) => {
                let mut texts = fields.values().filter_map(Value::as_str);
                texts.any(|text| has_phrase(text, phrase))
            }
            Self::Compare(key, comparison, than) => {
                let number: Option<f64> = text(key).and_then(|text| text.parse().ok());
                number.is_some_and(|number| match comparison {
                    Comparison::Less => number < *than,
                    Comparison::AtMost => number <= *than,
                    Comparison::More => number > *than,
                    Comparison::AtLeast => number >= *than,
                })
            }
            Self::And(one, other) => one.holds(fields, index) && other.holds(fields, index),
            Self::Or(one, other) => one.holds(fields, index) || other.holds(fields, index),
            Self::Not(one) => !one.holds(fields, index),
        }
    }
}

/// Where a query goes on: how many lines there were when it began, how many were shown, the hash
/// of what it asks, and when it began.
struct Page {
    arrived: u64,
    shown: usize,
    hash: String,
    began: i64,
}

impl Page {
    fn read(text: &str) -> Option<Self> {
        let mut parts = text.split('-');
        let page = Self {
            arrived: parts.next()?.parse().ok()?,
            shown: parts.next()?.parse().ok()?,
            began: parts.next()?.parse().ok()?,
            hash: parts.next()?.to_owned(),
        };
        parts.next().is_none().then_some(page)
    }

    fn show(&self) -> String {
        let Self { arrived, shown, hash, began } = self;
        format!("{arrived}-{shown}-{began}-{hash}")
    }
}

fn no_topic(topic: &str) -> Refusal {
    let message = format!("The topic `{topic}` does not exist.");
    Refusal::new("ResourceNotFound.TopicNotExist", message)
}

fn invalid(message: impl Into<String>) -> Refusal {
    Refusal::new("InvalidParameter", message)
}

/// The topics of a region: those that functions write to, and those that have lines.
fn topics(region: &Region) -> BTreeMap<String, String> {
    let functions = region.namespaces.values().flat_map(|namespace| namespace.functions.values());
    let versions = functions.flat_map(|function| function.versions.values());
    let named = versions.filter_map(|version| topic_of(&version.configuration));
    let written = region.topics.iter().map(|(name, topic)| (topic.logset.clone(), name.clone()));
    named.chain(written).map(|(logset, topic)| (topic, logset)).into_map()
}

/// The members of `Filters`: a key and the values one of which has to fit.
fn fits(request: &Request, of: &[(&str, &str)], precise: bool) -> bool {
    request.list("Filters").iter().all(|filter| {
        let key = filter["Key"].as_str().unwrap_or_default();
        let Some((_, value)) = of.iter().find(|(known, _)| *known == key) else { return true };
        let wanted = filter["Values"].as_array().map_or(&[][..], Vec::as_slice);
        wanted.iter().filter_map(Value::as_str).any(|wanted| {
            if key.ends_with("Name") && !precise {
                value.contains(wanted)
            } else {
                *value == wanted
            }
        })
    })
}

/// A page of a list.
fn part<T>(request: &Request, all: Vec<T>) -> Result<Vec<T>, Refusal> {
    let offset = request.integer("Offset").unwrap_or(0);
    let limit = request.integer("Limit").unwrap_or(20);
    let (Ok(offset), Ok(limit @ 1..=100)) = (usize::try_from(offset), usize::try_from(limit))
    else {
        return Err(invalid("Offset is 0 or more, and Limit 1 to 100."));
    };
    Ok(all.into_iter().skip(offset).take(limit).collect())
}

impl State {
    /// Searches the lines of a topic.
    pub(super) fn search_log(&self, request: &Request) -> Result<Reply, Refusal> {
        let name = one_topic(request)?;
        let region = self.region(request)?;
        if !topics(region).contains_key(name) {
            return Err(no_topic(name));
        }
        let condition = condition(request)?;
        let (from, to) = (request.integer("From"), request.integer("To"));
        let (Some(from), Some(to)) = (from, to) else {
            return Err(invalid("From and To are times."));
        };
        if from >= to {
            return Err(invalid("From is not before To."));
        }
        let limit = request.integer("Limit").unwrap_or(USUAL_LIMIT);
        if !(1..=LARGEST_LIMIT).contains(&limit) {
            return Err(invalid(format!("Limit is 1 to {LARGEST_LIMIT}.")));
        }
        let limit = usize::try_from(limit).unwrap_or(1);
        let ascending = match request.text("Sort") {
            None | Some("" | "desc") => false,
            Some("asc") => true,
            Some(other) => return Err(invalid(format!("Sort is asc or desc, not `{other}`."))),
        };
        let empty = Topic::default();
        let topic = region.topics.get(name).unwrap_or(&empty);
        let page = page(request, topic)?;
        let index = request.context.behaviour.log_index;
        let mut found: Vec<(&Line, Map<String, Value>)> = topic
            .lines
            .iter()
            .filter(|line| line.number <= page.arrived)
            .filter(|line| (from..to).contains(&line.nanos.div_euclid(1_000_000)))
            .filter_map(|line| Some((line, serde_json::from_str(&line.fields).ok()?)))
            .filter(|(_, fields)| condition.holds(fields, index))
            .collect();
        // By time, whole milliseconds alike; those of one moment as they arrived.
        found.order_by_key(|(line, _)| line.nanos.div_euclid(1_000_000));
        if !ascending {
            found.reverse();
        }
        // An offset has no bound.
        let most = if request.value("Offset").is_some() { usize::MAX } else { MOST_FOUND };
        let total = found.len().min(most);
        let end = page.shown.saturating_add(limit).min(total);
        let results: Vec<Value> =
            found[page.shown.min(end)..end].iter().map(|(line, _)| shown(name, line)).collect();
        let over = end >= total;
        let context = Page { shown: end, ..page }.show();
        Ok(Reply::from_iter([
            ("Context".to_owned(), json!(if over { String::new() } else { context })),
            ("ListOver".to_owned(), json!(over)),
            ("Analysis".to_owned(), json!(false)),
            ("Results".to_owned(), if results.is_empty() { Value::Null } else { json!(results) }),
            ("ColNames".to_owned(), Value::Null),
            ("AnalysisResults".to_owned(), Value::Null),
            ("AnalysisRecords".to_owned(), Value::Null),
            ("Columns".to_owned(), Value::Null),
            ("SamplingRate".to_owned(), json!(1.0)),
            ("Topics".to_owned(), Value::Null),
        ]))
    }

    /// Lists topics.
    pub(super) fn describe_topics(&self, request: &Request) -> Result<Reply, Refusal> {
        let precise = matches!(request.integer("PreciseSearch"), Some(1 | 3));
        let topics = topics(self.region(request)?).into_iter().filter(|(topic, logset)| {
            let of = [("topicId", topic.as_str()), ("topicName", topic), ("logsetId", logset)];
            fits(request, &of, precise)
        });
        let topics: Vec<Value> = topics
            .map(|(topic, logset)| {
                json!({"TopicId": topic, "TopicName": topic, "LogsetId": logset, "Index": true,
                    "Status": true, "Period": 7, "StorageType": "hot", "PartitionCount": 1,
                    "AutoSplit": true, "BizType": 0})
            })
            .collect();
        let total = topics.len();
        Ok(Reply::from_iter([
            ("Topics".to_owned(), Value::Array(part(request, topics)?)),
            ("TotalCount".to_owned(), json!(total)),
        ]))
    }

    /// Lists logsets.
    pub(super) fn describe_logsets(&self, request: &Request) -> Result<Reply, Refusal> {
        let mut logsets: BTreeMap<String, usize> = BTreeMap::new();
        for logset in topics(self.region(request)?).into_values() {
            *logsets.entry(logset).or_default() += 1;
        }
        let logsets: Vec<Value> = logsets
            .into_iter()
            .filter(|(logset, _)| {
                let of = [("logsetId", logset.as_str()), ("logsetName", logset.as_str())];
                fits(request, &of, false)
            })
            .map(|(logset, topics)| {
                json!({"LogsetId": logset, "LogsetName": logset, "TopicCount": topics})
            })
            .collect();
        let total = logsets.len();
        Ok(Reply::from_iter([
            ("Logsets".to_owned(), Value::Array(part(request, logsets)?)),
            ("TotalCount".to_owned(), json!(total)),
        ]))
    }

    /// Tells which fields of a topic are searchable by their names.
    pub(super) fn describe_index(&self, request: &Request) -> Result<Reply, Refusal> {
        let topic = request.required("TopicId");
        if !topics(self.region(request)?).contains_key(topic) {
            return Err(no_topic(topic));
        }
        let keys: Vec<Value> = INDEXED
            .iter()
            .map(|(key, kind)| json!({"Key": key, "Value": {"Type": kind, "SqlFlag": true}}))
            .collect();
        let by_name = request.context.behaviour.log_index == LogIndex::Keys;
        let named = json!({"CaseSensitive": false, "KeyValues": keys});
        let rule = json!({
            "FullText": {"CaseSensitive": false, "Tokenizer": "@&?|#()='\",;:<>[]{}/ \n\t\r\\-."},
            "KeyValue": if by_name { named } else { Value::Null },
            "Tag": Value::Null,
        });
        Ok(Reply::from_iter([
            ("TopicId".to_owned(), json!(topic)),
            ("Status".to_owned(), json!(true)),
            ("Rule".to_owned(), rule),
            ("ModifyTime".to_owned(), json!("2024-05-01 12:00:00")),
        ]))
    }
}

/// The one topic of a query; several are asked one by one here.
fn one_topic<'a>(request: &Request<'a>) -> Result<&'a str, Refusal> {
    let topics = request.list("Topics");
    match (request.text("TopicId"), topics) {
        (Some(topic), []) => Ok(topic),
        (None, [topic]) => Ok(topic["TopicId"].as_str().unwrap_or_default()),
        (None, topics) if topics.len() > MOST_TOPICS => {
            Err(invalid(format!("Topics has more than {MOST_TOPICS} entries.")))
        }
        (None, [_, ..]) => {
            Err(Refusal::new("UnsupportedOperation", "The local SCF searches one topic at a time."))
        }
        _ => Err(invalid("Either TopicId or Topics is given.")),
    }
}

fn condition(request: &Request) -> Result<Condition, Refusal> {
    let [new, old] = ["QueryString", "Query"].map(|name| request.text(name));
    let (query, syntax) = match (new, old) {
        (Some(query), _) => (query, request.integer("QuerySyntax").unwrap_or(1)),
        (None, query) => (query.unwrap_or_default(), request.integer("SyntaxRule").unwrap_or(0)),
    };
    if query.chars().count() > LONGEST_QUERY {
        return Err(invalid("The query is too long."));
    }
    if syntax == 1 && request.context.behaviour.log_syntax == LogSyntax::Lucene {
        return Err(Refusal::new(
            "OperationDenied.NewSyntaxNotSupported",
            "The topic does not take CQL.",
        ));
    }
    Reader::read(query, syntax).map_err(|reason| {
        Refusal::new("FailedOperation.SyntaxError", format!("The query is wrong: {reason}."))
    })
}

/// Where a query begins.
fn page(request: &Request, topic: &Topic) -> Result<Page, Refusal> {
    let names = ["From", "To", "QueryString", "QuerySyntax", "TopicId", "Topics", "Sort", "Query"];
    let mut hash = Sha256::new();
    for name in names {
        hash.update(request.value(name).map(Value::to_string).unwrap_or_default());
        hash.update([0]);
    }
    let hash = hex::encode(&hash.finalize()[..8]);
    let now = request.now().timestamp_millis();
    let offset = usize::try_from(request.integer("Offset").unwrap_or(0)).unwrap_or(0);
    let context = request.text("Context").filter(|text| !text.is_empty());
    let Some(text) = context else {
        return Ok(Page { arrived: topic.arrived, shown: offset, hash, began: now });
    };
    let page = Page::read(text).filter(|page| page.hash == hash && page.shown < MOST_FOUND);
    page.filter(|page| now - page.began < CONTEXT_LIFE).ok_or_else(|| {
        Refusal::new("FailedOperation.InvalidContext", "Context is not of this query, or too old.")
    })
}

fn shown(topic: &str, line: &Line) -> Value {
    json!({
        "Time": line.nanos.div_euclid(1_000_000),
        "TimeNanos": line.nanos,
        "TopicId": topic,
        "TopicName": topic,
        "Source": "127.0.0.1",
        "FileName": "",
        "HostName": "local",
        "PkgId": line.package,
        "PkgLogId": line.place,
        "HighLights": [],
        "LogJson": line.fields,
        "RawLog": "",
        "IndexStatus": "",
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(pairs: &[(&str, &str)]) -> Map<String, Value> {
        pairs.iter().map(|(key, value)| ((*key).to_owned(), json!(value))).collect()
    }

    #[test]
    fn conditions_are_read_and_hold() {
        let line = fields(&[
            ("SCF_FunctionName", "my-fn-2"),
            ("SCF_Qualifier", "$LATEST"),
            ("SCF_Duration", "12.5"),
            ("SCF_Message", "a \"quoted\" word"),
        ]);
        for (query, syntax, holds) in [
            ("", 1, true),
            ("*", 1, true),
            ("SCF_FunctionName:\"my-fn-2\"", 1, true),
            // By words: the same is found for a part.
            ("SCF_FunctionName:\"fn\"", 1, true),
            ("SCF_FunctionName:\"fn-3\"", 1, false),
            ("SCF_Qualifier:\"$LATEST\" AND SCF_Duration>12", 1, true),
            ("SCF_Qualifier:\"$LATEST\" and SCF_Duration:>13", 1, false),
            ("SCF_Qualifier:\"2\" OR SCF_Duration<=12.5", 1, true),
            ("SCF_Qualifier:\"2\" SCF_Duration<=12.5", 1, false),
            ("SCF_Qualifier:\"2\" SCF_Duration<=12.5", 0, true),
            ("NOT (SCF_Qualifier:\"2\" OR SCF_Alias:*)", 1, true),
            ("\"\\\"quoted\\\" word\"", 1, true),
            ("SCF_Message:word", 1, true),
        ] {
            let condition = Reader::read(query, syntax).unwrap();
            assert_eq!(condition.holds(&line, LogIndex::Keys), holds, "{query}");
        }
        let by_key = Reader::read("SCF_Message:word", 1).unwrap();
        assert!(!by_key.holds(&line, LogIndex::FullText));
        for query in ["\"open", "(a", "a AND", "SCF_Duration>x", "a:", "a | select 1", ")"] {
            assert!(Reader::read(query, 1).is_err(), "{query}");
        }
    }
}
