//! What a call reads and writes, and so which calls may change places.
//!
//! Two calls side by side commute when neither writes what the other reads or writes: the server
//! holds the same afterwards and both get the same answers. So of two orders that differ only
//! by such swaps one is tried.

use scfctl::local::Call;

/// The parts of a function that calls touch, as bits.
const LATEST: u8 = 1;
const VERSIONS: u8 = 1 << 1;
pub const DEFAULT: u8 = 1 << 2;
pub const OTHER: u8 = 1 << 3;
const TRIGGERS: u8 = 1 << 4;
/// The list of versions, which may lag behind what there is.
pub const LISTED: u8 = 1 << 5;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Footprint {
    reads: u8,
    writes: u8,
}

fn alias(name: &str) -> u8 {
    if name == "$DEFAULT" { DEFAULT } else { OTHER }
}

impl Footprint {
    /// The footprint of a call, and what tells it from others of its command.
    pub fn of(call: &Call) -> (String, Self) {
        let text = |key: &str| call.params[key].as_str().unwrap_or_default();
        let label = format!("{} {}{}", call.action, text("Name"), text("Qualifier"));
        (label, Self::new(&call.action, text("Name"), text("Qualifier")))
    }

    pub fn new(action: &str, name: &str, qualifier: &str) -> Self {
        let content = match qualifier.parse::<u64>() {
            // A version never changes, and nobody asks for these before they are there.
            Ok(..=2) => 0,
            Ok(_) => VERSIONS,
            Err(_) => LATEST,
        };
        let (reads, writes) = match action {
            "GetFunction" => (content | TRIGGERS, 0),
            "GetFunctionAddress" => (content, 0),
            // `$LATEST` is listed too, and nothing of it that is read here ever changes.
            "ListVersionByFunction" => (VERSIONS | LISTED, 0),
            "GetAlias" => (alias(name), 0),
            "ListAliases" => (DEFAULT | OTHER, 0),
            "ListTriggers" => (TRIGGERS, 0),
            "UpdateFunctionCode" | "UpdateFunctionConfiguration" => (0, LATEST),
            // Two publications do not commute: the first gets the lower number.
            "PublishVersion" => (LATEST, VERSIONS | LISTED),
            "CreateAlias" | "UpdateAlias" | "DeleteAlias" => (TRIGGERS, alias(name)),
            "CreateFunction" => (0, u8::MAX),
            other => panic!("what does {other} touch?"),
        };
        Self { reads, writes }
    }

    /// As it is where the first read after a write shows what was there before: of what is
    /// written at all a read takes that away from others.
    pub fn lagging(self, written: u8) -> Self {
        Self { reads: self.reads, writes: self.writes | (self.reads & written) }
    }

    /// Whether swapping both changes nothing.
    pub fn commutes_with(self, other: Self) -> bool {
        let touches = |one: Self| one.reads | one.writes;
        self.writes & touches(other) == 0 && other.writes & touches(self) == 0
    }

    pub fn reads_alias(self, name: &str) -> bool {
        self.reads & alias(name) != 0
    }

    pub fn writes_alias(self, name: &str) -> bool {
        self.writes & alias(name) != 0
    }
}
