# SPDX-License-Identifier: Apache-2.0
"""Breaks the RTL in every small way and asks whether the module's unit test notices.

usage: ./cw mutate [--list] [--with PARENT]... [-j JOBS] MODULE...

All mutants of all modules are built into one binary, each behind a number that is read when the test
starts, so a mutant costs a run and not a build. A mutant that no test of tests/unit/MODULE_test.cpp
notices, nor one of a PARENT that contains the module, is a survivor. One that behaves as the original does is named in tests/mutation.toml, with
the reason. Exit status: 0 no other survivor, 1 survivors, 2 usage, 3 a tool failed.
"""
import argparse
import concurrent.futures
import os
import re
import subprocess
import sys
import time
import tomllib
from typing import NamedTuple

import pyslang
from pyslang import syntax

from design_copy import ROOT, copy_design

COPY = ROOT / "out" / "mutation"
EXPLAINED = ROOT / "tests" / "mutation.toml"
SWITCH = "cw_mutant"  # the number of the mutant that lives, in the mutated module

# What an operator becomes.
SWAPS = {
    "LogicalAndExpression": "||", "LogicalOrExpression": "&&",
    "BinaryAndExpression": "|", "BinaryOrExpression": "&", "BinaryXorExpression": "|",
    "EqualityExpression": "!=", "InequalityExpression": "==",
    "LessThanExpression": "<=", "LessThanEqualExpression": "<",
    "GreaterThanExpression": ">=", "GreaterThanEqualExpression": ">",
    "AddExpression": "-", "SubtractExpression": "+",
}
DROPS = {"UnaryLogicalNotExpression", "UnaryBitwiseNotExpression"}
FLIPS = {"1'b0": "1'b1", "1'b1": "1'b0"}
# What is settled when the design is elaborated, or is no behaviour.
FIXED = {
    "ModuleHeader", "ParameterDeclarationStatement", "TypedefDeclaration", "VariableDimension",
    "SimpleRangeSelect", "AscendingRangeSelect", "DescendingRangeSelect", "PackageImportDeclaration",
    "GenvarDeclaration", "ParameterValueAssignment", "FunctionPrototype",
}


def is_input(port):
    """Whether a port of an instance, tied to 0, is a mutant of who wires it."""
    return port.endswith("_i") and port not in ("clk_i", "rst_i")


class Mutant(NamedTuple):
    number: int
    module: str
    file: str
    line: int
    text: str     # the line
    change: str   # "before -> after"


class Site:
    """A piece of text that may be something else, and the sites inside of it."""
    def __init__(self, start, end, statement=False, port=None):
        self.start, self.end, self.statement = start, end, statement
        self.port = port   # of a connection by name alone
        self.variants = []  # (number, text)
        self.inner = []


def stop(status, message):
    print(f"mutate: {message}", file=sys.stderr)
    sys.exit(status)


# ---- Where a module can be broken

