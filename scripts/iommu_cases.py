#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Holds the list of the IOMMU's corner cases against the traces and tests that are there.

usage: scripts/iommu_cases.py --check | --write

--check fails where a case of tests/testplan/iommu.toml names a subject of a trace or a test case that is not there, or nothing,
where a number is missing, or docs/iommu-cases.md is not what --write makes of the list.
Exit status: 0 the list holds, 1 it does not (a line for each reason), 2 usage.
"""
import argparse
import pathlib
import re
import sys
import tomllib

from testplan import read_tests

ROOT = pathlib.Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "iommu-cases.md"

INTRO = """# Corner cases of the IOMMU

What an IOMMU gets wrong first, and what shows that this one does not. Numbers in the text are causes of fault records.

A name in italics is a subject of a [trace](iommu.md#traces), `tests/iommu/<trace>.trace`, which is played on the RTL and on the reference model; the others are test cases.
This page is made by `scripts/iommu_cases.py --write` from `tests/testplan/iommu.toml`; `--check` fails where a trace or test that it names is not there.
"""


def read_groups():
    return tomllib.loads((ROOT / "tests" / "testplan" / "iommu.toml").read_text())["group"]


def read_subjects():
    """The subjects of each trace: comments after an empty line."""
    return {path.stem: re.findall(r"\n\n# (.*)", path.read_text())
            for path in (ROOT / "tests" / "iommu").glob("*.trace")}


def full_name(name, subjects):
    """`trace: whole subject` of `trace: its beginning`; None where there is none."""
    trace, beginning = name.split(": ", 1)
    found = next((each for each in subjects.get(trace, []) if each.startswith(beginning)), None)
    return found and f"{trace}: {found}"


def complaints(groups, subjects, tests):
    cases = [case for group in groups for case in group["case"]]
    if [case["id"] for case in cases] != list(range(1, len(cases) + 1)):
        yield "the cases are not 1, 2, ... in order"
    for case in cases:
        if not case["traces"] and not case["tests"]:
            yield f"case {case['id']} is shown by nothing"
        for name in case["traces"]:
            if not full_name(name, subjects):
                yield f"case {case['id']} names a subject that no trace has: {name}"
        for name in case["tests"]:
            if name not in tests:
                yield f"case {case['id']} names a test that is not there: {name}"


def page(groups, subjects):
    lines = [INTRO]
    for group in groups:
        lines += [f"## {group['title']}", "", "| case | what must be | shown by |", "|---|---|---|"]
        for case in group["case"]:
            shown = [f"*{full_name(name, subjects)}*" for name in case["traces"]] + case["tests"]
            lines.append(f"| {case['id']} | {case['says']} | {'<br>'.join(shown)} |")
        lines.append("")
    return "\n".join(lines)


def main():
    parser = argparse.ArgumentParser(prog="iommu_cases", description=__doc__.splitlines()[0])
    mode = parser.add_mutually_exclusive_group(required=True)
    mode.add_argument("--check", action="store_true", help="say what of the list does not hold")
    mode.add_argument("--write", action="store_true", help="make docs/iommu-cases.md")
    options = parser.parse_args()
    groups, subjects = read_groups(), read_subjects()
    if options.write:
        PAGE.write_text(page(groups, subjects))
        return 0
    reasons = list(complaints(groups, subjects, {test.name for test in read_tests()}))
    if not PAGE.exists() or PAGE.read_text() != page(groups, subjects):
        reasons.append("docs/iommu-cases.md is not what scripts/iommu_cases.py --write makes")
    for reason in reasons:
        print(f"iommu_cases: {reason}", file=sys.stderr)
    return 1 if reasons else 0


sys.exit(main())
