# SPDX-License-Identifier: Apache-2.0
"""Maps the design to ECP5 and xc7 with Yosys and writes cell statistics to out/synth/.

Without a top: the endpoint, module by module; the IOMMU builds of `BUILDS`, flattened; and whether
each memory of every module has a place on ECP5, xc7 and iCE40 (`--memories`: that alone).

usage: ./cw synth [--top MODULE] [--target ecp5|xc7|ice40]... [-G NAME=VALUE]... [--read-only]
                [--memories] [-j N]
Exit status: 0 mapped, 2 usage, 3 a tool failed (its log is named).
"""
import argparse
import dataclasses
import json
import os
import pathlib
import re
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
OUT = ROOT / "out" / "synth"

# Flattening loses the modules that the table is about; ABC still sees each of them whole. It is
# ABC for plain LUTs: ABC9 goes through the whole design once for each of its modules.
MAPPED = {
    "ecp5": (
        "synth_ecp5 -noflatten -top {top} -run begin:map_luts",
        "abc -lut 4",
        "clean",
        "synth_ecp5 -noflatten -top {top} -run map_cells:",
    ),
    "xc7": (
        "synth_xilinx -family xc7 -noiopad -nowidelut -top {top} -run begin:map_luts",
        "opt_expr -mux_undef -noclkinv",
        "abc -luts 2:2,3,6:5",
        "clean",
        "xilinx_srl -fixed -minlen 3",
        "techmap -map +/xilinx/lut_map.v -map +/xilinx/cells_map.v -D LUT_WIDTH=6",
        "xilinx_dffopt",
        "opt_lut_ins -tech xilinx",
        "synth_xilinx -family xc7 -noiopad -nowidelut -top {top} -run finalize:",
    ),
    "ice40": ("synth_ice40 -noflatten -top {top}",),
    # One number for the whole, as others publish it.
    "xc7-flat": ("synth_xilinx -family xc7 -flatten -nowidelut -top {top}",),
    # In place of a mapping: the front end alone, which takes a second.
    "read": ("hierarchy -check",),
}

# A memory that no RAM of a target can be becomes registers; of more words that is no mapping.
MOST_WORDS_OF_REGISTERS = 256

# What makes a module fit one target and not another: Yosys' search for a place for each memory.
# Of the design only the memories are left for it, with the output registers that they took in.
MEMORY_COMMANDS = (
    "proc", "opt_clean", "opt_dff", "opt_clean", "memory -nomap",
    "delete t:* t:$mem_v2 %d", "design -save memories",
    *(command
      for target, label in (("ecp5", "map_ram"), ("xilinx", "map_memory"), ("ice40", "map_ram"))
      for command in ("design -load memories", f"synth_{target} -run {label}:map_ffram",
                      f"select -assert-none t:$mem_v2 r:SIZE>{MOST_WORDS_OF_REGISTERS} %i")),
)
# Together they have every module but the simulation's; rtl/top only wires.
MEMORY_TOPS = ("cw_endpoint", "cw_root_complex", "cw_reset_sync", "cw_credit_check",
               "cw_cfg_ari", "cw_cfg_rebar", "cw_user_absent")


@dataclasses.dataclass(frozen=True)
class Job:
    """One design with its parameters, mapped to one target; `goal` bounds columns of its table."""

    top: str
    target: str
    parameters: tuple = ()
    build: str = ""
    goal: tuple = ()

    @property
    def stem(self):
        return OUT / "-".join(filter(None, (self.top, self.build, self.target)))

    def commands(self):
        """The Yosys script: read, map, count."""
        if self.target == "memories":
            return memory_commands()
        keep = "" if self.target == "xc7-flat" else "--keep-hierarchy"
        overrides = " ".join(f"-G {name}={value}" for name, value in self.parameters)
        options = f"--no-implicit-memories {keep} -I rtl/include --top {self.top} {overrides}"
        script = [f"read_slang {options} {' '.join(sources())}"]
        script += [command.format(top=self.top) for command in MAPPED[self.target]]
        if self.target != "read":
            script.append(f"tee -q -o {self.stem}.json stat -json")
        return script


