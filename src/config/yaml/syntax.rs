//! What the parsers of YAML and JSON say, by kind: their words are known in English alone.

use std::fmt;

/// Declares an enum of the texts of a parser, and one variant for those that are not listed.
macro_rules! words {
    ($(#[$of:meta])* $name:ident { $($(#[$doc:meta])* $variant:ident = $text:literal,)* }) => {
        $(#[$of])*
        #[derive(Debug, Clone, PartialEq, Eq)]
        pub enum $name {
            $($(#[$doc])* $variant,)*
            /// Anything else, in the parser's words.
            Other(String),
        }

        impl $name {
            /// Those with a meaning of their own.
            pub const KNOWN: &[Self] = &[$(Self::$variant,)*];

            /// Takes the parser's words.
            pub(super) fn of(words: &str) -> Self {
                match words {
                    $($text => Self::$variant,)*
                    other => Self::Other(other.to_owned()),
                }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str(match self {
                    $(Self::$variant => $text,)*
                    Self::Other(words) => words,
                })
            }
        }
    };
}

words! {
    /// What `saphyr-parser` met.
    YamlSyntax {
        /// An item of `[…]` that is followed by neither `,` nor `]`.
        FlowSequence = "while parsing a flow sequence, expected ',' or ']'",
        /// An entry of `{…}` that is followed by neither `,` nor `}`.
        FlowMapping = "while parsing a flow mapping, did not find expected ',' or '}'",
        /// A line of `[…]` or `{…}` that stands too far left.
        FlowIndentation = "invalid indentation in flow construct",
        /// A `]` or `}` too many.
        Bracket = "misplaced bracket",
        /// Something else where a key has to stand.
        BlockMapping = "while parsing a block mapping, did not find expected key",
        /// Something else where `- ` has to stand.
        BlockSequence = "while parsing a block collection, did not find expected '-' indicator",
        /// A `- ` where none can stand.
        SequenceEntry = "block sequence entries are not allowed in this context",
        /// A `: ` where none can stand.
        MappingValue = "mapping values are not allowed in this context",
        /// A `? ` where none can stand.
        MappingKey = "mapping keys are not allowed in this context",
        /// A `:` where none can stand.
        Colon = "illegal placement of ':' indicator",
        /// A `:` without a blank behind it.
        BlankBehindColon = "':' must be followed by a valid YAML whitespace",
        /// A line that is no key.
        KeyWithoutColon = "simple key expect ':'",
        /// No key where one has to stand.
        Key = "simple key expected",
        /// No value where one has to stand.
        Content = "while parsing a node, did not find expected node content",
        /// Something behind the closing quote.
        BehindQuote = "invalid trailing content after double-quoted scalar",
        /// The same behind a single quote.
        BehindSingleQuote = "invalid trailing content after single-quoted scalar",
        /// A quote that is never closed.
        QuoteToTheEnd = "while scanning a quoted scalar, found unexpected end of stream",
        /// A line of a text in quotes that stands too far left.
        QuotedIndentation = "invalid indentation in quoted scalar",
        /// A backslash that escapes nothing.
        Escape = "while parsing a quoted scalar, found unknown escape character",
        /// `\x`, `\u` or `\U` without its digits.
        EscapeDigits = "while parsing a quoted scalar, did not find expected hexadecimal number",
        /// `*name` without an `&name` above.
        Anchor = "while parsing node, found unknown anchor",
        /// `*` or `&` without a name.
        AnchorName = "while scanning an anchor or alias, did not find expected alphabetic or numeric character",
        /// A tag whose prefix nothing declares.
        TagHandle = "the handle wasn't declared",
        /// A line that stands where none can.
        Indentation = "invalid indentation",
        /// A line of a `|` or `>` text that stands too far left.
        BlockTextIndentation = "wrongly indented line in block scalar",
        /// Something behind `|` or `>`.
        BlockTextHeader = "while scanning a block scalar, did not find expected comment or line break",
        /// A comment within a text of several lines.
        CommentWithin = "comment intercepting the multiline text",
        /// Something behind the document.
        DocumentStart = "did not find expected <document start>",
        /// Collections inside one another.
        Depth = "recursion limit exceeded",
        /// A file that ends too early.
        End = "unexpected eof",
    }
}

words! {
    /// What `serde_json` met.
    JsonSyntax {
        /// A `[` that is never closed.
        OpenList = "EOF while parsing a list",
        /// A `{` that is never closed.
        OpenObject = "EOF while parsing an object",
        /// A quote that is never closed.
        OpenString = "EOF while parsing a string",
        /// A file that ends where a value has to stand.
        NoValueLeft = "EOF while parsing a value",
        /// No `:` behind a key.
        Colon = "expected `:`",
        /// An item that is followed by neither `,` nor `]`.
        ListComma = "expected `,` or `]`",
        /// An entry that is followed by neither `,` nor `}`.
        ObjectComma = "expected `,` or `}`",
        /// A word that is none of `true`, `false` and `null`.
        Word = "expected ident",
        /// No value where one has to stand.
        Value = "expected value",
        /// A backslash that escapes nothing.
        Escape = "invalid escape",
        /// A number of another form.
        Number = "invalid number",
        /// A number that is too large.
        NumberRange = "number out of range",
        /// A key without double quotes.
        Key = "key must be a string",
        /// A `,` before the closing bracket.
        TrailingComma = "trailing comma",
        /// Something behind the value.
        Trailing = "trailing characters",
        /// A line break or another control character in a text.
        Control = "control character (\\u0000-\\u001F) found while parsing a string",
        /// Collections inside one another.
        Depth = "recursion limit exceeded",
    }
}
