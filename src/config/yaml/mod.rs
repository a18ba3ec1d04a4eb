//! `serverless.yml` text to JSON values, in the dialect of js-yaml 4, which `sls` uses.
//!
//! `saphyr-parser` reads the syntax; what its scalars mean is decided here,
//! because no Rust loader has js-yaml's schema: YAML 1.2 core (so `on` and
//! `yes` are texts and `010` is ten) plus merge keys and timestamps, which are
//! sent as ISO texts. Duplicate keys, unknown tags and second documents are
//! errors. Values are those that reach the platform: `.inf` and `.nan` are
//! null, 1.0 is 1, integer-like keys come first.
//!
//! Files are bounded in depth and in size after alias expansion, so that a
//! small file cannot exhaust memory or stack.

mod error;
mod limits;
mod location;
mod scalar;
mod syntax;
mod write;

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

use base64::Engine as _;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use saphyr_parser::{Event, Marker, Parser, ScalarStyle, Span, StrInput, Tag};
use serde_json::Value;

use crate::config::{ValueKind, pointer};
use crate::javascript;
pub use error::{DocumentError, Fault, Problem};
pub use limits::{MAX_BYTES, MAX_DEPTH, MAX_MERGED_KEYS, MAX_NODES};
pub use location::Location;
use scalar::{PlainScalar, float, integer, plain, timestamp};
pub use syntax::{JsonSyntax, YamlSyntax};
pub use write::write;

/// A configuration file that was read.
#[derive(Debug, Clone)]
pub struct Document {
    /// What the file says. An empty document is null.
    pub value: Value,
    /// Where the file says it.
    pub locations: Locations,
}

/// Where a value stands in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// Where the value starts: for an alias, where the anchored value does.
    pub value: Location,
    /// Where its key starts; `None` for list items and the whole document.
    pub key: Option<Location>,
}

/// A scalar that JavaScript turns into another text than the one in the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangedScalar {
    /// What JavaScript takes it for.
    pub what: ValueKind,
    /// The text of the file: `02134`.
    pub written: String,
    /// What becomes of it: `2134`.
    pub sent: String,
}

/// The places of all values of a document.
#[derive(Debug, Clone, Default)]
pub struct Locations {
    root: Option<Arc<Node>>,
}

impl Locations {
    /// Finds the place of the value a JSON pointer (`/inputs/events/0`) leads to.
    ///
    /// `None` when there is no such value.
    #[must_use]
    pub fn get(&self, pointer: &str) -> Option<Place> {
        let (node, entry) = self.find(pointer)?;
        Some(Place { value: node.location, key: entry.map(|entry| entry.location) })
    }

    /// How the scalar that a pointer leads to is written, where that is not what is sent.
    ///
    /// Null is not among these: it has no text.
    #[must_use]
    pub fn changed(&self, pointer: &str) -> Option<ChangedScalar> {
        let (node, _) = self.find(pointer)?;
        let written = node.written.as_deref()?.to_owned();
        Some(match &node.kind {
            NodeKind::Scalar(scalar) => {
                ChangedScalar { what: scalar.what(), written, sent: scalar.sent() }
            }
            // Bytes arrive one by one, by their positions.
            _ => ChangedScalar {
                what: ValueKind::Bytes,
                written,
                sent: "[object Object]".to_owned(),
            },
        })
    }

    /// As [`Self::changed`], of the key that a pointer ends with.
    #[must_use]
    pub fn changed_key(&self, pointer: &str) -> Option<ChangedScalar> {
        let entry = self.find(pointer)?.1?;
        let written = entry.written.as_deref()?.to_owned();
        Some(ChangedScalar { what: ValueKind::Number, written, sent: entry.key.clone() })
    }

    /// Whether the value of a key holds an anchor, so that it is there for other places.
    #[must_use]
    pub fn is_anchored(&self, pointer: &str) -> bool {
        self.find(pointer).is_some_and(|(_, entry)| entry.is_some_and(|entry| entry.anchored))
    }

