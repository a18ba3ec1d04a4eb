//! Which requests `$LATEST` serves while its content changes.

use std::fmt;

use crate::model::{Alias, MatchRule, Routing, Version, Weight};

/// An alias that sends requests to `$LATEST`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExposedAlias {
    /// Name of the alias.
    pub alias: String,
    /// Share by weight (0–1), as main or additional version.
    pub share: Weight,
    /// Match rules that send requests to `$LATEST`. How many requests match is unknown.
    pub rules: Vec<MatchRule>,
}

impl fmt::Display for ExposedAlias {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.share > Weight::ZERO || self.rules.is_empty() {
            formatter.write_str(&self.share.percent())?;
        }
        if !self.rules.is_empty() {
            let and = if self.share > Weight::ZERO { " and " } else { "" };
            write!(formatter, "{and}what matches {}", self.conditions().join(" or "))?;
        }
        write!(formatter, " of {}", self.alias)
    }
}

impl ExposedAlias {
    /// Returns the conditions of the match rules, as `key method expression`.
    #[must_use]
    pub fn conditions(&self) -> Vec<String> {
        let condition =
            |rule: &MatchRule| format!("{} {} {}", rule.key, rule.method, rule.expression);
        self.rules.iter().map(condition).collect()
    }

    /// Returns what an alias sends to `$LATEST`, or `None` if nothing.
    #[must_use]
    pub fn of(alias: &str, routing: &Routing) -> Option<Self> {
        let rules: Vec<MatchRule> = routing
            .matches
            .iter()
            .filter(|rule| rule.version == Version::Latest)
            .cloned()
            .collect();
        let share = routing.share_of(Version::Latest);
        (share > Weight::ZERO || !rules.is_empty()).then(|| Self {
            alias: alias.to_owned(),
            share,
            rules,
        })
    }
}

/// Returns the aliases that send requests to `$LATEST`, each once: first those of `read`, then
/// those of `listed`, in the service's order.
///
/// `lowered` is the alias whose share falls before the content changes, with its routing by then.
#[must_use]
pub fn exposures<'a>(
    read: impl Iterator<Item = &'a Alias>,
    listed: &'a [Alias],
    lowered: Option<(&str, &Routing)>,
) -> Vec<ExposedAlias> {
    let mut seen: Vec<&str> = Vec::new();
    let mut found = Vec::new();
    for alias in read.chain(listed) {
        if seen.contains(&alias.name.as_str()) {
            continue;
        }
        seen.push(&alias.name);
        let routing = match lowered {
            Some((name, routing)) if name == alias.name => routing,
            _ => &alias.routing,
        };
        found.extend(ExposedAlias::of(&alias.name, routing));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn alias(name: &str, routing: Routing) -> Alias {
        Alias {
            name: name.to_owned(),
            routing,
            description: String::new(),
            modified: String::new(),
        }
    }

    #[test]
    fn every_way_to_latest_counts() {
        let weight = |text: &str| text.parse::<Weight>().unwrap();
        let (latest, one, two) = (Version::Latest, Version::Number(1), Version::Number(2));
        let rule = |version| MatchRule {
            version,
            key: "invoke.headers.User".into(),
            method: "exact".into(),
            expression: "Bob".into(),
        };
        let ruled =
            |main, version| Routing { matches: vec![rule(version)], ..Routing::all_to(main) };
        let several = Routing {
            main: latest,
            additional: vec![(one, weight("0.2")), (two, weight("0.3"))],
            matches: Vec::new(),
        };
        for (routing, share, rules) in [
            (Routing::all_to(latest), Some("1"), 0),
            (Routing::split(latest, one, weight("0.9")), Some("0.1"), 0),
            (Routing::split(one, latest, weight("0.3")), Some("0.3"), 0),
            (several, Some("0.5"), 0),
            (ruled(one, latest), Some("0"), 1),
            (ruled(latest, one), Some("1"), 0),
            (Routing::all_to(one), None, 0),
            (Routing::split(latest, one, Weight::ONE), None, 0),
            (Routing::split(one, latest, Weight::ZERO), None, 0),
            (ruled(one, two), None, 0),
        ] {
            let found = ExposedAlias::of("a", &routing);
            assert_eq!(found.as_ref().map(|found| found.share), share.map(weight), "{routing}");
            assert_eq!(found.map_or(0, |found| found.rules.len()), rules, "{routing}");
        }
    }

    #[test]
    fn each_alias_once_and_one_as_it_is_by_then() {
        let all = Routing::all_to(Version::Latest);
        let none = Routing::all_to(Version::Number(1));
        let read = [alias("$DEFAULT", all.clone()), alias("prod", all.clone())];
        // `ListAliases` may be slightly older than an alias that was read by itself.
        let listed =
            [alias("beta", all.clone()), alias("prod", none.clone()), alias("quiet", none.clone())];
        let names = |lowered| -> Vec<String> {
            let found = exposures(read.iter(), &listed, lowered);
            found.into_iter().map(|exposure| exposure.alias).collect()
        };
        assert_eq!(names(None), ["$DEFAULT", "prod", "beta"]);
        assert_eq!(names(Some(("prod", &none))), ["$DEFAULT", "beta"]);
        assert_eq!(names(Some(("other", &none))), ["$DEFAULT", "prod", "beta"]);
    }
}
