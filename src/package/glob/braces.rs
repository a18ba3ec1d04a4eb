//! Brace expansion: `{a,b}` and `{1..3}`.

use super::GlobError;

/// Maximum number of patterns that one pattern may expand to.
const EXPANSION_LIMIT: usize = 1000;

/// Expands the braces of a pattern: `{a,b}`, `{1..3}`, `{01..10..2}`, nested.
pub(super) fn expand(pattern: &str) -> Result<Vec<String>, GlobError> {
    let mut open = vec![pattern.to_owned()];
    let mut done = Vec::new();
    while let Some(one) = open.pop() {
        match first_braces(&one) {
            None => done.push(one),
            Some((start, end, parts)) => {
                open.extend(
                    parts
                        .iter()
                        .rev()
                        .map(|part| format!("{}{part}{}", &one[..start], &one[end..])),
                );
            }
        }
        if open.len() + done.len() > EXPANSION_LIMIT {
            return Err(GlobError::Expansions { limit: EXPANSION_LIMIT });
        }
    }
    Ok(done)
}

/// Returns the first braces that expand to several texts: start, end, and the texts.
fn first_braces(pattern: &str) -> Option<(usize, usize, Vec<String>)> {
    let bytes = pattern.as_bytes();
    let mut start = 0;
    while let Some(found) = next_opening(bytes, start) {
        // `${` does not begin braces.
        let is_variable = found > 0 && bytes[found - 1] == b'$';
        if !is_variable && let Some((end, commas)) = closing(bytes, found) {
            let inside = &pattern[found + 1..end];
            if commas.len() > 2 {
                let parts = commas.windows(2).map(|pair| pattern[pair[0] + 1..pair[1]].to_owned());
                return Some((found, end + 1, parts.collect()));
            }
            if let Some(parts) = range(inside) {
                return Some((found, end + 1, parts));
            }
        }
        start = found + 1;
    }
    None
}

/// Returns the end of braces, and the boundaries of their parts including both ends.
fn closing(bytes: &[u8], opening: usize) -> Option<(usize, Vec<usize>)> {
    let (mut depth, mut groups, mut commas) = (0_usize, 0_usize, vec![opening]);
    let mut position = opening;
    while position < bytes.len() {
        match bytes[position] {
            b'\\' => position += 1,
            b'[' => position = class_end(bytes, position).unwrap_or(position),
            b'(' => groups += 1,
            b')' => groups = groups.saturating_sub(1),
            b'{' => depth += 1,
            b'}' => {
                depth -= 1;
                if depth == 0 {
                    commas.push(position);
                    return Some((position, commas));
                }
            }
            b',' if depth == 1 && groups == 0 => commas.push(position),
            _ => {}
        }
        position += 1;
    }
    None
}

fn next_opening(bytes: &[u8], from: usize) -> Option<usize> {
    let mut position = from;
    while position < bytes.len() {
        match bytes[position] {
            b'\\' => position += 1,
            b'[' => position = class_end(bytes, position).unwrap_or(position),
            b'{' => return Some(position),
            _ => {}
        }
        position += 1;
    }
    None
}

fn class_end(bytes: &[u8], opening: usize) -> Option<usize> {
    let mut position = opening + 1;
    while position < bytes.len() {
        match bytes[position] {
            b'\\' => position += 1,
            b']' if position > opening + 1 => return Some(position),
            _ => {}
        }
        position += 1;
    }
    None
}

/// Expands `1..3`, `01..10`, `1..9..2` or `a..c`.
fn range(text: &str) -> Option<Vec<String>> {
    let mut fields = text.split("..");
    let (from, to) = (fields.next()?, fields.next()?);
    let step = match fields.next() {
        None => 1,
        Some(step) => usize::try_from(step.parse::<i64>().ok()?.unsigned_abs()).ok()?.max(1),
    };
    if fields.next().is_some() {
        return None;
    }
    if let (Ok(low), Ok(high)) = (from.parse::<i64>(), to.parse::<i64>()) {
        // The real tool counts from the first to the second, which matters with a step.
        let limit = i64::try_from(EXPANSION_LIMIT * step).unwrap_or(i64::MAX);
        if high.checked_sub(low)?.checked_abs()? > limit {
            // Exceeds the limit in any case, which the caller reports.
            return Some(vec![String::new(); EXPANSION_LIMIT + 1]);
        }
        let is_padded = |text: &str| {
            let digits = text.trim_start_matches('-');
            digits.len() > 1 && digits.starts_with('0')
        };
        let width = if is_padded(from) || is_padded(to) { from.len().max(to.len()) } else { 0 };
        let numbers: Vec<i64> = (low.min(high)..=low.max(high)).collect();
        let stepped: Vec<i64> = if low <= high {
            numbers.into_iter().step_by(step).collect()
        } else {
            numbers.into_iter().rev().step_by(step).collect()
        };
        return Some(stepped.iter().map(|number| format!("{number:0width$}")).collect());
    }
    let letter = |text: &str| {
        let mut letters = text.chars().filter(char::is_ascii_alphabetic);
        letters.next().filter(|letter| text.len() == letter.len_utf8())
    };
    let (from, to) = (letter(from)?, letter(to)?);
    let letters: Vec<char> = (from.min(to)..=from.max(to)).collect();
    let stepped: Vec<String> = if from <= to {
        letters.into_iter().step_by(step).map(String::from).collect()
    } else {
        letters.into_iter().rev().step_by(step).map(String::from).collect()
    };
    Some(stepped)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn braces_stand_for_several_patterns() {
        for (pattern, expected) in [
            ("a", &["a"][..]),
            ("{a,b}.js", &["a.js", "b.js"]),
            ("x{,y{1,2}}z", &["xz", "xy1z", "xy2z"]),
            ("v{1..3}", &["v1", "v2", "v3"]),
            ("{08..10}", &["08", "09", "10"]),
            ("{1..7..3}", &["1", "4", "7"]),
            ("{6..1..2}", &["6", "4", "2"]),
            ("{c..a}", &["c", "b", "a"]),
            ("{a..e..2}", &["a", "c", "e"]),
            ("{a}", &["{a}"]),
            ("{a..}", &["{a..}"]),
            ("{a,b", &["{a,b"]),
            ("{x{a,b}", &["{xa", "{xb"]),
            (r"\{a,b}", &[r"\{a,b}"]),
            (r"{a\,b,c}", &[r"a\,b", "c"]),
            ("{a,b}{c,d}", &["ac", "ad", "bc", "bd"]),
            ("{@(a,b),c}", &["@(a,b)", "c"]),
            ("@({a,b}|c)", &["@(a|c)", "@(b|c)"]),
            ("[{a,b}]", &["[{a,b}]"]),
            ("${a,b}", &["${a,b}"]),
        ] {
            assert_eq!(expand(pattern).unwrap(), expected, "{pattern}");
        }
        for pattern in [&"{a,b}".repeat(30), "{1..5000}", "{0..999999999999}"] {
            assert!(expand(pattern).is_err(), "{pattern}");
        }
    }
}