    /// Puts the dates in the value that a pointer leads to back to the text of the file: no
    /// input is a date, and a time in another form is no text that anybody wrote.
    pub(super) fn restore_dates(&self, pointer: &str, value: &mut Value) {
        if let Some((node, _)) = self.find(pointer) {
            node.restore_dates(value);
        }
    }

    /// The value that a pointer leads to, and the entry of its map.
    fn find(&self, pointer: &str) -> Option<(&Node, Option<&Entry>)> {
        let mut node = self.root.as_deref()?;
        let mut found = None;
        if !pointer.is_empty() {
            pointer.strip_prefix('/')?;
            for part in pointer::keys(pointer) {
                match &node.kind {
                    NodeKind::Scalar(_) => return None,
                    NodeKind::Sequence(items) => {
                        found = None;
                        node = items.get(part.parse::<usize>().ok()?)?;
                    }
                    NodeKind::Mapping(entries) => {
                        let entry = entries.iter().find(|entry| entry.key == part)?;
                        found = Some(entry);
                        node = &entry.node;
                    }
                }
            }
        }
        Some((node, found))
    }
}

/// Reads YAML text.
///
/// ```
/// let document = scfctl::config::yaml::parse("inputs:\n  timeout: 0x0A\n")?;
/// assert_eq!(document.value["inputs"]["timeout"], 10);
/// let place = document.locations.get("/inputs/timeout").unwrap();
/// assert_eq!((place.value.line, place.value.column), (2, 12));
/// # Ok::<(), scfctl::config::yaml::DocumentError>(())
/// ```
pub fn parse(text: &str) -> Result<Document, DocumentError> {
    /// So many lines with a tab behind the colon are read.
    const MOST_TABS: usize = 100;
    let mut text = Cow::Borrowed(text.strip_prefix('\u{feff}').unwrap_or(text));
    for _ in 0..MOST_TABS {
        match read(&text) {
            Err(error) => match without_tab(&text, &error) {
                Some(mended) => text = Cow::Owned(mended),
                None => return Err(error),
            },
            read => return read,
        }
    }
    read(&text)
}

/// The text with blanks for the tabs behind the colon that the parser stopped at: js-yaml takes
/// any blank there. `None` where it stopped at something else.
fn without_tab(text: &str, error: &DocumentError) -> Option<String> {
    if error.problem != Problem::Yaml(YamlSyntax::BlankBehindColon) {
        return None;
    }
    let lines = text.split_inclusive('\n').take(error.line.checked_sub(1)?);
    let begin: usize = lines.map(str::len).sum();
    let rest = text.get(begin..)?;
    let end =
        rest.char_indices().nth(error.column.checked_sub(1)?).map_or(rest.len(), |(end, _)| end);
    let before = &rest[..end];
    let key = before.trim_end_matches('\t');
    let tabs = before.len() - key.len();
    if tabs == 0 || !key.ends_with(':') {
        return None;
    }
    let (done, behind) = (begin + key.len(), begin + end);
    Some(format!("{}{}{}", &text[..done], " ".repeat(tabs), &text[behind..]))
}

/// Reads YAML text as the parser takes it.
fn read(text: &str) -> Result<Document, DocumentError> {
    if let Some(location) = control_character(text) {
        return Err(DocumentError::new(text, location, Problem::ControlCharacter));
    }
    let mut loader = Loader {
        text,
        parser: Parser::new_from_str(text),
        anchors: HashMap::new(),
        anchors_met: 0,
        merged_keys: 0,
        open: Vec::new(),
    };
    let root = loader.document()?;
    Ok(Document {
        value: root.as_deref().map_or(Value::Null, Node::value),
        locations: Locations { root },
    })
}

