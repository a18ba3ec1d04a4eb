//! Host names in scripts other than Latin.

use std::borrow::Cow;

/// Characters that end a label: a full stop, also as typed in Chinese and Japanese (UTS 46, section
/// 2.3), and those around a host in a URL.
const ENDS: [char; 9] = ['.', '\u{3002}', '\u{ff0e}', '\u{ff61}', ':', '/', '?', '#', '*'];

/// Converts each label that is not ASCII to its ASCII form (RFC 3492), in lower case.
///
/// The URL library is built without Unicode tables, which would be 3 % of the binary for hosts that
/// the API, COS and nearly all proxies do not have. So there is no normalisation (NFC): letters are
/// encoded as typed.
pub(crate) fn in_ascii(host: &str) -> Cow<'_, str> {
    if host.is_ascii() {
        return Cow::Borrowed(host);
    }
    let ascii = host.split_inclusive(ENDS).map(|part| {
        let label = part.trim_end_matches(ENDS);
        let end = if part[label.len()..].is_ascii() { &part[label.len()..] } else { "." };
        match idna::punycode::encode_str(&label.to_lowercase()) {
            Some(encoded) if !label.is_ascii() => format!("xn--{encoded}{end}"),
            _ => format!("{label}{end}"),
        }
    });
    Cow::Owned(ascii.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_of_other_scripts() {
        for (host, expected) in [
            ("scf.tencentcloudapi.com", "scf.tencentcloudapi.com"),
            ("B\u{fc}cher.Example:8443", "xn--bcher-kva.Example:8443"),
            ("代理。example", "xn--mnq481g.example"),
            ("*.b\u{fc}cher.example", "*.xn--bcher-kva.example"),
            ("https://b\u{fc}cher.example/", "https://xn--bcher-kva.example/"),
        ] {
            assert_eq!(in_ascii(host), expected);
        }
    }
}
