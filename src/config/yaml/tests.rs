use std::fmt::Write as _;

use super::*;
use proptest::prelude::*;
use serde_json::json;

fn reason(text: &str) -> (usize, usize, String) {
    let error = parse(text).unwrap_err();
    (error.line, error.column, error.problem.to_string())
}

#[test]
fn places_of_values_keys_and_aliased_values_are_known() {
    let document = parse("a: &x\n  b/c: [1, two]\nd: *x\n").unwrap();
    let at = |pointer: &str| {
        document.locations.get(pointer).map(|place| {
            ((place.value.line, place.value.column), place.key.map(|key| (key.line, key.column)))
        })
    };
    assert_eq!(at(""), Some(((1, 1), None)));
    assert_eq!(at("/a/b~1c"), Some(((2, 8), Some((2, 3)))));
    assert_eq!(at("/a/b~1c/1"), Some(((2, 12), None)));
    assert_eq!(at("/d/b~1c/1"), Some(((2, 12), None)));
    assert_eq!(at("/d").unwrap().1, Some((3, 1)));
    assert_eq!(at("/nope"), None);
}

#[test]
fn errors_show_the_line() {
    let error = parse("inputs:\n  测: 1\n  测: 2\n").unwrap_err();
    assert_eq!(error.to_string(), "duplicated mapping key `测` at line 3, column 3");
    assert_eq!(error.excerpt, "3 |   测: 2\n      ^");
}

#[test]
fn what_is_open_is_named_with_its_place() {
    let open = |opened, missing, line, column| {
        Some(Fault::Open { opened, missing, at: Location { line, column } })
    };
    for (text, fault) in [
        ("a: [", open('[', ']', 1, 4)),
        ("a: [\n", open('[', ']', 1, 4)),
        ("a: [1, 2\nb: 3\n", open('[', ']', 1, 4)),
        ("a:\n  b: {c: 1, d: [1, 2]\n  e: f\n", open('{', '}', 2, 6)),
        ("a: [x, {y: 1\nb: ']'\n", open('{', '}', 1, 8)),
        ("a: {b: \"}\" # }\n", open('{', '}', 1, 4)),
        ("a: \"b\nc: d\n", open('"', '"', 1, 4)),
        ("a: 'b\n", open('\'', '\'', 1, 4)),
        ("a: [b] c\n", Some(Fault::Unquoted)),
    ] {
        let error = parse(text).unwrap_err();
        assert_eq!(error.fault, fault, "{text:?}: {error}");
    }
}

#[test]
fn scalars_are_what_js_yaml_makes_of_them() {
    for (text, value) in [
        ("-.5", json!("-.5")),
        ("+1.5", json!(1.5)),
        ("1.e3", json!(1000)),
        ("1e400", json!("1e400")),
        ("0x", json!("0x")),
        ("-0b11", json!(-3)),
        ("+.inf", json!(null)),
        ("+.nan", json!("+.nan")),
        ("1.5.1", json!("1.5.1")),
        ("1e", json!("1e")),
        ("2024-1-2 3:04:05.1234 -5:30", json!("2024-01-02T08:34:05.123Z")),
        ("2024-02-30", json!("2024-02-30")),
        ("2024-01-02T03:04", json!("2024-01-02T03:04")),
        ("<<", json!("<<")),
    ] {
        assert_eq!(parse(&format!("- {text}\n")).unwrap().value, json!([value]), "{text}");
    }
}

#[test]
fn tags_must_fit() {
    assert_eq!(
        parse("a: !!pairs [x: 1, x: 2]\nb: ! 12\nc: !!set\n").unwrap().value,
        json!({"a": [["x", 1], ["x", 2]], "b": "12", "c": {}})
    );
    for text in ["!!int x", "!!map [1]", "!!omap [a: 1, a: 2]", "!!set {a: 1}", "!!binary '*'"] {
        assert!(parse(text).is_err(), "{text}");
    }
}

