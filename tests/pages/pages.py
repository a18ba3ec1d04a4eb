#!/usr/bin/env python3
"""Opens the pages that `--report` writes in a real browser, and looks at them as people do.

    pages.py SCFCTL [FOLDER]

Prints a line for each check, and `N passed, N failed` at the end. Pictures of all pages go to the
folder, where one is named.
"""

import json
import shutil
import sys
import tempfile
from pathlib import Path

from browser import Browser, scfctl, shop

HELLO = Path(__file__).resolve().parents[2] / "examples" / "hello"
PROJECT_FUNCTION = """component: scf
name: {name}
inputs:
  src: ./src
  runtime: Python3.9
  handler: index.main_handler
"""
REHEARSE = ["rollout", "rehearse", "--alias", "prod", "--to", "2"]

# Contrast that small text needs: WCAG 2.2, AA.
CONTRAST = 4.5

HOSTILE = "</style><script>document.title = 'owned'</script><img src=x onerror=alert(1)>"

# Every text with its contrast against what it stands on.
FAINT = """
const part = value => (value /= 255) <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
const light = ([red, green, blue]) => 0.2126 * part(red) + 0.7152 * part(green) + 0.0722 * part(blue);
const numbers = colour => (colour.match(/[\\d.]+/g) || []).map(Number);
const behind = element => {
    for (; element; element = element.parentElement) {
        const colour = numbers(getComputedStyle(element).backgroundColor);
        if (colour.length === 3 || colour[3] === 1) return colour;
    }
    return [255, 255, 255];
};
const found = [];
for (const element of document.querySelectorAll('body *')) {
    const own = [...element.childNodes].some(node => node.nodeType === 3 && node.data.trim());
    if (!own || ['desc', 'title'].includes(element.tagName)) continue;
    const style = getComputedStyle(element);
    const colour = numbers(element instanceof SVGElement ? style.fill : style.color);
    const [one, other] = [light(colour), light(behind(element))];
    const ratio = (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);
    if (ratio < LEAST) found.push(`${ratio.toFixed(2)} ${element.tagName} ${element.textContent.slice(0, 40)}`);
}
return found;
""".replace("LEAST", str(CONTRAST))

# What reaches over the edge and cannot be scrolled to where it stands.
WIDE = """
const wide = [];
if (document.documentElement.scrollWidth > innerWidth) wide.push(`page ${document.documentElement.scrollWidth}`);
for (const element of document.querySelectorAll('body *')) {
    if (element.closest('.scroll') && !element.matches('.scroll')) continue;
    if (element.ownerSVGElement) continue;
    const { right, width } = element.getBoundingClientRect();
    if (width > 0 && right > innerWidth + 0.5) wide.push(`${element.tagName} ${element.className} ${right}`);
}
for (const text of document.querySelectorAll('svg text')) {
    const { left, right } = text.getBoundingClientRect();
    const frame = text.ownerSVGElement.getBoundingClientRect();
    if (left < frame.left - 1 || right > frame.right + 1) wide.push(`label ${text.textContent}`);
}
for (const frame of innerWidth < 600 ? document.querySelectorAll('.scroll') : [])
    if (frame.scrollWidth > frame.clientWidth + 1) wide.push(`table ${frame.ariaLabel} ${frame.scrollWidth}`);
return wide;
"""

# Parts that screen readers and keyboards go by, and whether they are whole.
PARTS = """
const all = selector => [...document.querySelectorAll(selector)];
const named = element => (element.getAttribute('aria-labelledby') || '').split(' ')
    .every(id => id && document.getElementById(id)?.textContent.trim());
return {
    landmarks: ['header', 'main', 'footer'].map(name => all(name).length),
    headings: all('h1').length,
    levels: all('h1, h2, h3').map(heading => Number(heading.tagName[1])),
    unnamed: all('section, svg[role=img]').filter(element => !named(element)).length,
    images: all('svg').filter(svg => svg.getAttribute('role') !== 'img' && svg.getAttribute('aria-hidden') !== 'true').length,
    captions: all('table').filter(table => !table.caption?.textContent.trim()).length,
    scopes: all('th').filter(cell => !['row', 'col'].includes(cell.scope)).length,
    heads: all('tbody tr').filter(row => row.cells[0].tagName !== 'TH').length,
    twice: all('[id]').length - new Set(all('[id]').map(element => element.id)).size,
    scripts: document.scripts.length,
    styled: getComputedStyle(document.querySelector('.outcome')).borderLeftWidth,
    lang: document.documentElement.lang,
    title: document.title,
    charts: all('figure.chart').length,
    lines: all('figure.chart > svg path').filter(path => path.getTotalLength() > 0).length,
    details: all('details').length,
};
"""


