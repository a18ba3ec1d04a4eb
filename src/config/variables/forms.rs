//! The forms of references: what is one, what only looks like one, and their defaults.

use super::ReferenceFault;

/// Values at the top of the configuration.
pub(super) const TOP: &[&str] = &["name", "app", "stage", "org"];
/// Sources of the Serverless Framework that may be followed by a dot, too.
const SOURCES: &[&str] = &[
    "aws", "cf", "custom", "env", "file", "input", "inputs", "opt", "output", "outputs", "param",
    "params", "process", "provider", "s3", "self", "sls", "ssm", "this",
];

/// The name and the default of a variable with a default as a shell writes it: `NAME:-text`.
fn shell_default(inner: &str) -> Option<(&str, &str)> {
    let (name, rest) = inner.split_once(':')?;
    let is_name = name.starts_with(|c: char| c.is_ascii_uppercase() || c == '_')
        && name.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_');
    let default = rest.strip_prefix(['-', '=', '?', '+'])?;
    is_name.then_some((name, default))
}

pub(super) fn is_dotted_word(name: &str) -> bool {
    !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '.')
}

/// Whether what is between the braces is a reference that this program resolves, or would if
/// its value were there.
pub(super) fn is_reference(inner: &str) -> bool {
    match inner.split_once(':') {
        Some(("env", name)) => is_dotted_word(name),
        Some(("param" | "output", _)) => true,
        Some(_) => false,
        None => TOP.contains(&inner),
    }
}

/// Whether what is between the braces looks like a reference of the Serverless Framework.
///
/// A single word (`${HOME}`) does not, nor what a template writes (`${user.name}`).
pub(super) fn looks_like_reference(inner: &str) -> bool {
    let inner = inner.trim_start();
    let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    let (word, rest) = inner.split_at(inner.find(|c| !is_word(c)).unwrap_or(inner.len()));
    if !word.starts_with(|c: char| c.is_ascii_alphabetic()) {
        return false;
    }
    let is_source = || SOURCES.contains(&word.to_ascii_lowercase().as_str());
    if shell_default(inner).is_some() {
        return true;
    }
    let mut behind = rest.chars();
    match behind.next() {
        Some(':') => !matches!(behind.next(), Some('-' | '=' | '?' | '+')),
        Some('(') => true,
        Some('.') => is_source(),
        Some(',') => TOP.contains(&word),
        Some(c) if c.is_whitespace() => {
            is_source() && rest.trim_start().starts_with([':', '.', '('])
        }
        _ => false,
    }
}

/// What is wrong with a text that looks like a reference.
pub(super) fn wrong(inner: &str) -> ReferenceFault {
    let trimmed = inner.trim();
    if let Some((name, default)) = shell_default(trimmed) {
        return ReferenceFault::Unknown { instead: with_default(name, default) };
    }
    let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let (word, rest) = trimmed.split_at(trimmed.find(|c| !is_word(c)).unwrap_or(trimmed.len()));
    let kind = word.to_ascii_lowercase();
    // `process.env.NAME` as in JavaScript.
    let rest = match (kind.as_str(), rest.strip_prefix(".env")) {
        ("process", Some(rest)) => rest,
        _ => rest,
    };
    let name = rest.trim_start().trim_start_matches([':', '.']).split(',').next();
    let name = name.unwrap_or_default().trim();
    // A default as a shell or a template writes it.
    let parts =
        [":-", ":=", "||", "??", "|", ":"].into_iter().find_map(|sign| name.split_once(sign));
    let parts = parts.map(|(name, default)| (name.trim(), default.trim()));
    if let ("env" | "process", Some((name, default))) = (kind.as_str(), parts)
        && is_dotted_word(name)
    {
        return ReferenceFault::Unknown { instead: with_default(name, default) };
    }
    let instead = match kind.as_str() {
        "env" | "process" => {
            let name: String =
                name.chars().map(|c| if is_word(c) || c == '.' { c } else { '_' }).collect();
            // Of one that is made of others there is no name to correct.
            let plain = !name.is_empty() && !trimmed.contains('$');
            plain.then(|| format!("${{env:{name}}}"))
        }
        "param" | "params" => is_dotted_word(name).then(|| format!("${{param:{name}}}")),
        "output" | "outputs" => Some("${output:${stage}:${app}:NAME.KEY}".to_owned()),
        "self" | "opt" | "sls" | "this" | "provider" | "stage" | "name" | "app" | "org" => {
            let last = if TOP.contains(&kind.as_str()) { kind.as_str() } else { name };
            let last = last.strip_prefix("provider.").unwrap_or(last);
            TOP.contains(&last).then(|| format!("${{{last}}}"))
        }
        _ => None,
    };
    match kind.as_str() {
        "self" | "opt" | "sls" | "file" | "cf" | "s3" | "ssm" => {
            ReferenceFault::Unsupported { kind: word.to_owned(), instead }
        }
        _ => ReferenceFault::Unknown { instead },
    }
}