#[test]
fn merging_needs_mappings_and_the_first_of_a_list_wins() {
    assert_eq!(reason("a: &a 1\nb:\n  <<: *a\n").2, "`<<` needs a mapping or a list of mappings");
    assert_eq!(
        parse("b: {<<: [{x: 1}, {x: 2, y: 3}], y: 4}").unwrap().value,
        json!({"b": {"x": 1, "y": 4}})
    );
}

#[test]
fn aliases_cannot_blow_up() {
    let mut laughs = "l0: &l0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
    for level in 1..12 {
        let items = vec![format!("*l{}", level - 1); 10].join(", ");
        writeln!(laughs, "l{level}: &l{level} [{items}]").unwrap();
    }
    assert_eq!(reason(&laughs).2, "more than 100000 values after aliases are expanded");
    let mut long = format!("l0: &l0 {}\n", "x".repeat(1 << 16));
    for level in 1..6 {
        let items = vec![format!("*l{}", level - 1); 10].join(", ");
        writeln!(long, "l{level}: &l{level} [{items}]").unwrap();
    }
    assert!(reason(&long).2.ends_with("bytes of text after aliases are expanded"));
    assert_eq!(reason("a: &a [*a]\n").2, "the alias stands inside its own anchor");
    let mut tower = "a0: &a0 []\n".to_owned();
    for level in 1..200 {
        writeln!(tower, "a{level}: &a{level} [*a{}]", level - 1).unwrap();
    }
    assert_eq!(reason(&tower).2, "aliases nest more than 100 levels deep");
}

#[test]
fn deep_nesting_is_refused_without_overflow() {
    for opener in ["[", "{a: ", "- ", "? "] {
        assert!(parse(&opener.repeat(100_000)).is_err(), "{opener}");
    }
    let mut blocks = String::new();
    for level in 0..3000 {
        writeln!(blocks, "{}a:", " ".repeat(level)).unwrap();
    }
    assert_eq!(reason(&blocks).2, "nested more than 100 levels deep");
}

#[test]
fn json_errors_have_a_place() {
    let error = parse_json("{\n  \"a\": 1,\n}").unwrap_err();
    assert_eq!((error.line, error.column), (3, 1));
    assert_eq!(
        parse_json("{\"b\": 1.0, \"1\": 2}").unwrap().value.to_string(),
        "{\"1\":2,\"b\":1}"
    );
}

proptest! {
    #[test]
    fn any_text_is_read_without_panic(text in any::<String>()) {
        let _ = parse(&text);
        let _ = parse_json(&text);
    }

    #[test]
    fn any_yaml_like_text_is_read_without_panic(
        text in "([ \t]{0,3}(- |\\? |: |a: |&a |\\*a |<<: |!!?[a-z]{0,4} |[\\[\\]{},|>'\"#%@`]|--- |\\.\\.\\.|[0-9.e-]{1,4}|\n|\r|测){1,3}){0,12}"
    ) {
        let _ = parse(&text);
    }

    #[test]
    fn json_reads_the_same_as_yaml(text in json_text(), number in -1000_i32..1000) {
        let json = json!({"k": [text, number], "n": {"m": null, "b": true}}).to_string();
        prop_assert_eq!(parse(&json).unwrap().value, parse_json(&json).unwrap().value);
    }
}

fn json_text() -> impl Strategy<Value = String> {
    "[a-z0-9 :#\\-\\[\\]{}'\"\\\\测]{0,12}"
}

