//! Sorting by code that is there once.
//!
//! The standard library's sort is compiled anew for each type and each order, about 4 KB a time,
//! which made a thirtieth of the binary (docs/size.md). What is short is sorted by this one; and
//! maps and sets, which are sorted before they are built where they are collected, are filled
//! entry by entry.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

/// Sorts in place, and keeps what is equal in the order that it has.
pub trait Order<T> {
    /// Sorts by the order of the type.
    fn order(&mut self)
    where
        T: Ord;
    /// Sorts by an order of one's own.
    fn order_by(&mut self, compare: impl Fn(&T, &T) -> Ordering);
    /// Sorts by something of each, which is asked for at each comparison.
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

/// Collects into what has an order of its own.
pub trait Ordered: Iterator + Sized {
    /// A map; the last value of a key counts.
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

    /// A set.
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

/// For each place, where what belongs there is.
fn sorted(count: usize, compare: &dyn Fn(usize, usize) -> Ordering) -> Vec<usize> {
    let mut places: Vec<usize> = (0..count).collect();
    places.sort_by(|one, other| compare(*one, *other));
    places
}

/// Moves everything to its place, circle by circle.
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
