//! Detects secrets in command lines, and shows command lines without them.
//!
//! Suggested commands end up in logs that others read, and get pasted. A possible secret is
//! replaced by [`MARK`], and a command line with this mark as a value is rejected, so that nothing
//! is deployed with it.

use std::borrow::Cow;
use std::ops::Range;

/// Replaces a value that is not shown.
pub const MARK: &str = "…";

/// Options with a named value: `NAME=VALUE`.
pub const NAMED: &[&str] = &["--param", "--output-value"];

/// Option that names a chat by the variable with its address. The address itself, or a key from it,
/// may be given by mistake.
const NOTIFY: &str = "--notify";

/// Returns whether an argument is a value of [`NOTIFY`].
fn is_of_chat(before: &str, argument: &str) -> bool {
    (before == NOTIFY && !argument.starts_with('-'))
        || argument.strip_prefix(NOTIFY).is_some_and(|rest| rest.starts_with('='))
}

/// Returns the part of a value of [`NOTIFY`] that is not a variable's name in `KIND=NAME,…`.
fn of_chat(argument: &str) -> Option<Range<usize>> {
    let mut start = if argument.starts_with(NOTIFY) { NOTIFY.len() + 1 } else { 0 };
    for part in argument[start..].split(',') {
        let kind = part.split_once('=').map(|(kind, _)| kind);
        let is_letter = |letter: char| letter.is_ascii_alphabetic();
        let kind = kind.filter(|kind| kind.trim().chars().all(is_letter));
        let behind = kind.map_or(0, |kind| kind.len() + 1);
        if !is_variable(part[behind..].trim()) {
            return Some(start + behind..argument.len());
        }
        start += part.len() + 1;
    }
    None
}

/// Returns whether a text is the name of a variable, and not a long key that only looks like one.
fn is_variable(text: &str) -> bool {
    let is_part = |character: char| character.is_ascii_alphanumeric() || character == '_';
    let looks_random = text.len() >= 24
        && !text.contains('_')
        && text.contains(|character: char| character.is_ascii_digit());
    text.chars().all(is_part)
        && !text.starts_with(|character: char| character.is_ascii_digit())
        && !looks_random
}

/// Returns whether a variable's name suggests that its value is a secret.
#[must_use]
pub fn looks_secret(name: &str) -> bool {
    const PARTS: &[&str] = &[
        "PASS",
        "PWD",
        "SECRET",
        "TOKEN",
        "CREDENTIAL",
        "PRIVATE",
        "ACCESSKEY",
        "APIKEY",
        "COOKIE",
        "DSN",
        "WEBHOOK",
        "SIGNATURE",
        "SALT",
    ];
    let name: String = name.chars().filter(char::is_ascii_alphanumeric).collect();
    let name = name.to_ascii_uppercase();
    PARTS.iter().any(|part| name.contains(part))
        || name.ends_with("KEY")
        || (name.contains("AUTH") && !name.contains("AUTHOR"))
}

/// Returns whether a value may be a secret, judging by its name or the value itself.
///
/// ```
/// use scfctl::withheld::is_secret;
/// assert!(is_secret("DB_PASSWORD", "x") && is_secret("url", "pg://user:word@host/db"));
/// assert!(!is_secret("url", "https://host/path"));
/// ```
#[must_use]
pub fn is_secret(name: &str, value: &str) -> bool {
    const NAMES: &[&str] = &["key", "connection"];
    let lower = name.to_lowercase();
    looks_secret(name)
        || NAMES.iter().any(|part| lower.contains(part))
        || names_secret(value)
        || user_information(value).is_some()
}

/// Returns whether a text names a secret in it.
#[must_use]
pub fn names_secret(text: &str) -> bool {
    const PARTS: &[&str] = &["password=", "pwd=", "key=", "secret=", "token=", "private key"];
    let text = text.to_lowercase();
    PARTS.iter().any(|part| text.contains(part))
}

