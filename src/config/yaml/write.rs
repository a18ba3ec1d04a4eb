//! Values as the text of a configuration file.

use serde_json::Value;

/// Writes a document that [`parse`](super::parse) reads as the same value; `None` where that is not
/// possible. Texts that a reader of YAML 1.1 or 1.2 would take for something else are quoted.
#[must_use]
pub fn write(value: &Value) -> Option<String> {
    let mut options = serde_yaml::SerializerOptions::default();
    // A block loses what stands at the end of a text more easily than a quoted one.
    options.prefer_block_scalars = false;
    let text = serde_yaml::to_string_with_options(value, options).ok()?;
    (super::parse(&text).ok()?.value == *value).then_some(text)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    /// Texts that some reader takes for something else.
    const MISTAKABLE: &[&str] = &[
        "",
        " ",
        "yes",
        "No",
        "on",
        "y",
        "n",
        "null",
        "~",
        "true",
        "FALSE",
        "012",
        "0o17",
        "0x1F",
        "1_000",
        "1e3",
        "1.0",
        ".5",
        "+1",
        "-0",
        ".inf",
        ".NaN",
        "12:30:45",
        "2001-12-14",
        "2001-12-14t21:59:43.10-05:00",
        "<<",
        "=",
        "*a",
        "&a",
        "!a",
        "|",
        ">",
        "@a",
        "`a",
        "%a",
        "- a",
        "-",
        "--- a",
        "---",
        "...",
        "? a",
        "?",
        ": a",
        "a: b",
        "a #b",
        "#a",
        "a ",
        " a",
        "\ta",
        "a\n",
        "a\n\n",
        "\na",
        "a\nb",
        "a\r\nb",
        "a\n  b\nc",
        "[a",
        "{a",
        "a]",
        "a, b",
        "'",
        "\"",
        "a'b\"c",
        "\\",
        "\\n",
        "${env:A}",
        "$",
        "中文",
        "中文: 值",
        "\u{feff}a",
        "\u{85}",
        "\u{2028}",
        "\u{a0}a\u{a0}",
        "\u{1f600}",
        "0",
        "00",
        "1",
        "9007199254740993",
        "1e400",
        "key:",
        "a:",
        "://",
        "C:\\x",
    ];

    #[test]
    fn texts_that_yaml_would_read_otherwise_come_back() {
        for text in MISTAKABLE {
            // As a value, in a list, and as a key.
            let value = json!({"a": text, "list": [text, [text]], "map": {*text: {"b": text}}});
            let written = write(&value).unwrap_or_else(|| panic!("{text:?}"));
            assert!(!written.starts_with("---"), "{written}");
        }
    }

    #[test]
    fn what_needs_no_quotes_has_none() {
        let value = json!({
            "component": "scf",
            "inputs": {"name": "hello-1", "memorySize": 128, "src": "./src", "list": [{"timer": {"name": "a"}}], "none": {}},
        });
        assert_eq!(
            write(&value).unwrap(),
            "component: scf\ninputs:\n  name: hello-1\n  memorySize: 128\n  src: ./src\n  list:\n  - timer:\n      name: a\n  none: {}\n"
        );
    }

    fn value() -> impl Strategy<Value = Value> {
        let text = prop_oneof![
            proptest::sample::select(MISTAKABLE).prop_map(str::to_owned),
            "[ -~]{0,12}",
            "[a-z0-9:#'\"\\n \\[\\]{}&*!|>%@`,?-]{0,12}",
            "\\PC{0,8}",
        ];
        let scalar = prop_oneof![
            text.clone().prop_map(Value::from),
            any::<bool>().prop_map(Value::from),
            (-1_000_000_i64..1_000_000).prop_map(Value::from),
            Just(json!(0.1)),
            Just(Value::Null),
        ];
        scalar.prop_recursive(4, 24, 4, move |inner| {
            prop_oneof![
                proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                // `__proto__` is no key to JavaScript.
                proptest::collection::vec((text.clone(), inner), 0..4).prop_map(|pairs| {
                    Value::Object(pairs.into_iter().filter(|(key, _)| key != "__proto__").collect())
                }),
            ]
        })
    }

    proptest! {
        #[test]
        fn what_is_written_reads_as_it_was(value in value()) {
            prop_assert!(write(&value).is_some(), "{value}");
        }
    }
}