class Finder:
    def __init__(self, path, module, first):
        self.path, self.module, self.number = path, module, first
        self.text = path.read_bytes()
        manager = pyslang.SourceManager()
        manager.addUserDirectories(str(ROOT / "rtl" / "include"))
        self.tree = syntax.SyntaxTree.fromFile(str(path), manager)
        self.manager = manager
        self.mutants, self.sites = [], {}
        self.body_at = None  # where declarations of the module may stand
        # Functions that give parameters their values are settled when the design is elaborated.
        settled = re.findall(r"\b(?:localparam|parameter)\b[^;]*;", self.text.decode())
        self.constants = " ".join(settled)
        self.visit(self.tree.root, clocked=False)

    def source(self, start, end):
        return self.text[start:end].decode()

    def range(self, node):
        return node.sourceRange.start.offset, node.sourceRange.end.offset

    def add(self, node, before, after, statement=False, port=None):
        start, end = self.range(node)
        site = self.sites.setdefault((start, end, statement), Site(start, end, statement, port))
        line = self.text.count(b"\n", 0, start) + 1
        shown = self.text.splitlines()[line - 1].decode().strip()
        self.mutants.append(Mutant(self.number, self.module, str(self.path.relative_to(ROOT)), line,
                                   shown, f"{' '.join(before.split())} -> {after}"))
        site.variants.append((self.number, after))
        self.number += 1

    def visit(self, node, clocked):
        kind = str(node.kind).split(".")[-1]
        if kind == "ModuleHeader":
            self.body_at = self.range(node)[1]
        if kind in FIXED or self.manager.isMacroLoc(node.sourceRange.start):
            return
        if kind == "FunctionDeclaration":
            if f"{str(node.prototype.name).strip()}(" in self.constants:
                return
        clocked = clocked or kind == "AlwaysFFBlock"
        parts = [child for child in node if isinstance(child, syntax.SyntaxNode)]
        here = self.source(*self.range(node))
        if kind == "ContinuousAssign" and "unused" in here.split("=")[0]:
            return
        if kind in SWAPS:
            left, right = (self.source(*self.range(part)) for part in parts[:2] if part)
            self.add(node, here, f"({left}) {SWAPS[kind]} ({right})")
        elif kind in DROPS:
            self.add(node, here, here[1:])
        elif kind == "IntegerVectorExpression" and here in FLIPS:
            self.add(node, here, FLIPS[here])
        elif kind == "ConditionalPredicate":
            for stuck in ("1'b0", "1'b1"):
                self.add(node, here, stuck)
        elif kind == "ExpressionStatement" and clocked:
            self.add(node, here, "", statement=True)
        elif kind == "NamedPortConnection" and is_input(node.name.valueText):
            if node.openParen:
                if node.expr is None or str(node.expr).strip() in ("1'b0", "'0"):
                    return
                self.add(node.expr, here, "'0")
            else:
                self.add(node, here, "'0", port=node.name.valueText)
        for part in self.behaviour(kind, parts):
            self.visit(part, clocked)

    @staticmethod
    def behaviour(kind, parts):
        """The parts of a node that the clock can see."""
        if kind in ("IfGenerate", "LoopGenerate", "ForLoopStatement", "CaseGenerate"):
            return [part for part in parts if str(part.kind).split(".")[-1] in (
                "GenerateBlock", "SequentialBlockStatement", "ExpressionStatement",
                "ConditionalStatement", "ElseClause", "ContinuousAssign")]
        if kind in ("CastExpression", "MultipleConcatenationExpression", "StandardCaseItem"):
            return parts[1:]
        return parts[:1] if kind == "InsideExpression" else parts

    def mutated(self):
        """The module with every mutant in it."""
        top, stack = [], []
        for site in sorted(self.sites.values(), key=lambda s: (s.start, -s.end, not s.statement)):
            while stack and stack[-1].end < site.end or stack and stack[-1].end <= site.start:
                stack.pop()
            (stack[-1].inner if stack else top).append(site)
            stack.append(site)
        head = self.body_at
        declared = (f'\n  import "DPI-C" function int {SWITCH}_of_environment();\n'
                    f"  int {SWITCH};\n  initial {SWITCH} = {SWITCH}_of_environment();\n")
        return self.source(0, head) + declared + self.render(head, len(self.text), top)

    def render(self, start, end, sites):
        out, at = [], start
        for site in sites:
            out.append(self.source(at, site.start))
            inside = self.render(site.start, site.end, site.inner)
            if site.statement:
                (number, _), = site.variants
                out.append(f"begin if ({SWITCH} != {number}) {inside} end")
            else:
                choice = "".join(f"({SWITCH} == {number}) ? ({text}) : "
                                 for number, text in site.variants)
                if site.port:
                    out.append(f".{site.port}({choice}({site.port}))")
                else:
                    out.append(f"({choice}({inside}))")
            at = site.end
        out.append(self.source(at, end))
        return "".join(out)


# ---- Building all, running each