/// A variable with a default in the form of this program; `None` where nothing can tell which.
fn with_default(name: &str, default: &str) -> Option<String> {
    let default = default.trim();
    let argument = default.strip_prefix("default(").and_then(|rest| rest.strip_suffix(')'));
    let default = argument.unwrap_or(default).trim();
    let in_quotes = |quote: char| {
        default.strip_prefix(quote).and_then(|rest| rest.strip_suffix(quote)).is_some()
    };
    if default.is_empty() || default == "default" {
        return Some(format!("${{env:{name}, ''}}"));
    }
    if default.contains(['$', '{', '}']) {
        return None;
    }
    if in_quotes('\'') || in_quotes('"') {
        return Some(format!("${{env:{name}, {default}}}"));
    }
    let quote = if default.contains('\'') { '"' } else { '\'' };
    (!default.contains(quote)).then(|| format!("${{env:{name}, {quote}{default}{quote}}}"))
}

/// Splits `env:A, env:B, 'c'` into its sources, first the one that counts; `None` where there
/// is no default. A comma inside quotes or an inner reference does not count.
pub(super) fn sources(written: &str) -> Option<Vec<&str>> {
    let (mut parts, mut start, mut depth, mut quote) = (Vec::new(), 0, 0_usize, None);
    let bytes = written.as_bytes();
    for (index, &byte) in bytes.iter().enumerate() {
        match (byte, quote) {
            (b'$', None) if bytes.get(index + 1) == Some(&b'{') => depth += 1,
            (b'}', None) => depth = depth.saturating_sub(1),
            (b'\'' | b'"', None) if depth == 0 => quote = Some(byte),
            (_, Some(open)) if open == byte => quote = None,
            (b',', None) if depth == 0 => {
                parts.push(written[start..index].trim());
                start = index + 1;
            }
            _ => {}
        }
    }
    parts.push(written[start..].trim());
    let first = parts.first()?;
    let has_default =
        matches!(first.split_once(':'), Some(("env" | "param", _))) || TOP.contains(first);
    (parts.len() > 1 && has_default).then_some(parts)
}

/// What a default says.
pub(super) enum Default<'a> {
    /// Text, which may hold references.
    Text(&'a str),
    /// Another source.
    Source(&'a str),
    /// A reference with its braces.
    Braced(&'a str),
}

/// Reads a default; `None` in another form.
pub(super) fn default(part: &str) -> Option<Default<'_>> {
    for quote in ['\'', '"'] {
        let inside = part.strip_prefix(quote).and_then(|part| part.strip_suffix(quote));
        if let Some(inside) = inside {
            return (!inside.contains(quote)).then_some(Default::Text(inside));
        }
    }
    let is_number = || {
        part.starts_with(|c: char| c.is_ascii_digit() || c == '-')
            && part.parse::<f64>().is_ok_and(f64::is_finite)
    };
    if matches!(part, "true" | "false") || is_number() {
        return Some(Default::Text(part));
    }
    if part.starts_with("${") && part.ends_with('}') {
        return Some(Default::Braced(part));
    }
    let is_source =
        matches!(part.split_once(':'), Some(("env" | "param", name)) if !name.is_empty());
    (is_source || TOP.contains(&part)).then_some(Default::Source(part))
}
