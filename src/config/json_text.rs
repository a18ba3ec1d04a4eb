//! How a number stands in JSON text, where JavaScript makes another text of it.

use super::ValueKind;
use super::yaml::ChangedScalar;
use crate::javascript;

/// How the number at a path of a value is written, where that is not what is sent. The text is
/// JSON, or a list with commas between as `--inputs` takes it; of anything else there is none.
#[must_use]
pub fn changed(text: &str, path: &[&str]) -> Option<ChangedScalar> {
    let is_json = serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok();
    let number = match (is_json, path) {
        (true, path) => find(text, path)?,
        (false, []) => text,
        (false, [index]) if text.contains(',') => text.split(',').nth(index.parse().ok()?)?,
        (false, _) => return None,
    };
    let written = javascript::trim(number);
    let sent = if written.is_empty() || written.starts_with(['"', '{', '[']) {
        return None;
    } else {
        javascript::number_text(javascript::text_number(written)?)
    };
    (sent != written).then(|| ChangedScalar {
        what: ValueKind::Number,
        written: written.to_owned(),
        sent,
    })
}

/// The text of the value at a path of valid JSON.
fn find<'a>(text: &'a str, path: &[&str]) -> Option<&'a str> {
    let text = text.trim_matches(is_blank);
    let Some((part, below)) = path.split_first() else { return Some(text) };
    let is_map = text.starts_with('{');
    if !is_map && !text.starts_with('[') {
        return None;
    }
    let mut rest = &text[1..];
    for index in 0_usize.. {
        rest = rest.trim_start_matches(is_blank);
        let is_meant = if is_map {
            let (key, behind) = rest.split_at(end(rest));
            rest = behind.trim_start_matches(is_blank).strip_prefix(':')?;
            serde_json::from_str::<String>(key).is_ok_and(|key| key == *part)
        } else {
            part.parse() == Ok(index)
        };
        rest = rest.trim_start_matches(is_blank);
        let (value, behind) = rest.split_at(end(rest));
        if is_meant {
            return find(value, below);
        }
        rest = behind.trim_start_matches(is_blank).strip_prefix(',')?;
    }
    None
}

fn is_blank(character: char) -> bool {
    matches!(character, ' ' | '\t' | '\n' | '\r')
}

/// Where the value ends that valid JSON begins with.
fn end(text: &str) -> usize {
    let (mut depth, mut in_text, mut escaped) = (0_usize, false, false);
    for (position, byte) in text.bytes().enumerate() {
        if in_text {
            match byte {
                _ if escaped => escaped = false,
                b'\\' => escaped = true,
                b'"' => {
                    in_text = false;
                    if depth == 0 {
                        return position + 1;
                    }
                }
                _ => {}
            }
            continue;
        }
        match byte {
            b'"' => in_text = true,
            b'{' | b'[' => depth += 1,
            b'}' | b']' if depth > 0 => {
                depth -= 1;
                if depth == 0 {
                    return position + 1;
                }
            }
            b'}' | b']' => return position,
            b',' | b':' | b' ' | b'\t' | b'\n' | b'\r' if depth == 0 => return position,
            _ => {}
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_whose_text_would_change_is_found_at_any_depth() {
        let nested = r#" { "a\u0062" : { "x":[1,1.10, {"y" : 1e3 }], "z":"}1.10\"" } , "c":-0 } "#;
        for (text, path, expected) in [
            ("1.10", &[][..], Some(("1.10", "1.1"))),
            ("007", &[], Some(("007", "7"))),
            ("1.5", &[], None),
            ("text", &[], None),
            (r#""1.10""#, &[], None),
            ("true", &[], None),
            ("123456789012345678", &[], Some(("123456789012345678", "123456789012345680"))),
            ("a,1.10", &["1"], Some(("1.10", "1.1"))),
            ("a,1.10", &["0"], None),
            (nested, &["ab", "x", "1"], Some(("1.10", "1.1"))),
            (nested, &["ab", "x", "0"], None),
            (nested, &["ab", "x", "2", "y"], Some(("1e3", "1000"))),
            (nested, &["ab", "x", "3"], None),
            (nested, &["ab", "z"], None),
            (nested, &["ab"], None),
            (nested, &["c"], Some(("-0", "0"))),
            (nested, &["d"], None),
        ] {
            let found = changed(text, path);
            let found = found.as_ref().map(|found| (found.written.as_str(), found.sent.as_str()));
            assert_eq!(found, expected, "{text} {path:?}");
        }
    }
}
