//! How an alias splits its traffic.

use super::target::{RoutingTarget, Target};
use crate::model::{Routing, Version, Weight};

/// Returns the routing of `$DEFAULT` that gives `traffic` to `$LATEST`.
///
/// `last`, the last published version, serves the rest. Without one, `$LATEST` serves everything,
/// whatever `traffic` says (seed document, "函数流量设置"). As with the real component, the main version
/// is always `$LATEST`, and the weight is that of the published version, even if it is 0 or 1.
#[must_use]
pub fn default_alias(last: Option<Target>, traffic: Weight) -> RoutingTarget {
    RoutingTarget {
        main: Target::Existing(Version::Latest),
        additional: last.map(|last| (last, traffic.complement())),
        matches: Vec::new(),
    }
}

/// Returns whether setting `wanted` on an alias that routes as `observed` changes where requests
/// go.
///
/// A version that does not exist yet always counts as a change.
#[must_use]
pub fn changes(observed: &Routing, wanted: &RoutingTarget) -> bool {
    wanted.resolve(None).is_none_or(|wanted| !wanted.same_effect(observed))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn weight(text: &str) -> Weight {
        text.parse().unwrap()
    }

    #[test]
    fn the_last_version_serves_what_latest_does_not() {
        let last = Target::Existing(Version::Number(5));
        for (traffic, rest, shown) in [
            ("0.2", "0.8", "$LATEST: 0.2, 5: 0.8"),
            ("0.9", "0.1", "$LATEST: 0.9, 5: 0.1"),
            ("0", "1", "5: 1"),
            ("1", "0", "$LATEST: 1"),
            ("0.01", "0.99", "$LATEST: 0.01, 5: 0.99"),
        ] {
            let wanted = default_alias(Some(last), weight(traffic));
            assert_eq!(wanted.additional, Some((last, weight(rest))));
            assert_eq!(wanted.to_string(), shown);
        }
    }

    #[test]
    fn without_a_published_version_latest_takes_all() {
        let wanted = default_alias(None, weight("0.1"));
        assert_eq!(wanted.resolve(None), Some(Routing::all_to(Version::Latest)));
    }

    #[test]
    fn what_sends_requests_the_same_way_changes_nothing() {
        let five = Version::Number(5);
        let wanted = default_alias(Some(Target::Existing(five)), weight("0.2"));
        let table = [
            (Routing::split(Version::Latest, five, weight("0.8")), false),
            (Routing::split(five, Version::Latest, weight("0.2")), false),
            (Routing::split(Version::Latest, five, weight("0.7")), true),
            (Routing::split(Version::Latest, Version::Number(4), weight("0.8")), true),
            (Routing::all_to(Version::Latest), true),
        ];
        for (observed, expected) in table {
            assert_eq!(changes(&observed, &wanted), expected, "{observed}");
        }
        let to_all = default_alias(Some(Target::Existing(five)), Weight::ONE);
        assert!(!changes(&Routing::all_to(Version::Latest), &to_all));
        assert!(changes(
            &Routing::all_to(five),
            &default_alias(Some(Target::Published), Weight::ZERO)
        ));
    }
}
