//! Attributes of a function as a whole, not of a version: tags, and how failed asynchronous
//! invocations are retried.

use std::collections::BTreeMap;

use super::observed::ObservedAttributes;
use super::step::AttributeStep;
use crate::model::{Attributes, Retries};
use crate::order::Ordered as _;

impl Attributes {
    /// Returns whether the file configures retries of asynchronous invocations.
    #[must_use]
    pub fn name_retries(&self) -> bool {
        self.message_ttl.is_some() || self.retries.is_some()
    }

    fn retries_over(&self, observed: Retries) -> Retries {
        Retries {
            message_ttl: self.message_ttl.unwrap_or(observed.message_ttl),
            count: self.retries.unwrap_or(observed.count),
        }
    }
}

/// Returns the step that changes how failed asynchronous invocations are retried.
///
/// A new function (`observed` is `None`) gets the real component's values if it is asynchronous or
/// the file sets one of the two.
pub(super) fn retry_step(
    wanted: &Attributes,
    asynchronous: bool,
    observed: Option<&ObservedAttributes>,
) -> Option<AttributeStep> {
    let Some(observed) = observed else {
        let said = asynchronous || wanted.name_retries();
        return said.then(|| AttributeStep::Retries(wanted.retries_over(Retries::DEFAULT)));
    };
    if !wanted.name_retries() {
        return None;
    }
    let there = observed.retries;
    let result = wanted.retries_over(there.unwrap_or(Retries::DEFAULT));
    (there != Some(result)).then_some(AttributeStep::Retries(result))
}

/// Returns the step that changes an existing function's tags. A new function is created with them.
pub(super) fn tag_step(
    wanted: &Attributes,
    observed: &ObservedAttributes,
) -> Option<AttributeStep> {
    let result = wanted.tags.as_ref()?;
    let set: BTreeMap<String, String> = result
        .iter()
        .filter(|(key, value)| observed.tags.get(*key) != Some(*value))
        .map(|(key, value)| (key.clone(), value.clone()))
        .into_map();
    let remove: Vec<String> =
        observed.tags.keys().filter(|key| !result.contains_key(*key)).cloned().collect();
    (!set.is_empty() || !remove.is_empty()).then_some(AttributeStep::Tags { set, remove })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tags(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
        pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn tags_are_compared_one_by_one() {
        let observed = ObservedAttributes {
            tags: tags(&[("kept", "1"), ("old", "1"), ("moved", "1")]),
            retries: None,
        };
        let step = |wanted: Option<&[(&str, &str)]>| {
            let wanted = Attributes { tags: wanted.map(tags), ..Attributes::default() };
            tag_step(&wanted, &observed).map(|step| step.to_string())
        };
        assert_eq!(step(None), None);
        assert_eq!(step(Some(&[("kept", "1"), ("old", "1"), ("moved", "1")])), None);
        assert_eq!(
            step(Some(&[("kept", "1"), ("moved", "2"), ("new", "1")])).unwrap(),
            "change tags of the function: set moved, set new, remove old"
        );
        assert_eq!(
            step(Some(&[])).unwrap(),
            "change tags of the function: remove kept, remove moved, remove old"
        );
    }

    #[test]
    fn the_half_that_is_not_said_stays() {
        let there = ObservedAttributes {
            tags: BTreeMap::new(),
            retries: Some(Retries { message_ttl: 600, count: 1 }),
        };
        let step = |message_ttl, retries, asynchronous, observed| {
            let wanted = Attributes { tags: None, message_ttl, retries };
            match retry_step(&wanted, asynchronous, observed) {
                Some(AttributeStep::Retries(Retries { message_ttl, count })) => {
                    Some((message_ttl, count))
                }
                _ => None,
            }
        };
        for (ttl, count, asynchronous, observed, expected) in [
            (None, None, false, None, None),
            (None, None, true, None, Some((21_600, 2))),
            (Some(60), None, false, None, Some((60, 2))),
            (None, None, true, Some(&there), None),
            (Some(600), None, true, Some(&there), None),
            (Some(600), Some(1), false, Some(&there), None),
            (None, Some(0), false, Some(&there), Some((600, 0))),
            (Some(60), None, false, Some(&there), Some((60, 1))),
        ] {
            assert_eq!(step(ttl, count, asynchronous, observed), expected, "{ttl:?} {count:?}");
        }
    }
}
