# SPDX-License-Identifier: Apache-2.0
"""The yosys command, as far as SymbiYosys uses it, on top of pyosys, which brings none.

usage: yosys [-q] [-l LOG] [-s SCRIPT] [-p COMMAND] [SCRIPT.ys]...
With -q only errors reach the terminal; the log has all.
"""
import getopt
import os
import sys
import threading


def run(commands):
    """Runs the commands in this process; ends it."""
    from pyosys import libyosys

    design = libyosys.Design()
    for command in commands:
        libyosys.run_pass(command, design)
    libyosys.log_flush()
    sys.stdout.flush()
    os._exit(0)


def forward(source, log, quiet):
    """Copies what Yosys prints to the log, and to the terminal what may go there."""
    terminal = sys.stdout.buffer
    with os.fdopen(source, "rb") as lines:
        for line in lines:
            if log:
                log.write(line)
            if not quiet or b"ERROR" in line:
                terminal.write(line)
                terminal.flush()


def main():
    options, scripts = getopt.getopt(sys.argv[1:], "qQTl:s:p:V")
    quiet, log, commands = False, None, []
    for name, value in options:
        if name == "-V":
            from importlib.metadata import version

            print(f"Yosys {version('pyosys')} (pyosys)")
            return 0
        if name == "-q":
            quiet = True
        elif name == "-l":
            log = open(value, "wb")
        elif name == "-s":
            commands.append(f"script {value}")
        elif name == "-p":
            commands.append(value)
    commands = [f"script {script}" for script in scripts] + commands

    # Yosys ends its process at an error, so it runs in one of its own.
    source, sink = os.pipe()
    child = os.fork()
    if child == 0:
        os.dup2(sink, 1)
        os.dup2(sink, 2)
        run(commands)
    os.close(sink)
    reader = threading.Thread(target=forward, args=(source, log, quiet))
    reader.start()
    _, status = os.waitpid(child, 0)
    reader.join()
    if log:
        log.close()
    return os.waitstatus_to_exitcode(status)


sys.exit(main())