#[test]
fn what_javascript_would_change_is_known_with_its_text() {
    let text = "a: 02134\nb: &x 1.10\nc: *x\nd: {e: .inf, f: True, 010: x}\ng:\n  <<: {h: 2021-01-01}\n\
                i: [1e3, 0x10, -0, 12345678901234567890]\nj: !!int 010\n";
    let document = parse(text).unwrap();
    {
        for (pointer, written, sent) in [
            ("/a", "02134", "2134"),
            ("/b", "1.10", "1.1"),
            ("/c", "1.10", "1.1"),
            ("/d/e", ".inf", "null"),
            ("/d/f", "True", "true"),
            ("/g/h", "2021-01-01", "2021-01-01T00:00:00.000Z"),
            ("/i/0", "1e3", "1000"),
            ("/i/1", "0x10", "16"),
            ("/i/2", "-0", "0"),
            ("/i/3", "12345678901234567890", "12345678901234567000"),
            ("/j", "010", "10"),
        ] {
            let changed = document.locations.changed(pointer).unwrap();
            assert_eq!((&*changed.written, &*changed.sent), (written, sent), "{pointer}");
        }
        assert_eq!(document.locations.changed_key("/d/10").unwrap().written, "010");
        let mut value = document.value.clone();
        document.locations.restore_dates("", &mut value);
        assert_eq!(value["g"]["h"], "2021-01-01");
    }
    let same =
        "a: 1\nb: true\nc: -1.5\nd: '02'\ne: 1e+21\nf: null\ng: ~\nh:\ni: !!str 1.10\nj: 1.10.2\n";
    let document = parse(same).unwrap();
    for key in document.value.as_object().unwrap().keys() {
        assert_eq!(document.locations.changed(&format!("/{key}")), None, "{key}");
        assert_eq!(document.locations.changed_key(&format!("/{key}")), None, "{key}");
    }
    let json = parse_json("{\n\t\"a\": {\"b\": 1.10, \"c\": 12345678901234567890}}").unwrap();
    assert_eq!(json.locations.changed("/a/b").unwrap().written, "1.10");
    assert_eq!(json.locations.changed("/a/c").unwrap().written, "12345678901234567890");
}

#[test]
fn a_tab_behind_a_colon_is_a_blank_as_in_js_yaml() {
    for (text, expected) in [
        ("a:\tb\n", json!({"a": "b"})),
        ("a:\t\tb\nc:\t1 # d\n", json!({"a": "b", "c": 1})),
        ("? a\n:\tb\n", json!({"a": "b"})),
        ("a:\n  b:\t'x\ty'\n  c: |\n    d:\te\n", json!({"a": {"b": "x\ty", "c": "d:\te\n"}})),
    ] {
        assert_eq!(parse(text).unwrap().value, expected, "{text:?}");
    }
    let error = parse("a:\n\tb: 1\n").unwrap_err();
    assert_eq!(error.fault, Some(Fault::Tab));
}

#[test]
fn a_key_twice_is_refused_in_json_however_it_is_indented() {
    let error = parse_json("{\n\t\"a\": 1,\n\t\"b\": {\"c\": 1, \"c\": 2}\n}").unwrap_err();
    assert_eq!((error.line, error.problem), (3, Problem::DuplicateKey { key: "c".to_owned() }));
    // A tab in a text is written `\\t`, and stays.
    let read = parse_json("{\"a\":\t\"x\\ty\"}").unwrap();
    assert_eq!(read.value, json!({"a": "x\ty"}));
    assert!(read.locations.get("/a").is_some());
}

#[test]
fn advice_fits_quotes_anchors_and_lists_among_keys() {
    let fault = |text| parse(text).unwrap_err().fault;
    assert_eq!(fault("a: 'it's'\n"), Some(Fault::QuoteWithin { quote: '\'' }));
    assert_eq!(fault("a: \"it\"s\"\n"), Some(Fault::QuoteWithin { quote: '"' }));
    let single = parse("a: 'it's'\n").unwrap_err();
    assert!(single.to_string().contains("single-quoted"), "{single}");
    assert_eq!(fault("a: *base\n"), Some(Fault::NoAnchor { name: "base".to_owned() }));
    assert_eq!(fault("a: */5 * * * *\n"), Some(Fault::Unquoted));
    assert_eq!(fault("a: 1\n- b: 2\n"), Some(Fault::Mixed));
}