/// Returns the position of user and password in a URL: between `://` and the last `@`, as a
/// password may contain any other character.
fn user_information(text: &str) -> Option<Range<usize>> {
    let start = text.find("://")? + 3;
    let rest = &text[start..];
    let rest = &rest[..rest.find(char::is_whitespace).unwrap_or(rest.len())];
    let end = start + rest.rfind('@')?;
    (end > start).then_some(start..end)
}

/// Returns a text without users and passwords in URLs.
///
/// ```
/// use scfctl::withheld::without_users;
/// assert_eq!(without_users("no `pg://u:p@s/w@h/d` there"), "no `pg://…@h/d` there");
/// assert_eq!(without_users("https://host/@scope/x a@b"), "https://host/@scope/x a@b");
/// assert_eq!(without_users("https://host:5000/x@sha256:a"), "https://host:5000/x@sha256:a");
/// ```
#[must_use]
pub fn without_users(text: &str) -> Cow<'_, str> {
    /// Placeholder in our own hints.
    const FORM: &str = "USER:PASSWORD";
    let (mut shown, mut done) = (Cow::Borrowed(""), 0);
    for (found, sign) in text.match_indices("://") {
        let start = found + sign.len();
        if start < done {
            continue;
        }
        let ends = |letter: char| letter.is_whitespace() || letter == '`' || letter == '"';
        let rest = text[start..].split(ends).next().unwrap_or_default();
        let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
        // A path may contain an `@`, too.
        let port = host.rsplit_once(':').map(|(_, port)| port);
        let is_port = port.is_none_or(|port| port.bytes().all(|byte| byte.is_ascii_digit()));
        let user = rest.rfind('@').filter(|_| host.contains('@') || !is_port);
        let user = user.filter(|end| *end > 0 && ![MARK, FORM].contains(&&rest[..*end]));
        if let Some(end) = user {
            shown += &text[done..start];
            shown += MARK;
            done = start + end;
        }
    }
    if shown.is_empty() { Cow::Borrowed(text) } else { shown + &text[done..] }
}

/// Returns the position of a secret that a text names itself: `a,token=x`. Secrets shorter than
/// [`HIDDEN`] are not hidden.
fn named_within(text: &str) -> Option<Range<usize>> {
    let is_name = |character: char| character.is_ascii_alphanumeric() || "_-.".contains(character);
    let start = text.match_indices('=').find_map(|(position, _)| {
        let name = text[..position].rsplit(|character| !is_name(character)).next()?;
        looks_secret(name).then_some(position + 1)
    })?;
    (text[start..].chars().count() >= HIDDEN).then_some(start..text.len())
}

/// Minimum length in characters of a text that is hidden everywhere, so that other texts are not
/// spoiled.
pub const HIDDEN: usize = 6;

/// Returns a value, and its beginning up to the first possible separator.
fn with_first(value: &str) -> impl Iterator<Item = &str> {
    let ends = |character: char| character.is_whitespace() || ",;&\"'".contains(character);
    let first = value.split(ends).next().filter(|first| *first != value && !first.is_empty());
    std::iter::once(value).chain(first)
}

/// Returns the part of an argument that may be a secret. `before` is the argument before it.
fn secret(before: &str, argument: &str) -> Option<Range<usize>> {
    let behind = |start: usize| {
        let (name, value) = argument[start..].split_once('=')?;
        let value_start = start + name.len() + 1;
        is_secret(name, value).then_some(value_start..argument.len())
    };
    let with_option = |option: &&str| {
        let rest = argument.strip_prefix(*option)?.strip_prefix('=')?;
        Some(argument.len() - rest.len())
    };
    let named = match NAMED.iter().find_map(with_option) {
        Some(start) => behind(start),
        None if NAMED.contains(&before) => behind(0),
        None if is_of_chat(before, argument) => of_chat(argument),
        None => {
            let (name, value) = argument.split_once('=').unwrap_or((argument, ""));
            let is_option = name.starts_with('-');
            // A function's variables may be anywhere in a map.
            let is_map = value.contains(['{', '[']) && !name.ends_with("config");
            let hides = looks_secret(name) || (is_option && is_map);
            let whole = (hides && !value.is_empty()).then_some(name.len() + 1..argument.len());
            whole.or_else(|| named_within(argument))
        }
    };
    named.or_else(|| user_information(argument))
}

