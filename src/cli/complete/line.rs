//! A line of bash as far as it is typed: its words, and how a further one is written into it.

/// A command line up to the cursor.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(in crate::cli) struct LineToCursor {
    /// The words before the one at the cursor.
    pub words: Vec<String>,
    /// The word at the cursor, as far as it is typed, without its quotes.
    pub current: String,
    /// The quote that is open at the cursor.
    pub quote: Option<char>,
}

/// Takes a line apart as the shell does.
pub(super) fn split(line: &str) -> LineToCursor {
    let mut split = LineToCursor::default();
    let mut within = false;
    let mut characters = line.chars();
    while let Some(character) = characters.next() {
        match (split.quote, character) {
            (Some(quote), _) if quote == character => split.quote = None,
            (Some('\''), _) => split.current.push(character),
            (Some(_), '\\') => match characters.next() {
                Some(next @ ('"' | '\\' | '$' | '`')) => split.current.push(next),
                next => {
                    split.current.push('\\');
                    split.current.extend(next);
                }
            },
            (Some(_), _) => split.current.push(character),
            (None, '\'' | '"') => {
                split.quote = Some(character);
                within = true;
            }
            (None, '\\') => {
                split.current.extend(characters.next());
                within = true;
            }
            (None, _) if character.is_whitespace() => {
                if within {
                    split.words.push(std::mem::take(&mut split.current));
                }
                within = false;
            }
            (None, _) => {
                split.current.push(character);
                within = true;
            }
        }
    }
    split
}

/// Writes the rest of a word so that the shell reads it as it is.
pub(super) fn written(rest: &str, quote: Option<char>) -> String {
    let mut text = String::new();
    for character in rest.chars() {
        let is_special = match quote {
            None => !character.is_alphanumeric() && !"-_./:=@%+,".contains(character),
            Some('"') => "\"\\$`".contains(character),
            Some(_) => false,
        };
        text.extend(is_special.then_some('\\'));
        text.push(character);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_taken_apart_as_the_shell_does() {
        for (line, words, current, quote) in [
            ("scfctl ", &["scfctl"][..], "", None),
            ("scfctl dep", &["scfctl"], "dep", None),
            ("scfctl  deploy --stage ''  ", &["scfctl", "deploy", "--stage", ""], "", None),
            (r"scfctl x \$LA", &["scfctl", "x"], "$LA", None),
            ("scfctl x '$LA", &["scfctl", "x"], "$LA", Some('\'')),
            (r#"scfctl x "\$LA\n"#, &["scfctl", "x"], r"$LA\n", Some('"')),
            (
                "scfctl --inputs version='$LATEST' name=",
                &["scfctl", "--inputs", "version=$LATEST"],
                "name=",
                None,
            ),
            ("", &[], "", None),
            ("scfctl \\", &["scfctl"], "", None),
        ] {
            let words = words.iter().map(ToString::to_string).collect();
            assert_eq!(
                split(line),
                LineToCursor { words, current: current.to_owned(), quote },
                "{line}"
            );
        }
    }

    #[test]
    fn what_is_written_is_read_again() {
        for word in ["deploy", "$LATEST", "name=it's", "a\"b`c\\d", "你好"] {
            for quote in [None, Some('"')] {
                let open = quote.map(String::from).unwrap_or_default();
                let read = split(&format!("{open}{}", written(word, quote)));
                assert_eq!(
                    read,
                    LineToCursor { words: Vec::new(), current: word.to_owned(), quote }
                );
            }
        }
        assert_eq!(written("$LATEST", Some('\'')), "$LATEST");
    }
}
