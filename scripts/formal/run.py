# SPDX-License-Identifier: Apache-2.0
"""Runs the proofs of tests/formal with SymbiYosys and prints a line for each.

usage: ./cw formal [--bugs] [-j JOBS] [NAME...]

A NAME is a proof (cw_fifo) or one task of it (cw_fifo:ram). With --bugs the design is broken as
tests/formal/bugs.toml says, one bug at a time in a copy, and each proof must find its bug.
Exit status: 0 all as it must be, 1 a counterexample or a bug not found, 2 usage, 3 a tool failed.
"""
import argparse
import concurrent.futures
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import time
import tomllib
from typing import NamedTuple

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
PROOFS = "tests/formal"
OUT = ROOT / "out" / "formal"
LIMIT_SECONDS = 600  # of one run; a proof takes seconds, so this is a proof that does not end


class Proof(NamedTuple):
    """One task of one .sby file."""
    file: str   # without .sby
    task: str   # empty where the file has none
    rules: str
    method: str

    @property
    def name(self):
        return f"{self.file}:{self.task}" if self.task else self.file


class Result(NamedTuple):
    status: str         # PASS, FAIL, or what else SymbiYosys says: ERROR, TIMEOUT, UNKNOWN
    seconds: float
    failed: list[str]   # names of the assertions that the counterexample breaks
    place: pathlib.Path  # of the counterexample, or of the log


def stop(status, message):
    print(f"formal: {message}", file=sys.stderr)
    sys.exit(status)


# ---- What there is to prove

def of_task(lines, task):
    """The lines of a section that hold for a task: those of all, and those marked as its own."""
    for line in lines:
        marked = re.match(r"(\w+):\s+(.*)", line)
        if not marked:
            yield line
        elif marked[1] == task:
            yield marked[2]


def method(sections, task):
    """How a task is proved, in words."""
    options = dict(line.split(None, 1) for line in of_task(sections["options"], task))
    engine = " ".join(of_task(sections["engines"], task))
    if options["mode"] == "bmc":
        return f"bounded, {options['depth']} clocks"
    if engine.startswith("abc pdr"):
        return "unbounded, pdr"
    return f"unbounded, {options['depth']}-induction"


def read_proof(path):
    """The tasks of one .sby file; the rules that it proves stand in its line `# Proves:`."""
    sections, current, rules = {}, None, None
    for line in path.read_text().splitlines():
        if line.startswith("# Proves:"):
            rules = line.removeprefix("# Proves:").strip()  # none of the numbered ones: empty
        line = line.partition("#")[0].strip()
        if line.startswith("["):
            current = sections.setdefault(line.strip("[]"), [])
        elif line:
            current.append(line)
    if rules is None:
        stop(2, f"{path.name} has no line '# Proves:' with its rules")
    tasks = [line.split()[0] for line in sections.get("tasks", [])] or [""]
    return [Proof(path.stem, task, rules, method(sections, task)) for task in tasks]


def all_proofs():
    return [p for path in sorted((ROOT / PROOFS).glob("*.sby")) for p in read_proof(path)]


# ---- Running one

running = set()  # process numbers


def run_sby(tree, proof, out):
    """Runs one task on the sources below `tree`; its files go to `out`."""
    out.parent.mkdir(parents=True, exist_ok=True)
    environment = dict(os.environ, PATH=f"{HERE}:{os.environ['PATH']}")
    command = [str(HERE / "sby"), "-f", "-d", str(out), f"{proof.file}.sby"]
    if proof.task:
        command.append(proof.task)
    begin = time.monotonic()
    child = subprocess.Popen(command, cwd=tree / PROOFS, env=environment, text=True,
                             stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                             start_new_session=True)
    running.add(child.pid)
    try:
        log, _ = child.communicate(timeout=LIMIT_SECONDS)
    except subprocess.TimeoutExpired:
        child.terminate()  # its solvers run in groups of their own, which it ends
        log, _ = child.communicate()
        log += "DONE (TIMEOUT"
    finally:
        running.discard(child.pid)
    seconds = time.monotonic() - begin
    done = re.search(r"DONE \((\w+)", log)
    failed = [name.split(".")[-1] for name in re.findall(r"failed assertion (\S+) at", log)]
    trace = re.search(r"counterexample trace: (\S+)", log)
    log_file = out.with_suffix(".log")
    log_file.write_text(log)
    return Result(done[1] if done else "ERROR", seconds, failed,
                  pathlib.Path(trace[1]) if trace else log_file)


def end_all(*_):
    """What is running ends with this process, solvers and all."""
    for pid in list(running):
        os.kill(pid, signal.SIGTERM)
        try:
            os.waitpid(pid, 0)
        except ChildProcessError:  # whoever waits for its output was first
            pass
    os._exit(3)