class Checks:
    """Counts checks, and says which failed."""

    def __init__(self):
        self.passed = 0
        self.failed = 0

    def equal(self, name, found, wanted):
        """Checks that a value is the one wanted."""
        if found == wanted:
            self.passed += 1
            print(f"ok      {name}")
        else:
            self.failed += 1
            print(f"FAILED  {name}: found {found!r}, wanted {wanted!r}")


def write_pages(program, folder):
    """Writes pages of all kinds; returns their names with what they are to have."""
    shutil.copytree(HELLO, folder, dirs_exist_ok=True)
    shutil.rmtree(folder / ".scfctl", ignore_errors=True)
    shop(program, folder)
    hostile = {
        "format": 1,
        "title": HOSTILE,
        "rate_per_min": 600,
        "versions": {"from": {"error_rate": 0.01}, "to": {"error_rate": 0.01}},
    }
    (folder / "hostile.json").write_text(json.dumps(hostile))
    day = [[[900, 9, 80], [100, 1, 82]], [[908, 8, 79], [93, 6, 95]], [[893, 10, 81], [105, 7, 99]]]
    recording = {"format": 1, "title": "bad day", "history": [[900, 9, 80]] * 2,
                 "steps": [{"share": 0.1, "minutes": day}]}  # fmt: skip
    (folder / "day.json").write_text(json.dumps(recording))
    run = lambda *arguments, code=0: scfctl(program, folder, *arguments, code=code)
    pages = {}

    def page(name, lang, charts, *arguments, code=0):
        run(*arguments, "--report", f"{name}.html", "--lang", lang, code=code)
        pages[name] = ({"en": "en", "zh": "zh-CN"}[lang], charts)

    for lang in ["en", "zh"]:
        page(f"back-{lang}", lang, 4, *REHEARSE, "--scenario", "errors-at-50%")
        page(f"done-{lang}", lang, 4, *REHEARSE, "--repeat", "20")
    page("hostile", "en", 4, *REHEARSE, "--scenario", "hostile.json")
    page("recording", "en", 4, "rollout", "rehearse", "--scenario", "day.json")
    page("none", "en", 0, "rollout", "status", "--alias", "prod")
    page("failed", "zh", 0, "rollout", "start", "--alias", "nobody", "--to", "2", code=3)
    start = "rollout start --alias prod --to 2 --detach --interval 10m".split()
    page("begun", "en", 4, *start, "--steps", "1%,2%,3%,5%,10%,20%,30%,40%,50%,60%,70%,80%,90%,100%")
    page("status", "zh", 4, "rollout", "status", "--alias", "prod")
    write_project_pages(program, folder, pages)
    return pages


