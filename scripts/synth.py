# SPDX-License-Identifier: Apache-2.0
"""Maps a top to ECP5 and xc7 with Yosys and writes cell statistics by module to out/synth/.

usage: ./cw synth [--top MODULE] [--target ecp5|xc7|ice40]... [-G NAME=VALUE]... [--read-only]
Exit status: 0 mapped, 2 usage, 3 a tool failed (its log is named).
"""
import argparse
import json
import os
import pathlib
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
OUT = ROOT / "out" / "synth"

# Flattening loses the modules that the table is about; ABC still sees each of them whole.
TARGETS = {
    "ecp5": "synth_ecp5 -noflatten",
    "xc7": "synth_xilinx -family xc7 -noiopad -nowidelut",
    "ice40": "synth_ice40 -noflatten",
}


# In place of a target: the front end alone, which takes a second.
READ_ONLY = "read"


def sources():
    """The RTL files in dependency order, as rtl/rtl.f lists them."""
    lines = (ROOT / "rtl" / "rtl.f").read_text().splitlines()
    return [line for line in lines if line.startswith("rtl/")]


def commands(top, target, parameters):
    """The Yosys script for one top and target: read, map, count."""
    overrides = " ".join(f"-G {name}={value}" for name, value in parameters)
    options = f"--no-implicit-memories --keep-hierarchy -I rtl/include --top {top} {overrides}"
    read = f"read_slang {options} {' '.join(sources())}"
    if target == READ_ONLY:
        return [read, "hierarchy -check"]
    return [
        read,
        f"{TARGETS[target]} -top {top}",
        f"tee -q -o {OUT}/{top}-{target}.json stat -json",
    ]


def run_yosys(script, log):
    """Starts the commands in a child, its output in `log`; the child's process id."""
    child = os.fork()
    if child == 0:
        descriptor = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)
        os.dup2(descriptor, 1)
        os.dup2(descriptor, 2)
        from pyosys import libyosys

        design = libyosys.Design()
        for command in script:
            libyosys.run_pass(command, design)
        sys.stdout.flush()
        libyosys.log_flush()
        os._exit(0)
    return child


def count(cells, *prefixes):
    return sum(n for name, n in cells.items() if name.startswith(prefixes))


# Columns of the table: a heading and the cells that it counts, for each target.
COLUMNS = {
    "ecp5": [("LUT4", ("LUT4",)), ("CCU2C", ("CCU2C",)), ("FF", ("TRELLIS_FF",)),
             ("DPR16", ("TRELLIS_DPR16X4",)), ("BRAM", ("DP16KD", "PDPW16KD"))],
    "xc7": [("LUT", ("LUT",)), ("CARRY4", ("CARRY4",)), ("FF", ("FD",)),
            ("LUTRAM", ("RAM32", "RAM64", "RAM128", "RAM256", "SRL")), ("BRAM", ("RAMB",))],
    "ice40": [("LUT4", ("SB_LUT4",)), ("CARRY", ("SB_CARRY",)), ("FF", ("SB_DFF",)),
              ("-", ("-",)), ("BRAM", ("SB_RAM40",))],
}


def short(name):
    """The instance path below the top; the front end names a kept module `module$path`."""
    module, _, path = name.partition("$")
    inside = path.partition(".")[2]
    return (f"{inside} ({module})" if inside else module)[:75]


def table(top, target):
    """Cells of each module with those below it, the top first, then by name."""
    modules = json.loads((OUT / f"{top}-{target}.json").read_text())["modules"]
    own = {name.lstrip("\\"): m["num_cells_by_type"] for name, m in modules.items()}

    def total(name):
        cells = {}
        for kind, number in own[name].items():
            below = kind.lstrip("\\")
            for leaf, n in (total(below) if below in own else {kind: 1}).items():
                cells[leaf] = cells.get(leaf, 0) + n * number
        return cells

    heads = [head for head, _ in COLUMNS[target]]
    lines = [f"{top} on {target}: each module with what it contains", ""]
    lines.append(f"{'module':76}" + "".join(f"{head:>9}" for head in heads))
    rows = {}
    for name in own:
        if name.startswith("$"):
            continue
        cells = total(name)
        rows[name] = [count(cells, *kinds) for _, kinds in COLUMNS[target]]
    for name in sorted(rows, key=lambda n: (n.split("$")[0] != top, n)):
        lines.append(f"{short(name):76}" + "".join(f"{n:>9}" for n in rows[name]))
    return "\n".join(lines) + "\n"


def main():
    parser = argparse.ArgumentParser(prog="cw synth", description=__doc__.splitlines()[0])
    parser.add_argument("--top", default="cw_endpoint_top")
    parser.add_argument("--target", action="append", choices=sorted(TARGETS))
    parser.add_argument("-G", action="append", default=[], metavar="NAME=VALUE", dest="parameters")
    parser.add_argument("--read-only", action="store_true", help="the front end alone")
    options = parser.parse_args()
    parameters = [pair.partition("=")[::2] for pair in options.parameters]
    os.chdir(ROOT)
    OUT.mkdir(parents=True, exist_ok=True)
    running = {}
    targets = [READ_ONLY] if options.read_only else options.target or ["ecp5", "xc7"]
    for target in targets:
        log = OUT / f"{options.top}-{target}.log"
        running[run_yosys(commands(options.top, target, parameters), log)] = (target, log)
    failed = False
    while running:
        pid, status = os.wait()
        target, log = running.pop(pid)
        if status != 0:
            failed = True
            print(f"synth: {options.top} does not map to {target}; the end of {log}:", file=sys.stderr)
            print("\n".join(log.read_text().splitlines()[-8:]), file=sys.stderr)
            continue
        if target == READ_ONLY:
            continue
        text = table(options.top, target)
        (OUT / f"{options.top}-{target}.txt").write_text(text)
        print("\n".join(text.splitlines()[:4]))
        print(f"  (by module: {(OUT / f'{options.top}-{target}.txt').relative_to(ROOT)})\n")
    sys.exit(3 if failed else 0)


main()
