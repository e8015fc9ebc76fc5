#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Holds the test plan against the tests, proofs and coverage bins that are there.

usage: scripts/testplan.py --check | --write

--check fails where a rule of REQUIRED has no test, no bin and no reason for that (`no_bin`), a tag or proof names no rule, the plan
names a test or a bin that is not there, or docs/rules.md is not what --write makes of the plan.
Exit status: 0 the plan holds, 1 it does not (a line for each reason), 2 usage.
"""
import argparse
import pathlib
import re
import sys
import tomllib
from typing import NamedTuple

ROOT = pathlib.Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "rules.md"
FILES = ["requests", "completer", "requester", "ordering", "errors", "config", "root", "dma"]
FIELDS = {"id", "says", "spec", "stimulus", "check", "tests", "bins"}

# A switch has R48 to R52; what an endpoint must keep is R01 to R54 without them.
REQUIRED = [f"R{n:02}" for n in range(1, 55) if n not in range(48, 53)]

INTRO = """# Rules

What a correct PCI Express fabric must keep, one line each, in the words of this project. Where a line and the PCI Express Base Specification differ, the specification wins.

This page is made by `scripts/testplan.py --write` from the test plan, `tests/testplan/*.toml`, which says for each rule what is done and what is looked at.

A test names the rules that it proves in its tags: `[R21]`. The column lists the files with such a tag: names without a folder are `tests/unit/cw_<name>_test.cpp`, those in `formal/` are [proofs](verification.md#proofs). A name in the column says that some of the rule is tested, not that all of it is there; what is not there is said in the page of the subsystem.
"""


class Test(NamedTuple):
    file: str        # as the page shows it
    name: str
    tags: list[str]


# ---- What is there

def shown(path):
    """A test file as the page names it."""
    inside = path.relative_to(ROOT / "tests")
    name = inside.stem.removesuffix("_test")
    folder = inside.parent.as_posix()
    return name.removeprefix("cw_") if folder == "unit" else f"{folder}/{name}"


def literals(text):
    return re.findall(r'"((?:[^"\\]|\\.)*)"', text)


def read_tests():
    """Every test case of the sources, with its tags."""
    case = re.compile(r'TEST_CASE(?:_SIG)?\(\s*((?:"(?:[^"\\]|\\.)*"\s*)+),\s*((?:"[^"]*"\s*)+)')
    tests = []
    for path in sorted((ROOT / "tests").rglob("*.cpp")):
        for match in case.finditer(path.read_text()):
            tags = re.findall(r"\[([^\]]+)\]", "".join(literals(match[2])))
            tests.append(Test(shown(path), "".join(literals(match[1])), tags))
    return tests


def read_proofs():
    """The rules that each proof names."""
    proofs = {}
    for path in sorted((ROOT / "tests" / "formal").glob("*.sby")):
        for line in re.findall(r"^# Proves: (.*)", path.read_text(), re.M):
            proofs[f"formal/{path.stem.removeprefix('cw_')}"] = line.split()
    return proofs


def names_of(argument, source):
    """The names in a list of the coverage code: in braces, a constant, a function of constants."""
    argument = argument.strip()
    if argument.startswith("{"):
        return literals(argument)
    if argument.endswith("()"):
        body = re.search(re.escape(argument) + r" \{(.*?)\n\}", source, re.S)
        constants = re.findall(r"\bk[A-Z]\w*", body[1]) if body else []
        return [name for each in dict.fromkeys(constants) for name in names_of(each, source)]
    value = re.search(r"\b" + re.escape(argument) + r"\s*=\s*(\{.*?\});", source, re.S)
    return literals(value[1]) if value else []


def read_bins():
    """The bins that random traffic declares, `group.bin`, of a cross `group.a-b`; else None."""
    files = sorted((ROOT / "tb").rglob("cover*.cpp"))
    if not files:
        return None
    source = "\n".join(path.read_text() for path in files)
    value = r"(\{[^{}]*\}|\w+(?:\(\))?)"
    bins = set()
    for group, names in re.findall(r'\.point\(\s*"([^"]+)",\s*' + value, source):
        bins |= {f"{group}.{name}" for name in names_of(names, source)}
    cross = r'\.cross\(\s*"([^"]+)",\s*' + value + r",\s*" + value + r"(?:,\s*" + value + ")?"
    for group, left, right, never in re.findall(cross, source):
        pairs = {f"{a}-{b}" for a in names_of(left, source) for b in names_of(right, source)}
        pairs -= set(names_of(never, source) if never else [])
        bins |= {f"{group}.{pair}" for pair in pairs}
    return bins


def read_plan():
    """The rules in order, each with the title of its file."""
    plan = []
    for name in FILES:
        content = tomllib.loads((ROOT / "tests" / "testplan" / f"{name}.toml").read_text())
        plan += [dict(rule, title=content["title"]) for rule in content["rule"]]
    return plan


# ---- What does not fit

def check_shape(plan):
    """Every rule once, in order, with the fields that it may have."""
    ids = [rule["id"] for rule in plan]
    if ids != [f"R{n:02}" for n in range(1, len(ids) + 1)]:
        yield "the rules of tests/testplan are not R01, R02, ... in order"
    for rule in plan:
        for field in set(rule) - FIELDS - {"title", "no_bin"}:
            yield f"{rule['id']} has an unknown field '{field}'"
        for field in ("says", "tests", "bins"):
            if field not in rule:
                yield f"{rule['id']} has no '{field}'"
        if rule["id"] in REQUIRED:
            for field in ("spec", "stimulus", "check"):
                if not rule.get(field):
                    yield f"{rule['id']} has no '{field}'"


def check_tests(plan, tests, proofs):
    known = {rule["id"] for rule in plan}
    by_name = {test.name: test for test in tests}
    tagged = {tag for test in tests for tag in test.tags}
    for test in tests:
        for tag in test.tags:
            if re.fullmatch(r"R\d+", tag) and tag not in known:
                yield f"{test.file}: '{test.name}' names {tag}, which is no rule"
    for proof, rules in proofs.items():
        for rule in set(rules) - known:
            yield f"{proof} names {rule}, which is no rule"
    for rule in plan:
        if rule["id"] in REQUIRED and rule["id"] not in tagged:
            yield f"{rule['id']} has no test"
        if rule["id"] in REQUIRED and not rule["tests"]:
            yield f"{rule['id']} names no test in the plan"
        for name in rule["tests"]:
            if name not in by_name:
                yield f"{rule['id']} names a test that is not there: {name}"
            elif rule["id"] not in by_name[name].tags:
                yield f"{rule['id']} names a test without its tag: {name}"


def check_bins(plan, bins):
    if bins is None:
        return
    for rule in plan:
        if rule["id"] in REQUIRED and not rule["bins"] and not rule.get("no_bin"):
            yield f"{rule['id']} has no bin, and no reason for it"
        if rule["bins"] and rule.get("no_bin"):
            yield f"{rule['id']} has bins and a reason for having none"
        for bin in rule["bins"]:
            if bin not in bins and not any(name.startswith(bin + ".") for name in bins):
                yield f"{rule['id']} names a bin that is not there: {bin}"


# ---- The page

def page(plan, tests, proofs):
    where = {rule["id"]: [] for rule in plan}
    for test in tests:
        for tag in test.tags:
            if tag in where and test.file not in where[tag]:
                where[tag].append(test.file)
    for proof, rules in proofs.items():
        for rule in rules:
            if rule in where:
                where[rule].append(proof)
    without = [rule for rule, files in where.items() if not files]
    lines = [INTRO]
    if without:
        lines.append(f"Rules with no test today: {', '.join(without)}.\n")
    title = None
    for rule in plan:
        if rule["title"] != title:
            if title:
                lines.append("")
            title = rule["title"]
            lines += [f"## {title}", "", "| rule | what it says | specification | tested in |",
                      "|---|---|---|---|"]
        lines.append("| " + " | ".join([
            rule["id"], rule["says"], rule.get("spec", ""),
            ", ".join(where[rule["id"]]) or "no test yet"]) + " |")
    return "\n".join(lines) + "\n"


def main():
    parser = argparse.ArgumentParser(prog="testplan", description=__doc__.splitlines()[0])
    mode = parser.add_mutually_exclusive_group(required=True)
    mode.add_argument("--check", action="store_true", help="say what of the plan does not hold")
    mode.add_argument("--write", action="store_true", help="make docs/rules.md")
    options = parser.parse_args()
    plan, tests, proofs = read_plan(), read_tests(), read_proofs()
    text = page(plan, tests, proofs)
    if options.write:
        PAGE.write_text(text)
        return 0
    reasons = [*check_shape(plan), *check_tests(plan, tests, proofs),
               *check_bins(plan, read_bins())]
    if not PAGE.exists() or PAGE.read_text() != text:
        reasons.append("docs/rules.md is not what scripts/testplan.py --write makes")
    for reason in reasons:
        print(f"testplan: {reason}", file=sys.stderr)
    return 1 if reasons else 0


if __name__ == "__main__":
    sys.exit(main())
