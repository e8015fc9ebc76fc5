# SPDX-License-Identifier: Apache-2.0
"""Every trace that a GTKWave save file names is in its dump.

usage: check_waves.py SAVE DUMP. Exit status: 0 all there, 1 some missing (named), 2 usage.
"""
import os
import re
import sys

import pywellen

SUBSCRIPT = re.compile(r"\s*\[\d+:\d+\]$")


def main():
    if len(sys.argv) != 3:
        print(__doc__, file=sys.stderr)
        sys.exit(2)
    save, dump = sys.argv[1:]
    for path in (save, dump):
        if not os.path.isfile(path):
            print(f"check_waves: {path}: no such file", file=sys.stderr)
            sys.exit(2)
    there = {SUBSCRIPT.sub("", var.full_name) for var in pywellen.Waveform(dump).all_vars()}
    with open(save, encoding="utf-8") as file:
        rows = [line.strip() for line in file]
    traces = [SUBSCRIPT.sub("", row) for row in rows if row and row[0] not in "[@*^-"]
    missing = [trace for trace in traces if trace not in there]
    for trace in missing:
        print(f"{save}: no trace {trace} in {dump}", file=sys.stderr)
    print(f"{len(traces)} traces, {len(missing)} missing")
    sys.exit(1 if missing or not traces else 0)


main()