/// Reads the text of a `serverless.json`.
///
/// Its locations are those of the same text as YAML, and empty where that is more than YAML
/// takes. A key that is given twice is refused as there: the last one would count.
pub fn parse_json(text: &str) -> Result<Document, DocumentError> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let value: Value = serde_json::from_str(text).map_err(|error| {
        let location = Location { line: error.line(), column: error.column().max(1) };
        let words = error.to_string();
        let position = format!(" at line {} column {}", error.line(), error.column());
        let words = words.strip_suffix(&position).unwrap_or(&words);
        DocumentError::new(text, location, Problem::Json(JsonSyntax::of(words)))
    })?;
    // Outside its texts a tab is a blank, which YAML does not take everywhere.
    let locations = match parse(&text.replace('\t', " ")) {
        Ok(document) => document.locations,
        Err(error) if matches!(error.problem, Problem::DuplicateKey { .. }) => return Err(error),
        Err(_) => Locations::default(),
    };
    Ok(Document { value: javascript::canonical(value), locations })
}

/// A value as it stands in the file; aliases share their anchor's node.
#[derive(Debug)]
struct Node {
    kind: NodeKind,
    location: Location,
    /// The text of a scalar that JavaScript turns into another one.
    written: Option<Box<str>>,
    /// Levels of collections below, itself included.
    height: usize,
    /// Values in it after aliases are expanded.
    nodes: usize,
    /// Bytes of text in it after aliases are expanded.
    bytes: usize,
}

#[derive(Debug)]
enum NodeKind {
    Scalar(PlainScalar),
    Sequence(Vec<Arc<Node>>),
    Mapping(Vec<Entry>),
}

#[derive(Debug)]
struct Entry {
    key: String,
    /// The text of a key that JavaScript turns into another one.
    written: Option<Box<str>>,
    location: Location,
    node: Arc<Node>,
    /// Whether the value holds an anchor.
    anchored: bool,
}

impl Node {
    fn new(kind: NodeKind, location: Location) -> Self {
        let (mut height, mut nodes, mut bytes) = (0_usize, 1_usize, 0_usize);
        let mut below = |key: usize, node: &Self| {
            height = height.max(node.height);
            nodes = nodes.saturating_add(node.nodes);
            bytes = bytes.saturating_add(node.bytes).saturating_add(key);
        };
        match &kind {
            NodeKind::Scalar(PlainScalar::Text(text)) => bytes = text.len(),
            NodeKind::Scalar(_) => {}
            NodeKind::Sequence(items) => {
                for item in items {
                    below(0, item);
                }
                height += 1;
            }
            NodeKind::Mapping(entries) => {
                for entry in entries {
                    below(entry.key.len(), &entry.node);
                }
                height += 1;
            }
        }
        Self { kind, location, written: None, height, nodes, bytes }
    }

    fn restore_dates(&self, value: &mut Value) {
        match (&self.kind, value) {
            (NodeKind::Scalar(PlainScalar::Timestamp(_, written)), Value::String(text)) => {
                text.clone_from(written);
            }
            (NodeKind::Sequence(items), Value::Array(values)) => {
                items.iter().zip(values).for_each(|(item, value)| item.restore_dates(value));
            }
            (NodeKind::Mapping(entries), Value::Object(map)) => {
                for entry in entries {
                    if let Some(value) = map.get_mut(&entry.key) {
                        entry.node.restore_dates(value);
                    }
                }
            }
            _ => {}
        }
    }

    fn value(&self) -> Value {
        match &self.kind {
            NodeKind::Scalar(scalar) => scalar.value(),
            NodeKind::Sequence(items) => items.iter().map(|item| item.value()).collect(),
            NodeKind::Mapping(entries) => Value::Object(javascript::order_keys(
                entries.iter().map(|entry| (entry.key.clone(), entry.node.value())).collect(),
            )),
        }
    }
}