/// Returns the arguments as they may be shown.
///
/// ```
/// use scfctl::withheld::shown;
/// let arguments = ["--param", "DB_PASSWORD=x", "--param=a=1"].map(str::to_owned);
/// assert_eq!(shown(&arguments), ["--param", "DB_PASSWORD=…", "--param=a=1"]);
/// ```
#[must_use]
pub fn shown(arguments: &[String]) -> Vec<Cow<'_, str>> {
    let mut before = "";
    arguments
        .iter()
        .map(|argument| {
            let part = secret(before, argument);
            before = argument;
            part.map_or(Cow::Borrowed(argument.as_str()), |part| {
                Cow::Owned(format!("{}{MARK}{}", &argument[..part.start], &argument[part.end..]))
            })
        })
        .collect()
}

/// Returns everything in the arguments that may be a secret, even if they are rejected.
#[must_use]
pub fn secrets(arguments: &[String]) -> Vec<&str> {
    let (mut before, mut found) = ("", Vec::new());
    let mut follows_name = false;
    for argument in arguments {
        if let Some(part) = secret(before, argument) {
            found.extend(with_first(&argument[part]));
        } else if follows_name && argument == "=" {
            continue;
        } else if follows_name && !argument.starts_with('-') {
            found.push(argument);
        }
        follows_name = is_bare_name(before, argument);
        before = argument;
    }
    found
}

/// Returns whether an argument is a secret's name without its value: `--param NAME VALUE` and
/// `--param=NAME VALUE` lack the `=`, and `--token VALUE` is not an option.
fn is_bare_name(before: &str, argument: &str) -> bool {
    let with_option = NAMED.iter().find_map(|option| argument.strip_prefix(option));
    match with_option.and_then(|rest| rest.strip_prefix('=')) {
        Some(name) => !name.contains('=') && is_secret(name, ""),
        None if NAMED.contains(&before) => !argument.contains('=') && is_secret(argument, ""),
        None => argument.starts_with('-') && !argument.contains('=') && looks_secret(argument),
    }
}

/// Returns secrets in the arguments whose values are not secret as a whole: user and password of a
/// URL, and secrets that a value names itself.
///
/// Hiding these does not distort results, as hiding the value of every parameter would.
///
/// ```
/// use scfctl::withheld::named;
/// let arguments = ["--param", "DB_PASSWORD=production", "--traffic", "token=hunter2"];
/// assert_eq!(named(&arguments.map(str::to_owned)), ["hunter2"]);
/// ```
#[must_use]
pub fn named(arguments: &[String]) -> Vec<&str> {
    let (mut before, mut found) = ("", Vec::new());
    for argument in arguments {
        let gives = NAMED.iter().any(|option| {
            before == *option
                || argument.strip_prefix(*option).is_some_and(|rest| rest.starts_with('='))
        });
        let within = named_within(argument).filter(|_| !gives);
        let parts = within.into_iter().flat_map(|part| with_first(&argument[part]));
        found.extend(parts);
        found.extend(user_information(argument).map(|part| &argument[part]));
        let of_chat = if is_of_chat(before, argument) { of_chat(argument) } else { None };
        found.extend(of_chat.map(|part| &argument[part]));
        before = argument;
    }
    found
}