# 16 entries in the first level; the directory and the queues are those of every build.
SMALLEST = (("L2Entries", 0), ("DcEntries", 2), ("Walks", 1), ("Pending", 4),
            ("PwcEntries", 1), ("PteLines", 1))
BUILDS = (
    Job("cw_endpoint_top", "xc7"),
    Job("cw_endpoint_top", "ecp5"),
    Job("cw_iommu", "xc7-flat", SMALLEST, "smallest", (("LUT", 4500), ("FF", 4500))),
    Job("cw_iommu", "xc7-flat", (), "full"),
    Job("all", "memories"),
)


def sources():
    """The RTL files in dependency order, as rtl/rtl.f lists them."""
    lines = (ROOT / "rtl" / "rtl.f").read_text().splitlines()
    return [line for line in lines if line.startswith("rtl/")]


def memory_commands():
    """The Yosys script that looks for a place for each memory of every module on every target."""
    tops = " ".join(f"--top {top}" for top in MEMORY_TOPS)
    read = "read_slang --no-implicit-memories --keep-hierarchy -I rtl/include -G Ports=2"
    modules = [pathlib.Path(file).stem for file in sources()
               if not file.startswith(("rtl/top/", "rtl/check/")) and not file.endswith("_pkg.sv")]
    return [f"{read} {tops} {' '.join(sources())}",
            *(f"select -assert-any {module} {module}$*" for module in modules),
            *MEMORY_COMMANDS]


def missing_memory(log):
    """What the log of `memory_commands` says went wrong, in a sentence."""
    target = re.findall(r"command `synth_(\w+) ", log)[-1:]
    lost = re.search(r"ERROR: no valid mapping found for memory (.*)\.(\w+)", log)
    if target and lost:
        module, _, path = lost[1].partition("$")
        return f"{module} does not map to {target[0]}: no place for {lost[2]} of {path or module}"
    wide = re.search(r"ERROR: .* selection is not empty: t:\$mem_v2(?:.*\n)+?(\S+)/(\S+)\n", log)
    if target and wide:
        module, _, path = wide[1].partition("$")
        return (f"{module} does not map to {target[0]}: {wide[2]} of {path or module} would be "
                f"registers, over {MOST_WORDS_OF_REGISTERS} words")
    unread = re.search(r"ERROR: Assertion failed: selection is empty: (\w+)", log)
    return f"{unread[1]} is in none of MEMORY_TOPS" if unread else None


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
XC7 = [("LUT", ("LUT",)), ("CARRY4", ("CARRY4",)), ("FF", ("FD",)),
       ("LUTRAM", ("RAM32", "RAM64", "RAM128", "RAM256", "SRL")), ("BRAM", ("RAMB",))]
COLUMNS = {
    "ecp5": [("LUT4", ("LUT4",)), ("CCU2C", ("CCU2C",)), ("FF", ("TRELLIS_FF",)),
             ("DPR16", ("TRELLIS_DPR16X4",)), ("BRAM", ("DP16KD", "PDPW16KD"))],
    "xc7": XC7,
    "xc7-flat": XC7,
    "ice40": [("LUT4", ("SB_LUT4",)), ("CARRY", ("SB_CARRY",)), ("FF", ("SB_DFF",)),
              ("-", ("-",)), ("BRAM", ("SB_RAM40",))],
}


def short(name):
    """The instance path below the top; the front end names a kept module `module$path`."""
    module, _, path = name.partition("$")
    inside = path.partition(".")[2]
    return (f"{inside} ({module})" if inside else module)[:75]


