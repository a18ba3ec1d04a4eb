#!/usr/bin/env python3
"""Checks the book that mdBook has made: site.py FOLDER. Every link in it leads to a page and to an anchor there, or to a file of
the repository; every page of the table of contents is there."""
import html.parser
import pathlib
import sys
import urllib.parse

DOCS = pathlib.Path(__file__).resolve().parents[2] / "docs"


class Page(html.parser.HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.targets: list[str] = []
        self.ids: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        if values.get("id"):
            self.ids.add(values["id"])
        target = values.get({"a": "href", "img": "src"}.get(tag, ""))
        if target:
            self.targets.append(target)


def main(folder: pathlib.Path) -> None:
    # The whole book on one page, and what is shown in place of a page that is not there, have no links of their own.
    files = [file for file in sorted(folder.rglob("*.html")) if file.name not in ("print.html", "404.html", "toc.html")]
    pages = {file: Page(file.read_text()) for file in files}
    seen, out, wrong = 0, 0, []
    for file, page in pages.items():
        for target in page.targets:
            parts = urllib.parse.urlsplit(target)
            if parts.scheme:
                continue
            seen += 1
            path = urllib.parse.unquote(parts.path)
            there = (file.parent / path).resolve() if path else file
            if there.is_relative_to(folder):
                anchor = urllib.parse.unquote(parts.fragment)
                if not there.exists() or anchor and anchor not in pages[there].ids:
                    wrong.append(f"{file.relative_to(folder)}: {target}")
                continue
            # Out of the book, into the repository; mdBook calls pages of it pages of its own.
            out += 1
            below = DOCS / file.parent.relative_to(folder) / path
            if not below.exists() and not below.with_suffix(".md").exists():
                wrong.append(f"{file.relative_to(folder)}: {target}")
    contents = (DOCS / "SUMMARY.md").read_text().count("](")
    if len(pages) < contents:
        wrong.append(f"{contents} pages in SUMMARY.md, {len(pages)} in the book")
    if seen < 500 or wrong:
        raise SystemExit("\n".join([f"{seen} links", *wrong]))
    print(f"{len(pages)} pages, {seen} links, {out} of them into the repository")


main(pathlib.Path(sys.argv[1]).resolve())
