//! Which keys of which maps were asked for.

use std::cell::RefCell;

/// Which keys of which maps were asked for.
#[derive(Debug, Default)]
pub(super) struct AskedKeys(RefCell<Vec<(String, Vec<&'static str>)>>);

impl AskedKeys {
    /// Remembers that these keys of the map at a path were asked for.
    pub(super) fn note(&self, path: &str, keys: &[&'static str]) {
        let mut asked = self.0.borrow_mut();
        let position = asked.iter().position(|(known, _)| known == path).unwrap_or_else(|| {
            asked.push((path.to_owned(), Vec::new()));
            asked.len() - 1
        });
        let known = &mut asked[position].1;
        known.extend(keys.iter().filter(|key| !known.contains(key)).collect::<Vec<_>>());
    }

    /// The keys of the map at a path that were asked for; `None` where nothing reads it as a map
    /// of certain keys.
    pub(super) fn of(&self, path: &str) -> Option<Vec<&'static str>> {
        let asked = self.0.borrow();
        asked.iter().find(|(known, _)| known == path).map(|(_, keys)| keys.clone())
    }
}