struct Loader<'a> {
    text: &'a str,
    parser: Parser<'a, StrInput<'a>>,
    /// Anchored values by the parser's number for the anchor.
    anchors: HashMap<usize, Arc<Node>>,
    anchors_met: usize,
    merged_keys: usize,
    /// Where the collections begin that are being read, outermost first.
    open: Vec<Location>,
}

impl<'a> Loader<'a> {
    fn error(&self, location: Location, problem: Problem) -> DocumentError {
        DocumentError::new(self.text, location, problem)
    }

    fn next(&mut self) -> Result<(Event<'a>, Span), DocumentError> {
        match self.parser.next_event() {
            Some(Ok(event)) => Ok(event),
            Some(Err(error)) => {
                let (location, open) = (place(*error.marker()), self.open.last().copied());
                Err(DocumentError::syntax(self.text, location, error.info(), open))
            }
            None => Err(self.error(Location { line: 1, column: 1 }, Problem::EndOfFile)),
        }
    }

    /// Reads the one document of the stream; `None` when there is none.
    fn document(&mut self) -> Result<Option<Arc<Node>>, DocumentError> {
        let mut root = None;
        loop {
            let (event, span) = self.next()?;
            match event {
                Event::StreamEnd => return Ok(root),
                Event::DocumentStart(_) if root.is_some() => {
                    let error = self.error(place(span.start), Problem::SecondDocument);
                    return Err(error.because(Fault::SecondDocument));
                }
                Event::DocumentStart(_) => {
                    let first = self.next()?;
                    root = Some(self.node(first, 0)?);
                }
                _ => {}
            }
        }
    }

