//! What a block shows, compared with what was printed.
//!
//! A line `…` stands for any lines, and `…` in a line for any text. Times, ids and digests are
//! those of a run, so that one is as good as another.

/// Signs of bars and charts.
const BARS: &str = "▁▂▃▄▅▆▇█░▒▓·";

/// Whether a pattern stands at a place: `9` is a digit, `f` one of a hexadecimal number, all else
/// itself.
fn stands(text: &[char], at: usize, pattern: &str) -> Option<usize> {
    let mut end = at;
    for wanted in pattern.chars() {
        let found = *text.get(end)?;
        let fits = match wanted {
            '9' => found.is_ascii_digit(),
            'f' => found.is_ascii_digit() || ('a'..='f').contains(&found),
            _ => found == wanted,
        };
        if !fits {
            return None;
        }
        end += 1;
    }
    Some(end)
}

/// The end of what stands there and is of one run only, and what to say in its place.
fn of_a_run(text: &[char], at: usize) -> Option<(usize, &'static str)> {
    let is_word = |at: usize| text.get(at).is_some_and(char::is_ascii_alphanumeric);
    if at > 0 && is_word(at - 1) {
        return None;
    }
    let pattern = |pattern: &str| stands(text, at, pattern).filter(|end| !is_word(*end));
    if let Some(end) = pattern("ffffffff-ffff-ffff-ffff-ffffffffffff") {
        return Some((end, "<id>"));
    }
    let day = stands(text, at, "9999-99-99T99:99").or_else(|| stands(text, at, "9999-99-99 99:99"));
    if let Some(mut end) = day {
        end = stands(text, end, ":99").unwrap_or(end);
        if text.get(end) == Some(&'.') {
            end += 1;
            while text.get(end).is_some_and(char::is_ascii_digit) {
                end += 1;
            }
        }
        let zone = ["Z", "+99:99"].iter().find_map(|zone| stands(text, end, zone));
        return Some((zone.unwrap_or(end), "<time>"));
    }
    let time =
        ["99999999T9999", "99:99:99", "99:99", "9m99s", "99m99s", "9 分 99 秒", "99 分 99 秒"];
    if let Some(end) = time.iter().find_map(|time| pattern(time)) {
        return Some((end, "<time>"));
    }
    let mut end = at;
    while stands(text, end, "f").is_some() {
        end += 1;
    }
    let has_digit = text[at..end].iter().any(char::is_ascii_digit);
    (end - at >= 8 && has_digit && !is_word(end)).then_some((end, "<id>"))
}

/// A line without what is of one run only.
fn plain(line: &str, numbers_vary: bool) -> String {
    let text: Vec<char> = line.trim_end().chars().collect();
    let mut plain = String::new();
    let mut at = 0;
    while at < text.len() {
        if let Some((end, name)) = of_a_run(&text, at) {
            plain.push_str(name);
            at = end;
            continue;
        }
        let c = text[at];
        at += 1;
        if !numbers_vary {
            plain.push(c);
        } else if c.is_ascii_digit() {
            while text.get(at).is_some_and(|c| c.is_ascii_digit() || matches!(c, '.' | ',')) {
                at += 1;
            }
            // What ends a sentence is no part of the number.
            at -= text[..at].iter().rev().take_while(|c| matches!(c, '.' | ',')).count();
            plain.push('#');
        } else if BARS.contains(c) {
            while text.get(at).is_some_and(|c| BARS.contains(*c)) {
                at += 1;
            }
            plain.push('=');
        } else if c == ' ' {
            // Columns are as wide as what stands in them.
            while text.get(at) == Some(&' ') {
                at += 1;
            }
            plain.push(' ');
        } else {
            plain.push(c);
        }
    }
    plain
}

fn line_fits(shown: &str, printed: &str) -> bool {
    let mut parts = shown.split('…');
    let Some(mut rest) = printed.strip_prefix(parts.next().unwrap_or_default()) else {
        return false;
    };
    let parts: Vec<&str> = parts.collect();
    let Some((last, between)) = parts.split_last() else { return rest.is_empty() };
    for part in between {
        match rest.find(part) {
            Some(at) => rest = &rest[at + part.len()..],
            None => return false,
        }
    }
    rest.ends_with(last)
}

fn lines_fit(shown: &[String], printed: &[String]) -> bool {
    match shown.split_first() {
        None => printed.is_empty(),
        Some((any, rest)) if any.trim() == "…" => {
            (0..=printed.len()).any(|skipped| lines_fit(rest, &printed[skipped..]))
        }
        Some((line, rest)) => printed
            .split_first()
            .is_some_and(|(first, others)| line_fits(line, first) && lines_fit(rest, others)),
    }
}

/// Whether what is shown is what was printed.
pub(crate) fn fits(shown: &str, printed: &str, numbers_vary: bool) -> bool {
    let plain = |text: &str| -> Vec<String> {
        text.trim_matches('\n').lines().map(|line| plain(line, numbers_vary)).collect()
    };
    lines_fit(&plain(shown), &plain(printed))
}

#[test]
fn what_is_of_one_run_is_not_compared() {
    for (line, expected) in [
        (
            "at 2026-11-28T10:50:00+08:00 and 2026-11-28 10:50, 04:46 UTC",
            "at <time> and <time>, <time> UTC",
        ),
        ("in 4m03s, 0:13 virtual", "in <time>, 0:13 virtual"),
        ("id 2e8981f2, from 1", "id <id>, from 1"),
        ("d21da388-de45-4158-8b08-7ffa58d3224c", "<id>"),
        ("began 20261128T0251, deadbeef", "began <time>, deadbeef"),
    ] {
        assert_eq!(plain(line, false), expected);
    }
    assert_eq!(plain("  12.5%, 3,658 of 7.  ▁▂█ x", true), " #%, # of #. = x");
}

#[test]
fn what_is_left_out_is_any_text() {
    let printed = "one\ntwo 2\nthree\n";
    for (shown, is_so) in [
        ("one\ntwo 2\nthree", true),
        ("one\n…", true),
        ("…\nthree", true),
        ("…\nt… 2\n…", true),
        ("one\nthree", false),
        ("one\ntwo 3\nthree", false),
        ("…\ntwo 2", false),
        ("", false),
    ] {
        assert_eq!(fits(shown, printed, false), is_so, "{shown}");
    }
    assert!(fits("one\ntwo 9\nthree", printed, true));
}
