#!/usr/bin/env python3
"""Makes the tree of the packaging benchmark: about 200 MB, the same on every machine.

    generate.py FOLDER [SEED]

20,000 small files as in node_modules (scripts, declarations, source maps, package.json, texts; most
of them of 1 to 10 kB) and a few large ones: shared libraries that shrink by half, pictures and
archives that do not shrink.
"""

import pathlib
import random
import sys

PACKAGES = 800
FILES = 25
LARGE = [
    # Name, megabytes, share of noise.
    ("native/build/binding.node", 30, 0.15),
    ("native/lib/libvips.so", 24, 0.15),
    ("assets/model.bin", 10, 0.8),
    ("assets/photo.jpg", 4, 1.0),
    ("assets/data.zip", 4, 1.0),
]
WORDS = """
    function return const let var if else for while switch case break new this typeof instanceof null
    undefined true false async await module exports require import from default class extends static
    super constructor prototype length push slice map filter reduce forEach Object Array String Number
    Promise resolve reject then catch error message stack value key index item options callback result
    data response request headers status body buffer stream path file name type state context config
    util helper parser token node child parent element render update create destroy handler listener
""".split()


COMMENTS = [
    "Returns the value of the given key, or undefined when there is none.",
    "Copyright (c) the authors. Licensed under the MIT license, see LICENSE.",
    "eslint-disable-next-line no-prototype-builtins",
    "TODO: this is only needed for old browsers, remove it in the next major version.",
    "@param {Object} options - see the documentation for what is understood here",
    "@returns {Promise<void>} settles when everything that was queued is done",
]


def identifier(rng):
    """Returns a name."""
    return rng.choice(WORDS) + rng.choice(WORDS).capitalize() + rng.choice(["", "", str(rng.randrange(99))])


def script(rng, size, vocabulary):
    """Returns source code of about so many bytes."""
    lines = []
    total = 0
    depth = 0
    while total < size:
        kind = rng.random()
        a, b, c = (vocabulary[int(rng.random() ** 2 * len(vocabulary))] for _ in range(3))
        if kind < 0.12:
            line = f"function {a}({b}, {c}) {{"
            depth += 1
        elif kind < 0.24 and depth:
            depth -= 1
            line = "}"
        elif kind < 0.4:
            line = f"const {a} = {b}.{c}({rng.randrange(8)});"
        elif kind < 0.55:
            line = f"if ({a} !== {b}) return {c}[0];"
        elif kind < 0.7:
            line = f"  // {rng.choice(COMMENTS)} {rng.choice(WORDS)}"
        elif kind < 0.85:
            line = f"exports.{a} = exports.{a} || {b};"
        else:
            line = f"{a}.{b} = await {c}({a}, `{rng.choice(WORDS)} ${{{b}}}`);"
        line = "  " * depth + line
        lines.append(line)
        total += len(line) + 1
    return "\n".join(lines).encode() + b"\n"


def source_map(rng, size):
    """Returns a source map, whose mappings shrink little."""
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/,;,;AACA"
    mappings = "".join(rng.choices(letters, k=size))
    return f'{{"version":3,"file":"index.js","sources":["../src/index.ts"],"names":[],"mappings":"{mappings}"}}'.encode()


def binary(rng, size, noise):
    """Returns bytes of which a share is noise and the rest repeats."""
    blocks = [rng.randbytes(256) for _ in range(64)]
    out = bytearray()
    while len(out) < size:
        out += rng.randbytes(512) if rng.random() < noise else rng.choice(blocks) * 2
    return bytes(out[:size])


def main():
    """Writes the tree."""
    root = pathlib.Path(sys.argv[1])
    rng = random.Random(int(sys.argv[2]) if len(sys.argv) > 2 else 1)
    count = total = 0

    def write(name, content):
        nonlocal count, total
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        count += 1
        total += len(content)

    write("index.py", b"def main_handler(event, context):\n    return 1\n")
    for number in range(PACKAGES):
        vocabulary = [identifier(rng) for _ in range(40)]
        folder = f"node_modules/{rng.choice(WORDS)}-{number:03}"
        write(f"{folder}/package.json", script(rng, 900, vocabulary))
        for file in range(FILES - 1):
            size = int(min(rng.lognormvariate(8.37, 0.9), 120_000))
            kind = rng.random()
            if kind < 0.06:
                write(f"{folder}/dist/{file}.js.map", source_map(rng, size))
            elif kind < 0.35:
                write(f"{folder}/types/{file}.d.ts", script(rng, size, vocabulary))
            else:
                write(f"{folder}/{rng.choice(['lib', 'dist', 'src'])}/{file}.js", script(rng, size, vocabulary))
    for name, megabytes, noise in LARGE:
        write(name, binary(rng, megabytes * 1_000_000, noise))
    print(f"{count} files, {total / 1e6:.1f} MB in {root}")


if __name__ == "__main__":
    main()