def table(job):
    """Cells of each module with those below it, the top first, then by name."""
    modules = json.loads(pathlib.Path(f"{job.stem}.json").read_text())["modules"]
    own = {name.lstrip("\\"): m["num_cells_by_type"] for name, m in modules.items()}

    def total(name):
        cells = {}
        for kind, number in own[name].items():
            below = kind.lstrip("\\")
            for leaf, n in (total(below) if below in own else {kind: 1}).items():
                cells[leaf] = cells.get(leaf, 0) + n * number
        return cells

    heads = [head for head, _ in COLUMNS[job.target]]
    of = " ".join(f"{name}={value}" for name, value in job.parameters)
    what = " ".join(filter(None, (job.top, job.build, of and f"({of})")))
    lines = [f"{what} on {job.target}: each module with what it contains", ""]
    lines.append(f"{'module':76}" + "".join(f"{head:>9}" for head in heads))
    rows = {}
    for name in own:
        if name.startswith("$"):
            continue
        cells = total(name)
        rows[name] = [count(cells, *kinds) for _, kinds in COLUMNS[job.target]]
    for name in sorted(rows, key=lambda n: (n.split("$")[0] != job.top, n)):
        lines.append(f"{short(name):76}" + "".join(f"{n:>9}" for n in rows[name]))
        for head, most in job.goal:
            value = rows[name][heads.index(head)]
            verdict = "ok" if value <= most else "MISSED"
            lines.append(f"  goal: {head} <= {most}, {value / most:.2f} of it  {verdict}")
    return "\n".join(lines) + "\n"


def report(job, seconds):
    """Writes the table beside the log and prints its head."""
    text = table(job)
    path = pathlib.Path(f"{job.stem}.txt")
    path.write_text(text)
    print("\n".join(text.splitlines()[: 4 + len(job.goal)]))
    print(f"  ({seconds:.0f} s; by module: {path.relative_to(ROOT)})\n", flush=True)


def run(jobs, at_once):
    """Runs the jobs, so many at once; whether all of them mapped."""
    waiting, running, ok = list(jobs), {}, True
    while waiting or running:
        while waiting and len(running) < at_once:
            job = waiting.pop(0)
            running[run_yosys(job.commands(), f"{job.stem}.log")] = (job, time.monotonic())
        pid, status = os.wait()
        job, began = running.pop(pid)
        log = pathlib.Path(f"{job.stem}.log")
        if status != 0:
            ok = False
            text = log.read_text()
            why = job.target == "memories" and missing_memory(text)
            print(f"synth: {why or f'{job.top} does not map to {job.target}'}; the end of {log}:",
                  file=sys.stderr)
            print("\n".join(text.splitlines()[-8:]), file=sys.stderr)
        elif job.target == "memories":
            seconds = time.monotonic() - began
            print("every memory of every module has a place on ecp5, xc7 and ice40\n"
                  f"  ({seconds:.0f} s; which: {log.relative_to(ROOT)})\n", flush=True)
        elif job.target != "read":
            report(job, time.monotonic() - began)
    return ok


def main():
    parser = argparse.ArgumentParser(prog="cw synth", description=__doc__.splitlines()[0])
    parser.add_argument("--top")
    parser.add_argument("--target", action="append", choices=sorted(set(MAPPED) - {"read"}))
    parser.add_argument("-G", action="append", default=[], metavar="NAME=VALUE", dest="parameters")
    parser.add_argument("--read-only", action="store_true", help="the front end alone")
    parser.add_argument("--memories", action="store_true",
                        help="whether every memory has a place on each target")
    parser.add_argument("-j", type=int, default=2, metavar="N", help="jobs at once")
    options = parser.parse_args()
    if options.top or options.target or options.parameters or options.read_only:
        parameters = tuple(pair.partition("=")[::2] for pair in options.parameters)
        targets = ["read"] if options.read_only else options.target or ["xc7", "ecp5"]
        top = options.top or "cw_endpoint_top"
        jobs = [Job(top, target, parameters) for target in targets]
    else:
        jobs = [job for job in BUILDS if not options.memories or job.target == "memories"]
    os.chdir(ROOT)
    if options.top and not list((ROOT / "rtl").rglob(f"{options.top}.sv")):
        print(f"synth: no module is called {options.top}", file=sys.stderr)
        sys.exit(2)
    for pair in options.parameters:
        if "=" not in pair:
            parser.error(f"-G {pair}: NAME=VALUE is wanted")
    OUT.mkdir(parents=True, exist_ok=True)
    sys.exit(0 if run(jobs, options.j) else 3)


main()