def write_project_pages(program, folder, pages):
    """Writes pages of two functions together: under way, and back because of one of them."""
    project = folder / "project"
    for name in ["api", "web"]:
        source = project / name / "src"
        source.mkdir(parents=True)
        (source / "index.py").write_text("def main_handler(event, context): return 1\n")
        (project / name / "serverless.yml").write_text(PROJECT_FUNCTION.format(name=name))
    (project / "serverless.yml").write_text("app: shop\n")
    run = lambda *arguments, code=0: scfctl(program, project, *arguments, code=code)
    alias = ["publish=true", "aliasName=prod", "additionalVersionWeights=[]"]
    run("deploy", "--inputs", *alias)
    run("deploy", "--inputs", "publish=true", "description=second")
    for name in ["api", "web"]:
        errors = ["--version", "2: errors=50%"] if name == "api" else []
        load = ["local", "load", "--function", f"{name}-dev-shop", "--alias", "prod"]
        run(*load, "--rate", "600/min", *errors)
    of_all = ["--project", "--alias", "prod"]
    start = ["rollout", "start", *of_all, "--to", "latest-published", "--detach"]
    run(*start, "--interval", "10m", "--report", str(folder / "project-begun.html"))
    pages["project-begun"] = ("en", 8)
    run("rollout", "abort", *of_all)
    report = ["--lang", "zh", "--report", str(folder / "project-back.html")]
    run("rollout", "tick", *of_all, *report, code=7)
    pages["project-back"] = ("zh-CN", 8)


def look(browser, checks, page, name, lang, charts):
    """Opens one page in every way."""
    browser.logged()
    address = browser.open(page)
    parts = browser.run(PARTS)
    console, asked = browser.logged()
    checks.equal(f"{name}: nothing on the console", console, [])
    checks.equal(f"{name}: no request but the file", asked, [address])
    checks.equal(f"{name}: language", parts["lang"], lang)
    checks.equal(f"{name}: landmarks", parts["landmarks"], [1, 1, 1])
    checks.equal(f"{name}: one title", parts["headings"], 1)
    levels = parts["levels"]
    skipped = [pair for pair in zip(levels, levels[1:]) if pair[1] > pair[0] + 1]
    checks.equal(f"{name}: no level of headings is left out", skipped, [])
    for part in ["unnamed", "images", "captions", "scopes", "heads", "twice", "scripts"]:
        checks.equal(f"{name}: {part}", parts[part], 0)
    checks.equal(f"{name}: its style is allowed", parts["styled"], "8px")
    checks.equal(f"{name}: charts", parts["charts"], charts)
    # Of one that has just begun the monitor knows one version only.
    checks.equal(f"{name}: charts have lines", parts["lines"] >= min(charts, 1), True)
    checks.equal(f"{name}: nobody has changed the title", "owned" in parts["title"][:5], False)
    for theme, width in [("light", 400), ("light", 1400), ("dark", 400)]:
        browser.open(page, width, theme)
        browser.run("document.querySelectorAll('details').forEach(one => one.open = true)")
        if theme == "light":
            checks.equal(f"{name}: nothing is too wide, {width}", browser.run(WIDE), [])
        if width == 400:
            checks.equal(f"{name}: nothing is faint, {theme}", browser.run(FAINT), [])
    browser.open(page, 794, "dark", media="print")
    checks.equal(f"{name}: nothing is faint in print", browser.run(FAINT), [])
    white = "return getComputedStyle(document.body).backgroundColor"
    checks.equal(f"{name}: paper is white", browser.run(white), "rgb(255, 255, 255)")
    checks.equal(f"{name}: no request later", set(browser.logged()[1]), {address})


def main():
    program = str(Path(sys.argv[1]).resolve())
    pictures = Path(sys.argv[2]) if len(sys.argv) > 2 else None
    checks = Checks()
    with tempfile.TemporaryDirectory() as folder, Browser() as browser:
        folder = Path(folder)
        for name, (lang, charts) in write_pages(program, folder).items():
            page = folder / f"{name}.html"
            look(browser, checks, page, name, lang, charts)
            if pictures:
                pictures.mkdir(parents=True, exist_ok=True)
                for width, theme in [(400, "light"), (400, "dark"), (1400, "light"), (1400, "dark")]:
                    browser.open(page, width, theme)
                    browser.picture(pictures / f"{name}-{width}-{theme}.png")
        printed = browser.command("Page.printToPDF")["data"]
        checks.equal("a page is printed", len(printed) > 10_000, True)
    print(f"{checks.passed} passed, {checks.failed} failed")
    return 1 if checks.failed else 0


if __name__ == "__main__":
    sys.exit(main())