def build(modules, finders, jobs):
    instead = {str(finder.path.relative_to(ROOT)): finder.mutated().encode() for finder in finders}
    instead["tests/catch_main.cpp"] = ((ROOT / "tests" / "catch_main.cpp").read_text() + f"""
#include <cstdlib>
extern "C" int {SWITCH}_of_environment() {{
  const char* number = std::getenv("CW_MUTANT");
  return number ? std::atoi(number) : 0;
}}
""").encode()
    instead["rtl/lint.vlt"] = ((ROOT / "rtl" / "lint.vlt").read_text() + "".join(
        f'lint_off -file "*/{finder.path.name}"\n' for finder in finders)
        # The mutants of an input may look like a loop through the module around it.
        + 'lint_off -rule UNOPTFLAT -file "*"\n').encode()
    copy_design(COPY, instead)
    for command in (["cmake", "--preset", "release", "-DCW_SYSTEM=OFF",
                     "-DCW_MODULES=" + ";".join(modules)],
                    ["cmake", "--build", "build/release", "-j", str(jobs), "--target", "cw-unit"]):
        done = subprocess.run(command, cwd=COPY, capture_output=True, text=True)
        if done.returncode:
            stop(3, f"{' '.join(command[:2])} failed:\n{(done.stdout + done.stderr)[-4000:]}")


def run(test, number, limit):
    """Whether the test of a module notices the mutant."""
    try:
        return subprocess.run(
            ["build/release/tests/cw-unit", "--filenames-as-tags", f"[#{test}_test]", "--abort"],
            cwd=COPY, env={**os.environ, "CW_MUTANT": str(number)}, timeout=limit,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode != 0
    except subprocess.TimeoutExpired:
        return True


def explained():
    if not EXPLAINED.exists():
        return {}
    with EXPLAINED.open("rb") as file:
        return {(e["file"], e["text"], e["change"]): e["why"]
                for e in tomllib.load(file).get("same", [])}


def main():
    parser = argparse.ArgumentParser(prog="cw mutate", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("modules", nargs="+", metavar="MODULE")
    parser.add_argument("--with", action="append", default=[], metavar="PARENT", dest="parents",
                        help="whose test is asked, too")
    parser.add_argument("--list", action="store_true", help="show the mutants and build nothing")
    parser.add_argument("-j", type=int, default=os.cpu_count(), metavar="JOBS")
    args = parser.parse_args()
    paths = {path.stem: path for path in (ROOT / "rtl").rglob("*.sv")}
    finders, number = [], 1
    for module in args.modules + args.parents:
        if module not in paths or not (ROOT / "tests/unit" / f"{module}_test.cpp").exists():
            stop(2, f"no module with a unit test is called {module}")
        if module in args.modules:
            finders.append(Finder(paths[module], module, number))
            number = finders[-1].number
    if args.list:
        for mutant in (m for finder in finders for m in finder.mutants):
            print(f"{mutant.file}:{mutant.line}: {mutant.change}")
        return 0
    build(args.modules + args.parents, finders, args.j)
    reasons, used, bad = explained(), set(), 0
    for finder in finders:
        alive = finder.mutants
        for test in [finder.module] + args.parents:
            begun = time.monotonic()
            if run(test, 0, 600):
                stop(3, f"the test of {test} fails without any mutant")
            limit = 10 + 5 * (time.monotonic() - begun)
            with concurrent.futures.ThreadPoolExecutor(args.j) as pool:
                noticed = list(pool.map(lambda m: run(test, m.number, limit), alive))
            alive = [m for m, killed in zip(alive, noticed) if not killed]
        same = [m for m in alive if (m.file, m.text, m.change) in reasons]
        used |= {(m.file, m.text, m.change) for m in same}
        bad += len(alive) - len(same)
        print(f"{finder.module:28} {len(finder.mutants):4} mutants  "
              f"{len(finder.mutants) - len(alive):4} noticed  "
              f"{len(same):3} explained  {len(alive) - len(same):3} survive", flush=True)
        for mutant in alive:
            if mutant not in same:
                print(f"  {mutant.file}:{mutant.line}: {mutant.change}")
        files = {m.file for m in finder.mutants}
        for key in sorted(key for key in reasons if key[0] in files and key not in used):
            print(f"  tests/mutation.toml explains what is not there or is noticed: {key}")
            bad += 1
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
