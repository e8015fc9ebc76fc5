#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Every page leads to what is there: links, their headings, tests by name, code shown from a file.

A test is named with its file in front: `cw_skid_test` "Skid shows ...". A fenced block below a line
that ends with a link and a colon, "... [copy.c](../sw/copy.c):", must stand in that file as it is.
A source may name a heading: docs/dma.md, "Moving data". Exit status 1 and a line for each fault.
"""
import functools
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
LINK = re.compile(r"\]\(([^()\s]+)\)")
TEST = re.compile(r'`(?:[\w/]+/)?(\w+_test)(?:\.cpp)?` "([^"]+)"')
REFERENCE = re.compile(r'(docs/[\w/-]+\.md), "([^"]+)"')
SOURCES = {".sv", ".svh", ".cpp", ".hpp", ".c", ".h", ".rdl", ".toml"}
FENCE = re.compile(r"^(\s*)```")


def prose_and_blocks(text):
    """(number, line) outside of fences, and (number, shown from, block) of each fence."""
    prose, blocks = [], []
    before, begun, block = "", None, []
    for number, line in enumerate(text.splitlines(), 1):
        if FENCE.match(line):
            if begun is None:
                begun, block = number, []
            else:
                blocks.append((begun, before, "\n".join(block)))
                begun = None
        elif begun is None:
            prose.append((number, line))
            before = line.strip() or before
        else:
            block.append(line)
    return prose, blocks


def slug(heading):
    words = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).lower().strip()
    return re.sub(r"[^\w\- ]", "", words).replace(" ", "-")


@functools.cache
def anchors(page):
    """Those that GitHub gives to the headings of a page."""
    seen = set()
    for _, line in prose_and_blocks(page.read_text())[0]:
        if heading := re.match(r"#{1,6}\s+(.*)", line):
            base = slug(heading[1])
            name, n = base, 0
            while name in seen:
                n += 1
                name = f"{base}-{n}"
            seen.add(name)
    return seen


def has_test(stem, name):
    """True where a file of this name holds a test whose name begins so."""
    files = (ROOT / "tests").glob(f"*/{stem}.cpp")
    joined = (re.sub(r'"\s*\n\s*"', "", file.read_text()) for file in files)
    return any(f'"{name}' in text for text in joined)


def faults_of(page):
    prose, blocks = prose_and_blocks(page.read_text())
    for number, line in prose:
        for link in LINK.findall(line):
            if "://" in link or link.startswith("mailto:"):
                continue
            path, _, anchor = link.partition("#")
            target = page.parent / path if path else page
            if not target.exists():
                yield number, f"{link} is not there"
            elif anchor and anchor not in anchors(target):
                yield number, f"{path or 'this page'} has no heading #{anchor}"
        for stem, name in TEST.findall(line):
            if not has_test(stem, name):
                yield number, f'{stem} has no test "{name}"'
    for number, before, block in blocks:
        links = LINK.findall(before) if before.endswith("):") else []
        if links and (source := page.parent / links[-1]).is_file():
            if block not in source.read_text():
                yield number, f"this block is not what {links[-1]} has"


def references():
    """Of sources to a heading of a page: Spec: docs/dma.md, "Moving data"."""
    listed = subprocess.run(["git", "ls-files", "rtl", "tb", "tests", "sim", "sw"], cwd=ROOT,
                            check=True, capture_output=True, text=True).stdout.split()
    for name in listed:
        if pathlib.Path(name).suffix not in SOURCES:
            continue
        joined = re.sub(r"\n\s*(//|#|\*)\s?", " ", (ROOT / name).read_text())
        for page, heading in REFERENCE.findall(joined):
            path = ROOT / page
            if not path.exists() or slug(heading) not in anchors(path):
                yield name, f'{page} has no heading "{heading}"'


def main():
    listed = subprocess.run(["git", "ls-files", "*.md"], cwd=ROOT, check=True,
                            capture_output=True, text=True).stdout.split()
    bad = 0
    for name, fault in references():
        print(f"{name}: {fault}", file=sys.stderr)
        bad = 1
    for name in listed:
        for number, fault in faults_of(ROOT / name):
            print(f"{name}:{number}: {fault}", file=sys.stderr)
            bad = 1
    return bad


if __name__ == "__main__":
    sys.exit(main())