    fn node(
        &mut self,
        (event, span): (Event<'a>, Span),
        depth: usize,
    ) -> Result<Arc<Node>, DocumentError> {
        let location = place(span.start);
        let mut written = None;
        let (kind, anchor) = match event {
            Event::Alias(anchor) => {
                let Some(node) = self.anchors.get(&anchor) else {
                    return Err(self.error(location, Problem::AliasInItself));
                };
                let node = Arc::clone(node);
                self.check_size(&node, depth, location)?;
                return Ok(node);
            }
            Event::Scalar(text, style, anchor, tag) => {
                let scalar = self.scalar(&text, style, tag.as_deref(), location)?;
                written = match &scalar {
                    NodeKind::Scalar(scalar) => scalar.written(&text).map(Box::from),
                    // The bytes of `!!binary`; without a text it is an empty collection.
                    _ => (!text.is_empty()).then(|| Box::from(&*text)),
                };
                (scalar, anchor)
            }
            Event::SequenceStart(anchor, tag) => {
                self.check_depth(depth, location)?;
                self.open.push(location);
                let mut items = Vec::new();
                loop {
                    let next = self.next()?;
                    if next.0 == Event::SequenceEnd {
                        break;
                    }
                    items.push(self.node(next, depth + 1)?);
                }
                self.open.pop();
                let kind = self.tagged_sequence(items, tag.as_deref(), location)?;
                (kind, anchor)
            }
            Event::MappingStart(anchor, tag) => {
                self.check_depth(depth, location)?;
                self.open.push(location);
                let mut mapping = Mapping::default();
                loop {
                    let key = self.next()?;
                    if key.0 == Event::MappingEnd {
                        break;
                    }
                    self.entry(&mut mapping, key, depth + 1)?;
                }
                self.open.pop();
                let entries = mapping.entries;
                let kind = self.tagged_mapping(entries, tag.as_deref(), location)?;
                (kind, anchor)
            }
            _ => return Err(self.error(location, Problem::EndOfValue)),
        };
        let node = Arc::new(Node { written, ..Node::new(kind, location) });
        self.check_size(&node, depth, location)?;
        if anchor > 0 {
            self.anchors_met += 1;
            self.anchors.insert(anchor, Arc::clone(&node));
        }
        Ok(node)
    }

    fn check_depth(&self, depth: usize, location: Location) -> Result<(), DocumentError> {
        if depth >= MAX_DEPTH {
            return Err(self.error(location, Problem::TooDeep));
        }
        Ok(())
    }

    fn check_size(
        &self,
        node: &Node,
        depth: usize,
        location: Location,
    ) -> Result<(), DocumentError> {
        if depth + node.height > MAX_DEPTH {
            return Err(self.error(location, Problem::AliasesTooDeep));
        }
        if node.nodes > MAX_NODES {
            return Err(self.error(location, Problem::TooManyValues));
        }
        if node.bytes > MAX_BYTES {
            return Err(self.error(location, Problem::TooManyBytes));
        }
        Ok(())
    }

    /// Reads a key's value and adds both to the mapping.
    fn entry(
        &mut self,
        mapping: &mut Mapping,
        (event, span): (Event<'a>, Span),
        depth: usize,
    ) -> Result<(), DocumentError> {
        let location = place(span.start);
        let merge = matches!(&event, Event::Scalar(text, ScalarStyle::Plain, _, tag)
            if text == "<<" && tag.as_deref().is_none_or(|tag| tag_name(tag) == MERGE));
        if merge {
            let next = self.next()?;
            let source = self.node(next, depth)?;
            return self.merge(mapping, &source);
        }
        let key_node = self.node((event, span), depth)?;
        let key = self.key(&key_node, location)?;
        let written = match &key_node.kind {
            NodeKind::Scalar(scalar) => {
                scalar.written_key(key_node.written.as_deref()).map(Box::from)
            }
            _ => None,
        };
        let met = self.anchors_met;
        let next = self.next()?;
        let node = self.node(next, depth)?;
        let anchored = self.anchors_met > met;
        let name = key.clone();
        mapping.add(Entry { key, written, location, node, anchored }).map_err(|first| {
            let error = self.error(location, Problem::DuplicateKey { key: name.clone() });
            error.because(Fault::Duplicate { key: name, first })
        })
    }

    fn key(&self, node: &Node, location: Location) -> Result<String, DocumentError> {
        let refused = || self.error(location, Problem::Key);
        match &node.kind {
            NodeKind::Scalar(scalar) => Ok(scalar.key()),
            // JavaScript turns a list into a text this way, null into nothing.
            NodeKind::Sequence(items) => {
                let mut parts = Vec::with_capacity(items.len());
                for item in items {
                    match &item.kind {
                        NodeKind::Scalar(PlainScalar::Null) => parts.push(String::new()),
                        NodeKind::Scalar(scalar) => parts.push(scalar.key()),
                        _ => return Err(refused()),
                    }
                }
                Ok(parts.join(","))
            }
            NodeKind::Mapping(_) => Err(refused()),
        }
    }

    /// Adds the entries of `<<`'s value that the mapping does not have.
    fn merge(&mut self, mapping: &mut Mapping, source: &Arc<Node>) -> Result<(), DocumentError> {
        let sources = match &source.kind {
            NodeKind::Sequence(items) => items.as_slice(),
            _ => std::slice::from_ref(source),
        };
        for source in sources {
            let NodeKind::Mapping(entries) = &source.kind else {
                return Err(self.error(source.location, Problem::Merge));
            };
            self.merged_keys += entries.len() + 1;
            if self.merged_keys > MAX_MERGED_KEYS {
                return Err(self.error(source.location, Problem::TooManyMerged));
            }
            for entry in entries {
                mapping.add_merged(entry);
            }
        }
        Ok(())
    }

    fn scalar(
        &self,
        text: &str,
        style: ScalarStyle,
        tag: Option<&Tag>,
        location: Location,
    ) -> Result<NodeKind, DocumentError> {
        let as_text = || PlainScalar::Text(text.to_owned());
        let Some(tag) = tag else {
            return Ok(NodeKind::Scalar(if style == ScalarStyle::Plain {
                plain(text)
            } else {
                as_text()
            }));
        };
        let name = tag_name(tag);
        let scalar = match name.as_str() {
            "!" if text.is_empty() && style == ScalarStyle::Plain => Some(PlainScalar::Null),
            "!" | STR => Some(as_text()),
            NULL => {
                (text.is_empty() || plain(text) == PlainScalar::Null).then_some(PlainScalar::Null)
            }
            BOOL => Some(plain(text)).filter(|scalar| matches!(scalar, PlainScalar::Boolean(_))),
            INT => integer(text).map(PlainScalar::Number),
            FLOAT => float(text).map(PlainScalar::Number),
            TIMESTAMP => timestamp(text).map(|iso| PlainScalar::Timestamp(iso, text.to_owned())),
            MERGE => (text == "<<").then(as_text),
            BINARY => {
                return binary(text, location)
                    .ok_or_else(|| self.error(location, Problem::NotOfTag { tag: name }));
            }
            // An empty value is an empty collection.
            SEQ | OMAP | PAIRS if text.is_empty() && style == ScalarStyle::Plain => {
                return Ok(NodeKind::Sequence(Vec::new()));
            }
            MAP | SET if text.is_empty() && style == ScalarStyle::Plain => {
                return Ok(NodeKind::Mapping(Vec::new()));
            }
            _ => return Err(self.wrong_tag(&name, location)),
        };
        scalar
            .map(NodeKind::Scalar)
            .ok_or_else(|| self.error(location, Problem::NotOfTag { tag: name }))
    }

    fn tagged_sequence(
        &self,
        items: Vec<Arc<Node>>,
        tag: Option<&Tag>,
        location: Location,
    ) -> Result<NodeKind, DocumentError> {
        let Some(tag) = tag else {
            return Ok(NodeKind::Sequence(items));
        };
        let name = tag_name(tag);
        match name.as_str() {
            "!" | SEQ => Ok(NodeKind::Sequence(items)),
            OMAP | PAIRS => {
                let mut pairs = Vec::with_capacity(items.len());
                let mut seen = std::collections::HashSet::new();
                for item in &items {
                    let NodeKind::Mapping(entries) = &item.kind else {
                        return Err(self.error(item.location, Problem::NotAPair));
                    };
                    let [entry] = entries.as_slice() else {
                        return Err(self.error(item.location, Problem::NotASinglePair));
                    };
                    if name == OMAP && !seen.insert(entry.key.as_str()) {
                        return Err(self.error(entry.location, Problem::DuplicateInOrderedMap));
                    }
                    let key = NodeKind::Scalar(PlainScalar::Text(entry.key.clone()));
                    let pair = NodeKind::Sequence(vec![
                        Arc::new(Node::new(key, entry.location)),
                        Arc::clone(&entry.node),
                    ]);
                    pairs.push(Arc::new(Node::new(pair, item.location)));
                }
                Ok(NodeKind::Sequence(if name == OMAP { items } else { pairs }))
            }
            _ => Err(self.wrong_tag(&name, location)),
        }
    }

    fn tagged_mapping(
        &self,
        entries: Vec<Entry>,
        tag: Option<&Tag>,
        location: Location,
    ) -> Result<NodeKind, DocumentError> {
        let Some(tag) = tag else {
            return Ok(NodeKind::Mapping(entries));
        };
        let name = tag_name(tag);
        let is_null =
            |entry: &Entry| matches!(entry.node.kind, NodeKind::Scalar(PlainScalar::Null));
        match name.as_str() {
            "!" | MAP => Ok(NodeKind::Mapping(entries)),
            SET => match entries.iter().find(|entry| !is_null(entry)) {
                Some(entry) => Err(self.error(entry.location, Problem::ValueInSet)),
                None => Ok(NodeKind::Mapping(entries)),
            },
            _ => Err(self.wrong_tag(&name, location)),
        }
    }

    fn wrong_tag(&self, name: &str, location: Location) -> DocumentError {
        let known =
            [STR, NULL, BOOL, INT, FLOAT, TIMESTAMP, MERGE, BINARY, SEQ, OMAP, PAIRS, MAP, SET];
        let tag = name.to_owned();
        let problem = if known.contains(&name) {
            Problem::TagMisfit { tag }
        } else {
            Problem::UnknownTag { tag }
        };
        self.error(location, problem).because(Fault::Tag)
    }
}

const STR: &str = "tag:yaml.org,2002:str";
const NULL: &str = "tag:yaml.org,2002:null";
const BOOL: &str = "tag:yaml.org,2002:bool";
const INT: &str = "tag:yaml.org,2002:int";
const FLOAT: &str = "tag:yaml.org,2002:float";
const TIMESTAMP: &str = "tag:yaml.org,2002:timestamp";
const MERGE: &str = "tag:yaml.org,2002:merge";
const BINARY: &str = "tag:yaml.org,2002:binary";
const SEQ: &str = "tag:yaml.org,2002:seq";
const OMAP: &str = "tag:yaml.org,2002:omap";
const PAIRS: &str = "tag:yaml.org,2002:pairs";
const MAP: &str = "tag:yaml.org,2002:map";
const SET: &str = "tag:yaml.org,2002:set";

fn tag_name(tag: &Tag) -> String {
    format!("{}{}", tag.handle, tag.suffix)
}

/// The entries of a mapping while it is read.
#[derive(Default)]
struct Mapping {
    entries: Vec<Entry>,
    /// Where each key stands in `entries`, and whether an explicit key may still replace it.
    places: HashMap<String, (usize, bool)>,
}

impl Mapping {
    /// Adds an explicit entry.
    ///
    /// # Errors
    /// The key is taken by another one, which stands here.
    fn add(&mut self, entry: Entry) -> Result<(), Location> {
        if let Some((place, merged)) = self.places.get_mut(&entry.key) {
            let place = *place;
            if !*merged {
                return Err(self.entries[place].location);
            }
            *merged = false;
            self.entries[place] = entry;
        } else {
            self.places.insert(entry.key.clone(), (self.entries.len(), false));
            self.entries.push(entry);
        }
        Ok(())
    }

    fn add_merged(&mut self, entry: &Entry) {
        if !self.places.contains_key(&entry.key) {
            self.places.insert(entry.key.clone(), (self.entries.len(), true));
            self.entries.push(Entry {
                key: entry.key.clone(),
                written: entry.written.clone(),
                location: entry.location,
                node: Arc::clone(&entry.node),
                anchored: false,
            });
        }
    }
}

fn place(marker: Marker) -> Location {
    Location { line: marker.line().max(1), column: marker.col() + 1 }
}

/// Finds a character that has no place in a text file.
fn control_character(text: &str) -> Option<Location> {
    let mut location = Location { line: 1, column: 1 };
    for character in text.chars() {
        match character {
            '\n' => {
                location.line += 1;
                location.column = 1;
                continue;
            }
            '\t' | '\r' => {}
            '\0'..='\u{1f}' | '\u{7f}' => return Some(location),
            _ => {}
        }
        location.column += 1;
    }
    None
}

/// Reads `!!binary` as what arrives after JSON: an object of bytes by position.
fn binary(text: &str, location: Location) -> Option<NodeKind> {
    let packed: String = text.chars().filter(|c| !"\r\n \t".contains(*c)).collect();
    let engine = GeneralPurpose::new(
        &STANDARD,
        GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
    );
    let bytes = engine.decode(packed).ok()?;
    let entries = bytes.into_iter().enumerate().map(|(index, byte)| Entry {
        key: index.to_string(),
        written: None,
        location,
        node: Arc::new(Node::new(NodeKind::Scalar(PlainScalar::Number(f64::from(byte))), location)),
        anchored: false,
    });
    Some(NodeKind::Mapping(entries.collect()))
}

#[cfg(test)]
mod tests;
