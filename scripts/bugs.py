#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Plants the bugs of tests/bugs.toml again, one at a time in a copy of the design.

usage: scripts/bugs.py [--check] [NAME...]

A NAME is one of a bug (bme-drop) or of a module whose tests find some (cw_endpoint). The tests that
carry the name of a bug have to pass on the design as it is, and to fail on each copy with that bug.
--check builds nothing: it looks whether every bug has its place in the design and its tests.
Builds in out/bugs; takes some minutes for all, so nothing runs it by itself.
Exit status: 0 every bug was found, 1 one was not, 2 usage, 3 a tool failed.
"""
import argparse
import itertools
import subprocess
import sys
import time
import tomllib

from design_copy import ROOT, copy_design

OUT = ROOT / "out" / "bugs"
TREE, BUILD, LOG = OUT / "tree", OUT / "build", OUT / "log"
LIMIT_SECONDS = 900  # of one command: a test takes seconds, a build of a module a minute or two


def stop(status, message):
    print(f"bugs: {message}", file=sys.stderr)
    sys.exit(status)


def run(*command):
    """Runs a command with its output in the log; its exit status, or None if it did not end."""
    with LOG.open("a") as log:
        print("+", *command, file=log, flush=True)
        try:
            return subprocess.run(command, cwd=TREE, stdout=log, stderr=subprocess.STDOUT,
                                  timeout=LIMIT_SECONDS, check=False).returncode
        except subprocess.TimeoutExpired:
            return None


def build(module):
    configured = run("cmake", "-S", str(TREE), "-B", str(BUILD), "-G", "Ninja",
                     "-DCMAKE_BUILD_TYPE=Release", "-DCW_SYSTEM=OFF", f"-DCW_MODULES={module}")
    if configured != 0 or run("cmake", "--build", str(BUILD), "--target", "cw-unit") != 0:
        stop(3, f"{module} could not be built, see {LOG.relative_to(ROOT)}")


def tests_pass(name):
    return run(str(BUILD / "tests" / "cw-unit"), "--warn", "NoTests", f"{name}:*") == 0


def planted(bug, sound):
    if sound.count(bug["text"]) != 1:
        stop(2, f"{bug['name']}: {bug['file']} does not have its text once: {bug['text']}")
    return sound.replace(bug["text"], bug["becomes"])


def demand_tests(bug):
    tests = (ROOT / "tests" / "unit" / f"{bug['module']}_test.cpp").read_text()
    if f'"{bug["name"]}: ' not in tests:
        stop(2, f"no test of {bug['module']} is named for {bug['name']}")


def find(bug):
    """Whether the tests of a bug's name fail when it is there."""
    file = TREE / bug["file"]
    sound = file.read_text()
    begin = time.monotonic()
    try:
        file.write_text(planted(bug, sound))
        build(bug["module"])
        found = not tests_pass(bug["name"])
    finally:
        file.write_text(sound)
    seconds = time.monotonic() - begin
    print(f"{'found' if found else 'MISSED':6}  {bug['name']:18}  {bug['module']:17}"
          f"{seconds:5.0f} s  {bug['why']}", flush=True)
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", metavar="NAME", help="a bug, or a module")
    parser.add_argument("--check", action="store_true", help="build nothing")
    options = parser.parse_args()
    names = options.names
    bugs = tomllib.loads((ROOT / "tests" / "bugs.toml").read_text())["bug"]
    for name in names:
        if not any(name in (bug["name"], bug["module"]) for bug in bugs):
            known = dict.fromkeys(bug["name"] for bug in bugs)
            stop(2, f"no bug and no module is called {name}; there are {', '.join(known)}")
    if names:
        bugs = [bug for bug in bugs if bug["name"] in names or bug["module"] in names]
    for bug in bugs:
        demand_tests(bug)
        planted(bug, (ROOT / bug["file"]).read_text())
    if options.check:
        return
    OUT.mkdir(parents=True, exist_ok=True)
    LOG.write_text("")
    copy_design(TREE)
    missed = 0
    by_module = sorted(bugs, key=lambda bug: bug["module"])
    for module, group in itertools.groupby(by_module, key=lambda bug: bug["module"]):
        group = list(group)
        build(module)
        for name in dict.fromkeys(bug["name"] for bug in group):
            if not tests_pass(name):
                log = LOG.relative_to(ROOT)
                stop(3, f"{module}: the tests of {name} fail without it, see {log}")
        missed += sum(not find(bug) for bug in group)
    print(f"{len(bugs) - missed} of {len(bugs)} bugs found")
    sys.exit(1 if missed else 0)


main()