def shown(path):
    return path.relative_to(ROOT) if path.is_relative_to(ROOT) else path


def prove(proof):
    out = OUT / proof.name.replace(":", "-")
    return run_sby(ROOT, proof, out)


def prove_all(proofs, pool):
    """Runs the proofs, prints a line for each in their order; the worst exit status."""
    worst = 0
    print(f"{'proof':28}{'rules':32}{'how':26}{'seconds':>8}")
    for proof, result in zip(proofs, pool.map(prove, proofs)):
        print(f"{proof.name:28}{proof.rules:32}{proof.method:26}{result.seconds:8.1f}  "
              f"{result.status}", flush=True)
        if result.status != "PASS":
            broken = ", ".join(result.failed) or "see"
            print(f"    {broken}: {shown(result.place)}", flush=True)
            worst = max(worst, 1 if result.status == "FAIL" else 3)
    return worst


# ---- Bugs that must be found

def break_design(bug, tree):
    """A copy of the sources below `tree` with the bug in it; an error where its text is gone."""
    shutil.rmtree(tree, ignore_errors=True)
    shutil.copytree(ROOT / "rtl", tree / "rtl")
    shutil.copytree(ROOT / PROOFS, tree / PROOFS)
    path = tree / bug["file"]
    text = path.read_text() if path.exists() else ""
    if text.count(bug["text"]) != 1:
        return f"{bug['file']} has {text.count(bug['text'])} times: {bug['text'].strip()}"
    path.write_text(text.replace(bug["text"], bug["becomes"]))
    return None


def alarms(bug):
    """The assertions of which the counterexample must break one."""
    return bug["fails"] if isinstance(bug["fails"], list) else [bug["fails"]]


def find_bug(job):
    """Runs the proof on the broken design; what went wrong, or nothing, and the result."""
    number, bug, proof = job
    tree = OUT / "bugs" / f"{number:02}-{proof.name.replace(':', '-')}"
    problem = break_design(bug, tree)
    if problem:
        return problem, None
    result = run_sby(tree, proof, tree / "run")
    if result.status == "PASS":
        return f"not found: {bug['becomes'].strip()}", result
    if not set(alarms(bug)) & set(result.failed):
        return (f"{result.status}, but {' or '.join(alarms(bug))} was to fail, not "
                f"{', '.join(result.failed) or shown(result.place)}"), result
    return None, result


def find_bugs(proofs, pool):
    """Plants every bug of the proofs given; the worst exit status."""
    bugs = tomllib.loads((ROOT / PROOFS / "bugs.toml").read_text())["bug"]
    known = {p.name: p for p in all_proofs()}
    for bug in bugs:
        if bug["proof"] not in known:
            stop(2, f"bugs.toml names {bug['proof']}, which is no proof")
    wanted = {p.name for p in proofs}
    jobs = [(n, b, known[b["proof"]]) for n, b in enumerate(bugs, 1) if b["proof"] in wanted]
    worst = 0
    print(f"{'proof':28}{'bug in':24}{'breaks':28}{'seconds':>8}")
    for (_, bug, proof), (problem, result) in zip(jobs, pool.map(find_bug, jobs)):
        seconds = f"{result.seconds:8.1f}" if result else f"{'-':>8}"
        place = pathlib.Path(bug["file"]).name
        print(f"{proof.name:28}{place:24}{alarms(bug)[0]:28}{seconds}  "
              f"{'MISSED' if problem else 'FOUND'}", flush=True)
        if problem:
            print(f"    {problem}", flush=True)
            worst = 1
    for proof in proofs:
        if proof.file not in {p.file for _, _, p in jobs}:
            print(f"formal: {proof.name} has no bug in bugs.toml", file=sys.stderr)
            worst = 1
    return worst


def main():
    parser = argparse.ArgumentParser(prog="cw formal", description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", metavar="NAME", help="a proof, or proof:task")
    parser.add_argument("--bugs", action="store_true", help="break the design: proofs must fail")
    parser.add_argument("-j", type=int, default=os.cpu_count(), dest="jobs", metavar="JOBS")
    options = parser.parse_args()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, end_all)
    proofs = all_proofs()
    for name in options.names:
        if not any(name in (p.file, p.name) for p in proofs):
            stop(2, f"no proof is called {name}; there are {', '.join(p.name for p in proofs)}")
    if options.names:
        proofs = [p for p in proofs if p.file in options.names or p.name in options.names]
    with concurrent.futures.ThreadPoolExecutor(max(1, options.jobs)) as pool:
        sys.exit(find_bugs(proofs, pool) if options.bugs else prove_all(proofs, pool))


main()
