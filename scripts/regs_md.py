# SPDX-License-Identifier: Apache-2.0
"""Writes the register pages (Markdown) from a SystemRDL file: regs_md.py IN.rdl OUT.md"""
import sys

from systemrdl import RDLCompiler
from systemrdl.node import FieldNode, RegNode

PROPERTIES = ("singlepulse", "swmod", "rclr", "woclr", "hwset", "counter")


def one_line(text):
    return " ".join((text or "").split())


def access(field: FieldNode):
    marks = [name for name in PROPERTIES if field.get_property(name) or
             (name == "rclr" and str(field.get_property("onread")) == "OnReadType.rclr") or
             (name == "woclr" and str(field.get_property("onwrite")) == "OnWriteType.woclr")]
    return ", ".join([field.get_property("sw").name] + marks)


def reset(field: FieldNode):
    value = field.get_property("reset")
    return "-" if value is None else f"{value:#x}"


def address(reg: RegNode):
    """Its address; of a register in an array that of element 0, and the step to the next."""
    if not reg.parent.is_array:
        return f"{reg.absolute_address:#05x}"
    return f"{reg.raw_absolute_address:#05x} + {reg.parent.array_stride:#x} n"


def register(reg: RegNode):
    yield f"### {address(reg)} {reg.get_path(empty_array_suffix='[n]').split('.', 1)[1]}: {reg.get_property('name')}\n"
    if reg.get_property("desc"):
        yield one_line(reg.get_property("desc")) + "\n"
    yield "| bits | field | access | reset | meaning |\n|---|---|---|---|---|"
    for field in reg.fields():
        bits = f"{field.high}:{field.low}" if field.width > 1 else f"{field.low}"
        yield (f"| {bits} | `{field.inst_name}` | {access(field)} | {reset(field)} "
               f"| {one_line(field.get_property('desc'))} |")
    yield ""


def page(block):
    yield f"# {block.get_property('name')}\n"
    yield "Generated from SystemRDL by `scripts/gen_regs.sh`; do not edit.\n"
    yield one_line(block.get_property("desc")) + "\n"
    for node in block.descendants():
        if isinstance(node, RegNode):
            yield from register(node)


def main(source, target):
    compiler = RDLCompiler()
    compiler.compile_file(source)
    text = "\n".join(page(compiler.elaborate().top))
    with open(target, "w", encoding="utf-8") as out:
        out.write(text.rstrip("\n") + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
