//! Sorting that is compiled only once.
//!
//! The standard library's sort is compiled again for each type and comparison, about 4 KB each,
//! which made up a thirtieth of the binary (docs/size.md). Short lists are sorted by this one
//! instead. Maps and sets are filled entry by entry, because `collect` sorts before it builds them.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

/// Stable sorting in place.
pub trait Order<T> {
    /// Sorts by the type's own order.
    fn order(&mut self)
    where
        T: Ord;
    /// Sorts by a comparison.
    fn order_by(&mut self, compare: impl Fn(&T, &T) -> Ordering);
    /// Sorts by a key, which is computed at each comparison.
    fn order_by_key<K: Ord>(&mut self, key: impl Fn(&T) -> K);
}

impl<T> Order<T> for [T] {
    fn order(&mut self)
    where
        T: Ord,
    {
        self.order_by(T::cmp);
    }

    fn order_by(&mut self, compare: impl Fn(&T, &T) -> Ordering) {
        let mut places = sorted(self.len(), &|one, other| compare(&self[one], &self[other]));
        put(&mut places, &mut |one, other| self.swap(one, other));
    }

    fn order_by_key<K: Ord>(&mut self, key: impl Fn(&T) -> K) {
        self.order_by(|one, other| key(one).cmp(&key(other)));
    }
}

/// Collects into sorted maps and sets.
pub trait Ordered: Iterator + Sized {
    /// Collects into a map. The last value of a key wins.
    fn into_map<K: Ord, V>(self) -> BTreeMap<K, V>
    where
        Self: Iterator<Item = (K, V)>,
    {
        let mut map = BTreeMap::new();
        self.for_each(|(key, value)| {
            map.insert(key, value);
        });
        map
    }

    /// Collects into a set.
    fn into_set(self) -> BTreeSet<Self::Item>
    where
        Self::Item: Ord,
    {
        let mut set = BTreeSet::new();
        self.for_each(|item| {
            set.insert(item);
        });
        set
    }
}

impl<I: Iterator> Ordered for I {}

/// Returns for each position the index of the item that belongs there.
fn sorted(count: usize, compare: &dyn Fn(usize, usize) -> Ordering) -> Vec<usize> {
    let mut places: Vec<usize> = (0..count).collect();
    places.sort_by(|one, other| compare(*one, *other));
    places
}

/// Moves all items into place, cycle by cycle.
fn put(places: &mut [usize], swap: &mut dyn FnMut(usize, usize)) {
    for first in 0..places.len() {
        let mut place = first;
        loop {
            let from = std::mem::replace(&mut places[place], place);
            if from == first {
                break;
            }
            swap(place, from);
            place = from;
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn it_is_the_order_of_the_standard_library(
            found in prop::collection::vec((0_u8..6, any::<u8>()), 0..40),
        ) {
            let (mut ours, mut theirs) = (found.clone(), found.clone());
            ours.order_by_key(|(key, _)| *key);
            theirs.sort_by_key(|(key, _)| *key);
            prop_assert_eq!(&ours, &theirs);
            ours.order_by(|one, other| other.cmp(one));
            theirs.sort_by(|one, other| other.cmp(one));
            prop_assert_eq!(&ours, &theirs);
            ours.order();
            theirs.sort_unstable();
            prop_assert_eq!(ours, theirs);
            let map: BTreeMap<u8, u8> = found.iter().copied().collect();
            prop_assert_eq!(found.iter().copied().into_map(), map);
            let set: BTreeSet<(u8, u8)> = found.iter().copied().collect();
            prop_assert_eq!(found.into_iter().into_set(), set);
        }
    }
}