/// Returns whether an argument has [`MARK`] in place of a value.
///
/// ```
/// use scfctl::withheld::is_withheld;
/// assert!(is_withheld("--param=A=…") && is_withheld("http://…@host"));
/// assert!(!is_withheld("description=and so on…"));
/// ```
#[must_use]
pub fn is_withheld(argument: &str) -> bool {
    argument.split('=').any(|part| part == MARK) || argument.contains(&format!("://{MARK}@"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arguments(line: &str) -> Vec<String> {
        line.split(' ').map(str::to_owned).collect()
    }

    #[test]
    fn what_may_be_a_secret_is_not_shown_in_any_form() {
        for (line, expected) in [
            ("deploy --param DB_PASSWORD=a=b", "deploy --param DB_PASSWORD=…"),
            ("--param=apiKey=k --param x=1", "--param=apiKey=… --param x=1"),
            ("--param url=pg://u:p@h/d", "--param url=…"),
            ("--param dsn2=host=h;Password=x", "--param dsn2=…"),
            ("--output-value dev:shop:db.password=x", "--output-value dev:shop:db.password=…"),
            (
                "--output-value=dev:shop:db.connectionString=x",
                "--output-value=dev:shop:db.connectionString=…",
            ),
            ("--output-value dev:shop:net.vpcId=vpc-1", "--output-value dev:shop:net.vpcId=vpc-1"),
            ("--endpoint http://user:a/b@h:1", "--endpoint http://…@h:1"),
            ("--endpoint=https://h/a", "--endpoint=https://h/a"),
            (r#"--environment={"variables":{"T":"x"}}"#, "--environment=…"),
            ("--password=x DB_PASSWORD=y", "--password=… DB_PASSWORD=…"),
            ("traffic=0.1 --weight 2=0.1", "traffic=0.1 --weight 2=0.1"),
            ("--notify slack=TEAM_CHAT,json=hook", "--notify slack=TEAM_CHAT,json=hook"),
            ("--notify slack=https://h/x?a=b", "--notify slack=…"),
            ("--notify=https://h/x?a=b", "--notify=…"),
            ("--notify slack=A,json=http://h/x", "--notify slack=A,json=…"),
            ("--notify dingtalk=0123456789abcdef01234567", "--notify dingtalk=…"),
            ("--notify dingtalk=0123abcd", "--notify dingtalk=…"),
            ("--notify --alias prod", "--notify --alias prod"),
        ] {
            assert_eq!(shown(&arguments(line)).join(" "), expected);
        }
        let spaced = ["--notify", "slack=A, json=B"].map(str::to_owned);
        assert_eq!(shown(&spaced), spaced);
        assert_eq!(named(&spaced), [] as [&str; 0]);
    }

    #[test]
    fn secrets_are_found_where_the_line_is_wrong_too() {
        let line = "--param DB_PASSWORD hunter2 --param A=1 --endpoint http://u:hunter3@h";
        assert_eq!(secrets(&arguments(line)), ["hunter2", "u:hunter3"]);
        for line in [
            "deploy --param=DB_PASSWORD hunter2",
            "deploy --param DB_PASSWORD = hunter2",
            "deploy --output-value=db.password hunter2",
            "--token hunter2 deploy",
            "--password hunter2 deploy",
        ] {
            assert_eq!(secrets(&arguments(line)), ["hunter2"], "{line}");
        }
        for line in ["deploy --param STAGE prod", "deploy --param=A=1 --stage prod", "-q deploy"] {
            assert!(secrets(&arguments(line)).is_empty(), "{line}");
        }
    }

    #[test]
    fn what_a_value_names_itself_is_hidden_from_results_too() {
        for (line, expected) in [
            ("deploy --output-values dev:shop:db.password=hunter2", &["hunter2"][..]),
            ("deploy --inputs name=a,token=hunter2", &["hunter2"]),
            ("deploy --inputs name=a,token=hunter2,b=1", &["hunter2,b=1", "hunter2"]),
            ("deploy --target=http://u:hunter2@h/x", &["u:hunter2"]),
            // Stages and regions have the same names as values of such parameters.
            ("deploy --param DB_PASSWORD=production --param=TOKEN=production", &[]),
            ("deploy --description monkey=1 --traffic 0.1", &[]),
        ] {
            assert_eq!(named(&arguments(line)), expected, "{line}");
        }
    }

    #[test]
    fn a_name_says_whether_it_is_a_secret() {
        for name in ["DB_PASSWORD", "apiToken", "API_KEY", "secretKey", "AUTH", "SENTRY_DSN"] {
            assert!(looks_secret(name), "{name}");
        }
        for name in ["STAGE", "AUTHOR", "REGION", "KEYS", "MEMORY"] {
            assert!(!looks_secret(name), "{name}");
        }
    }
}
