//! Elements of HTML and XML, in which nothing that anybody wrote is markup.

use crate::output::render::words::Words;
use crate::report::page::PageWord;
use std::fmt::Write as _;

/// Makes a text fit to be shown: without secrets and control characters.
pub(super) type Clean<'a> = &'a dyn Fn(&str) -> String;

/// Writes elements. Names of elements and attributes are ours; everything else passes `clean` and
/// is escaped.
pub(super) struct Markup<'a> {
    text: String,
    clean: Clean<'a>,
    /// Whether an element without content closes itself.
    is_xml: bool,
    /// The function, from 1, whose section this is in: there headings are one level lower, and ids
    /// those of the function.
    within: Option<usize>,
}

/// Elements of HTML that have no end.
const VOID: [&str; 3] = ["meta", "br", "hr"];

impl<'a> Markup<'a> {
    /// A page that begins so.
    pub(super) fn new(head: &str, clean: Clean<'a>, is_xml: bool) -> Self {
        Self { text: head.to_owned(), clean, is_xml, within: None }
    }

    /// The whole text.
    pub(super) fn finish(self) -> String {
        self.text
    }

    /// Something of ours, as it is.
    pub(super) fn raw(&mut self, text: &str) {
        self.text.push_str(text);
    }

    /// Text between elements.
    pub(super) fn text(&mut self, text: &str) {
        let text = (self.clean)(text);
        escape(&text, &mut self.text);
    }

    /// Text in which what stands in back-ticks is set as code.
    pub(super) fn text_with_code(&mut self, text: &str) {
        // As a whole: a part of a secret is none.
        let text = (self.clean)(text);
        // One that is left open is as it is.
        let pairs = text.matches('`').count() / 2 * 2;
        for (index, part) in text.splitn(pairs + 1, '`').enumerate() {
            let is_code = index % 2 == 1;
            self.raw(if is_code { "<code>" } else { "" });
            escape(part, &mut self.text);
            self.raw(if is_code { "</code>" } else { "" });
        }
    }

    /// Writes the section of one function, from 1, of several.
    pub(super) fn within(&mut self, function: usize, content: impl FnOnce(&mut Self)) {
        self.within = Some(function);
        content(self);
        self.within = None;
    }

    /// Returns an id that no other section has.
    pub(super) fn id(&self, id: &str) -> String {
        self.within.map_or_else(|| id.to_owned(), |function| format!("f{function}-{id}"))
    }

    /// Writes a heading; `level` is that on a page of one function.
    pub(super) fn heading(&mut self, level: u8, attributes: &[(&str, &str)], text: &str) {
        let names = ["h2", "h3", "h4"];
        let place = usize::from(level - 2) + usize::from(self.within.is_some());
        self.element(names[place.min(2)], attributes, text);
    }

    fn begin(&mut self, name: &str, attributes: &[(&str, &str)]) {
        let _ = write!(self.text, "<{name}");
        for (key, value) in attributes {
            let _ = write!(self.text, " {key}=\"");
            self.text(value);
            self.text.push('"');
        }
    }

    /// An element with what `content` writes between its tags.
    pub(super) fn with(
        &mut self,
        name: &str,
        attributes: &[(&str, &str)],
        content: impl FnOnce(&mut Self),
    ) {
        self.begin(name, attributes);
        self.text.push('>');
        content(self);
        let _ = write!(self.text, "</{name}>");
        // Lines that can be compared, where no text is changed by them.
        if !matches!(name, "span" | "code" | "b" | "tspan" | "title" | "desc" | "text") {
            self.text.push('\n');
        }
    }

    /// An element with a text.
    pub(super) fn element(&mut self, name: &str, attributes: &[(&str, &str)], text: &str) {
        self.with(name, attributes, |markup| markup.text(text));
    }

    /// An element with nothing in it.
    pub(super) fn empty(&mut self, name: &str, attributes: &[(&str, &str)]) {
        self.begin(name, attributes);
        if self.is_xml || !VOID.contains(&name) {
            self.text.push('/');
        }
        self.text.push('>');
    }
}

/// Escapes a text for content and quoted attributes of HTML and of XML. What no XML document may
/// have stands there as its number.
fn escape(text: &str, out: &mut String) {
    for character in text.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            '\t' | '\n' => out.push(character),
            '\u{fffe}' | '\u{ffff}' => out.extend(character.escape_unicode()),
            _ if character.is_control() => out.extend(character.escape_unicode()),
            _ => out.push(character),
        }
    }
}

/// Opens a section under a heading that names it.
pub(super) fn section(
    words: &Words,
    id: &str,
    title: PageWord,
    markup: &mut Markup<'_>,
    content: impl FnOnce(&mut Markup<'_>),
) {
    let id = markup.id(id);
    markup.with("section", &[("aria-labelledby", &id)], |markup| {
        markup.heading(2, &[("id", &id)], &words.say(&title));
        content(markup);
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    fn escaped(text: &str) -> String {
        let mut out = String::new();
        escape(text, &mut out);
        out
    }

    #[test]
    fn nothing_that_anybody_wrote_is_markup() {
        for (text, shown) in [
            (
                "</script><script>alert(1)</script>",
                "&lt;/script&gt;&lt;script&gt;alert(1)&lt;/script&gt;",
            ),
            ("\" onload='x", "&quot; onload=&#39;x"),
            ("a\u{0}b\u{1b}[31m\u{9b}\u{ffff}", "a\\u{0}b\\u{1b}[31m\\u{9b}\\u{ffff}"),
            ("]]>&amp;", "]]&gt;&amp;amp;"),
            ("中文 😀", "中文 😀"),
        ] {
            assert_eq!(escaped(text), shown);
        }
    }

    #[test]
    fn what_is_cleaned_is_cleaned_before_it_is_escaped() {
        let clean = |text: &str| text.replace("a&b<c", "[redacted]");
        let mut markup = Markup::new("", &clean, true);
        markup.with("a", &[("b", "x a&b<c")], |markup| markup.text("a&b<c & more"));
        markup.empty("c", &[]);
        assert_eq!(markup.finish(), "<a b=\"x [redacted]\">[redacted] &amp; more</a>\n<c/>");
    }
}
