//! Detects changes made by someone else during a run.

use super::observed::ObservedFunction;
use crate::model::Configuration;

/// What has changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Drift {
    /// The code or image, or the handler sent with it.
    Code,
    /// A setting that this run has written.
    Settings,
}

/// Compares the function as it is now with its state as far as this run knows it.
///
/// Code whose digest the service does not report cannot be compared. Settings that are not in
/// `written` do not count: serverless.yml says nothing about them, so anyone may change them.
#[must_use]
pub fn drift(
    known: &ObservedFunction,
    found: &ObservedFunction,
    written: &Configuration,
) -> Option<Drift> {
    let code = known.code_sha256.as_ref().zip(found.code_sha256.as_ref());
    if code.is_some_and(|(known, found)| known != found)
        || known.image != found.image
        || known.spec.handler != found.spec.handler
    {
        return Some(Drift::Code);
    }
    // Compared in the form the service reports, which may differ from what was sent.
    let known = known.spec.configuration.clone().frozen().keys_of(written);
    (!known.changes_to(&found.spec.configuration).is_empty()).then_some(Drift::Settings)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_and_written_settings_drift_and_nothing_else() {
        let function = |code: Option<&str>, timeout, memory, description: &str| {
            let configuration = Configuration {
                timeout: Some(timeout),
                memory_size: Some(memory),
                description: Some(description.into()),
                ..Configuration::default()
            };
            ObservedFunction::sample(code, configuration)
        };
        let written = Configuration {
            timeout: Some(3),
            description: Some("one".into()),
            ..Configuration::default()
        };
        let known = function(Some("a"), 3, 128, "one");
        for (found, expected) in [
            (function(Some("a"), 3, 256, "two"), None),
            (function(None, 3, 128, "one"), None),
            (function(Some("b"), 3, 128, "one"), Some(Drift::Code)),
            (function(Some("a"), 9, 128, "one"), Some(Drift::Settings)),
            (function(None, 9, 128, "one"), Some(Drift::Settings)),
        ] {
            assert_eq!(drift(&known, &found, &written), expected, "{found:?}");
        }
        let longer = function(Some("a"), 9, 128, "one");
        assert_eq!(drift(&known, &longer, &Configuration::default()), None);
        assert_eq!(drift(&function(None, 3, 128, "one"), &known, &written), None);
        let mut moved = known.clone();
        moved.spec.handler = Some("app.main_handler".into());
        assert_eq!(drift(&known, &moved, &written), Some(Drift::Code));
    }
}
