#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes the directed traces of the IOMMU, tests/iommu/*.trace. What they expect is said here, from the
specification; neither the RTL nor the reference model is asked.

usage: scripts/iommu_traces.py --check | --write

Exit status: 0, 1 where a file is not what --write makes, 2 usage.
"""
import argparse
import pathlib
import sys

FOLDER = pathlib.Path(__file__).resolve().parent.parent / "tests" / "iommu"

# ---- The specification's numbers

CAPS = 0x0000_002E_E000_0210        # version 1.0, Sv39, both kinds of interrupt, HPM, DBG, PAS 46
SV48 = 1 << 10
IGS_MSI, IGS_WSI, IGS_BOTH = (n << 28 for n in range(3))
CAPS_WSI = CAPS & ~(3 << 28) | IGS_WSI
CAPS_MSI = CAPS & ~(3 << 28) | IGS_MSI

CAPABILITIES, FCTL, DDTP, CQB, CQH, CQT, FQB, FQH, FQT = 0x00, 0x08, 0x10, 0x18, 0x20, 0x24, 0x28, 0x30, 0x34
CQCSR, FQCSR, IPSR, OVF, INH, CYCLES, CTR, EVT = 0x48, 0x4C, 0x54, 0x58, 0x5C, 0x60, 0x68, 0x160
TR_IOVA, TR_CTL, TR_RSP, ICVEC, MSI = 0x258, 0x260, 0x268, 0x2F8, 0x300
OFF, BARE, LVL1, LVL2, LVL3 = range(5)
V, R, W, X, U, G, A, D = (1 << n for n in range(8))
LEAF = V | R | W | U | A | D
N = 1 << 63
CQMF, CMD_TO, CMD_ILL, FENCE_W_IP, FQMF, FQOF, ON = 1 << 8, 1 << 9, 1 << 10, 1 << 11, 1 << 8, 1 << 9, 1 << 16
CIP, FIP, PMIP = 1, 2, 4
VMA, GVMA, FENCE, DDT, PDT = 1, 1 | 1 << 7, 2, 3, 3 | 1 << 7
AV, WSI, PR, PW, PSCV, GV, DV = 1 << 10, 1 << 11, 1 << 12, 1 << 13, 1 << 32, 1 << 33, 1 << 33
DTF, PDTV, DPE = 1 << 4, 1 << 5, 1 << 9
SV39_MODE, SV48_MODE = 8 << 60, 9 << 60

# ---- Places in memory

DIR, CQ, FQ, DATA, SCRATCH = 0x8000_0000, 0x8010_0000, 0x8020_0000, 0x9000_0000, 0x8030_0000
TABLES = 0x8100_0000
IOVA = 0x12_3456_7000   # indices 72, 418, 359


def entry(hpa, bits):
    return hpa >> 12 << 10 | bits


def little(*words, size=8):
    return "".join((w & (1 << 8 * size) - 1).to_bytes(size, "little").hex() for w in words)


class Trace:
    """One file: its lines, the tables it has made, and the fault records it is owed."""

    def __init__(self, *about):
        self.lines = [f"# {line}" for line in about]
        self.next_table = TABLES

    def add(self, line):
        self.lines.append(line)

    def say(self, text):
        self.lines += ["", f"# {text}"]

    # Operations

    def reset(self, caps=CAPS):
        self.add(f"C {caps:016x}")
        self.tail = self.head = self.record = 0
        self.flushes, self.owed = 0, []

    def mem(self, at, *words):
        self.add(f"M {at:x} {little(*words)}")

    def wr(self, reg, value, size=4):
        self.add(f"W {reg:03x} {size} {value:x}")

    def rd(self, reg, value, size=4, mask=None):
        self.add(f"R {reg:03x} {size} {value:x}" + ("" if mask is None else f" {mask:x}"))

    def settle(self):
        self.add("S")

    def holds(self, at, *words, size=8, mask=None):
        self.add(f"E {at:x} {little(*words, size=size)}" + ("" if mask is None else f" {mask}"))

    def bad(self, at, length):
        self.add(f"B {at:x} {length:x}")

    def poison(self, at, length):
        self.add(f"P {at:x} {length:x}")

    # Requests

    def ok(self, did, iova, hpa, kind="r", length=4):
        self.add(f"T {did:06x} {kind} {iova:x} {length} ok {hpa:x}")

    def ur(self, did, iova, cause=None, kind="r", length=4):
        """Refused; with a cause, a record is owed."""
        self.add(f"T {did:06x} {kind} {iova:x} {length} ur")
        if cause is not None:
            self.owe(cause, 3 if kind == "w" else 2, did, iova)

    def owe(self, cause, ttyp, did, iotval):
        self.owed.append((cause | ttyp << 34 | did << 40, 0, iotval, 0))

    def records(self):
        """Every record that is owed is in the queue, and software takes them."""
        self.settle()
        for words in self.owed:
            self.holds(FQ + 32 * self.record, *words)
            self.record = (self.record + 1) % self.fq_size
        self.owed = []
        self.rd(FQT, self.record)
        self.wr(FQH, self.record)

    # The whole from reset

    def faults_on(self, log2=7, csr=1):
        self.fq_size = 1 << log2
        self.wr(FQB, entry(FQ, log2 - 1), 8)
        self.wr(FQCSR, csr)
        self.settle()
        self.rd(FQCSR, csr | ON)

    def commands_on(self, log2=8, csr=1):
        self.cq_size = 1 << log2
        self.wr(CQB, entry(CQ, log2 - 1), 8)
        self.wr(CQCSR, csr)
        self.settle()
        self.rd(CQCSR, csr | ON)

    def start(self, mode=LVL1, caps=CAPS, root=DIR, wired=False):
        self.reset(caps)
        if wired:
            self.wr(FCTL, 2)
        self.faults_on()
        self.commands_on()
        self.mode(mode, root)

    def mode(self, mode, root=DIR):
        self.wr(DDTP, entry(root, mode), 8)
        self.settle()
        self.rd(DDTP, entry(root, mode), 8)

    def flush(self):
        """Everything is invalidated and fenced: the queue is full of IOTINVAL, IODIR, IOFENCE, IOFENCE."""
        assert self.tail % 4 == 0
        if self.flushes < self.cq_size // 4:
            self.mem(CQ + 16 * self.tail, VMA, 0, DDT, 0, FENCE | PR | PW, 0, FENCE, 0)
        self.flushes += 1
        self.tail = (self.tail + 4) % self.cq_size
        self.wr(CQT, self.tail)
        self.settle()

    def command(self, low, high=0):
        self.flushes = -(1 << 20)   # the queue is not what flush() left
        self.mem(CQ + 16 * self.tail, low, high)
        self.tail = (self.tail + 1) % self.cq_size
        self.wr(CQT, self.tail)
        self.settle()

    def done(self):
        self.rd(CQH, self.tail)
        self.rd(CQCSR, 0, mask=0xF00)

    # Tables

    def table(self):
        self.next_table += 4096
        return self.next_table - 4096

    def context(self, did, tc=V, iohgatp=0, ta=0, fsc=0, at=DIR):
        self.mem(at + 32 * (did & 127), tc, iohgatp, ta, fsc)

    def space(self, did, pscid=1, tc=V, levels=3, iova=IOVA, at=DIR):
        """A context with page tables of its own; places of the entries of `iova`, by level."""
        root = self.table()
        self.context(did, tc=tc, ta=pscid << 12, fsc=(SV48_MODE if levels == 4 else SV39_MODE) | root >> 12, at=at)
        places = {}
        for level in range(levels - 1, -1, -1):
            places[level] = root + 8 * (iova >> 12 + 9 * level & 511)
            if level:
                root = self.table()
                self.mem(places[level], entry(root, V))
        return places


# ---- Directory

def directory():
    t = Trace("Modes, device directory, and who may ask at all.")
    t.say("Off refuses all; without a fault queue nothing is recorded")
    t.reset()
    t.rd(DDTP, 0, 8)
    t.ur(5, 0x1234)
    t.faults_on()
    t.commands_on()
    t.ur(5, 0x1234, 256)
    t.ur(6, 0x5678, 256, "w")
    t.records()
    t.say("Bare passes every device and address")
    t.mode(BARE, 0)
    t.ok(0, 0, 0)
    t.ok(0xFFFFFF, 0x3F_DEAD_BEEF_CAFE, 0x3F_DEAD_BEEF_CAFE, "w", 2)
    t.records()
    for mode, first in ((LVL1, 7), (LVL2, 16)):
        t.say(f"A device id is wider than {mode - 1} levels: each bit")
        t.mode(OFF)
        t.mode(mode)
        t.context(0)
        t.flush()
        for bit in range(first, 24):
            t.ur(1 << bit, 0x4000, 260)
        t.records()
    t.say("Three levels: each takes its own part of the id; an entry that is not valid is 258 at each level")
    t.mode(OFF)
    t.mode(LVL3)
    did = 0xAB1234
    middle, last = t.table(), t.table()
    t.mem(DIR + 8 * 0xAB, entry(middle, V))
    t.mem(middle + 8 * (0x1234 >> 7), entry(last, V))
    t.context(did, at=last)
    t.flush()
    t.ok(did, 0x7777, 0x7777)
    t.ur(did ^ 0x010000, 0x7777, 258)
    t.ur(did ^ 0x000080, 0x7777, 258)
    t.ur(did ^ 0x000001, 0x7777, 258)
    t.records()
    t.say("What was not valid is not kept: made valid, it counts without a command")
    t.context(did ^ 1, at=last)
    t.ok(did ^ 1, 0x8888, 0x8888)
    for level, place, to in ((2, DIR + 8 * 0xAB, middle), (1, middle + 8 * (0x1234 >> 7), last)):
        t.say(f"Each reserved bit of the entry of level {level} is 259, but not where V is 0: 258")
        for bit in [*range(1, 10), *range(54, 64)]:
            t.mem(place, entry(to, V) | 1 << bit)
            t.flush()
            t.ur(did, 0x100, 259)
        t.records()
        t.mem(place, ~1)
        t.flush()
        t.ur(did, 0x100, 258)
        t.say(f"Access fault 257 and corruption 268 of the entry of level {level}; 257 comes first, and both before V")
        t.bad(place, 8)
        t.ur(did, 0x100, 257)
        t.poison(place, 1)
        t.ur(did, 0x100, 257)
        t.bad(0, 0)
        t.ur(did, 0x100, 268)
        t.poison(0, 0)
        t.say(f"The entry of level {level} leads out of the physical address space: 257")
        for bit in range(46, 56):
            t.mem(place, entry(1 << bit, V))
            t.flush()
            t.ur(did, 0x100, 257)
        t.mem(place, entry(to, V))
        t.flush()
        t.ok(did, 0x100, 0x100)
        t.records()
    t.say("The same for each doubleword of the context")
    for n in range(4):
        place = last + 32 * (did & 127) + 8 * n
        t.bad(place + 7, 1)
        t.flush()
        t.ur(did, 0x100, 257)
        t.bad(0, 0)
        t.poison(place, 1)
        t.ur(did, 0x100, 268)
        t.bad(last + 32 * (did & 127) + 8 * ((n + 1) % 4), 4)
        t.ur(did, 0x100, 257)
        t.poison(0, 0)
        t.bad(0, 0)
    t.context(did, tc=0, at=last)
    t.poison(last + 32 * (did & 127) + 24, 1)
    t.ur(did, 0x100, 268)
    t.poison(0, 0)
    t.ur(did, 0x100, 258)
    t.records()
    t.say("Two devices with one table, and two tables for neighbours in one page of contexts")
    t.mode(OFF)
    t.mode(LVL1)
    first = t.space(1, pscid=1)
    t.mem(first[0], entry(DATA, LEAF))
    second = t.space(2, pscid=2)
    t.mem(second[0], entry(DATA + 0x5000, LEAF))
    t.context(3, ta=1 << 12, fsc=SV39_MODE | TABLES >> 12)
    t.flush()
    t.ok(1, IOVA + 8, DATA + 8)
    t.ok(2, IOVA + 8, DATA + 0x5008)
    t.records()
    t.say("More devices than any cache holds, three times around")
    for did in range(0x20, 0x34):
        t.context(did)
    for n in range(60):
        t.ok(0x20 + n % 20, n << 12, n << 12)
    t.records()
    return t


def contexts():
    t = Trace("Every bit of a device context, one at a time.")
    t.start()
    did = 9
    root = t.table()
    base = [V, 0, 0x123 << 12, SV39_MODE | root >> 12]
    t.mem(root + 8 * (IOVA >> 30 & 511), entry(1 << 30, LEAF))
    hpa = 1 << 30 | IOVA & (1 << 30) - 1

    def put(words):
        t.mem(DIR + 32 * did, *words)
        t.flush()

    put(base)
    t.ok(did, IOVA, hpa)
    for n, name in enumerate(("tc", "iohgatp", "ta", "fsc")):
        t.say(name)
        for bit in range(64):
            words = list(base)
            words[n] ^= 1 << bit
            fine = (n == 0 and (bit == 4 or 24 <= bit < 32)) or (n == 1 and bit < 60) or (n == 2 and 12 <= bit < 32)
            if n == 3 and bit < 44:
                continue   # the root: below
            put(words)
            if n == 0 and bit == 0:
                t.ur(did, IOVA, 258)
            elif n == 3 and bit == 63:   # mode Bare
                t.ok(did, IOVA, IOVA)
            elif fine:
                t.ok(did, IOVA, hpa)
            else:
                t.ur(did, IOVA, 259)
            if bit % 16 == 15:
                t.records()
    t.records()
    t.say("The root: a bit inside the physical address space leads to a table of zeros, one above to nothing")
    for bit in range(44):
        put([*base[:3], base[3] ^ 1 << bit])
        t.ur(did, IOVA, 13 if bit < 34 else 5)
        if bit % 16 == 15:
            t.records()
    t.records()
    t.say("Modes of the first stage: Bare and Sv39 are there")
    for mode in range(16):
        put([V, 0, 0, mode << 60 | root >> 12])
        if mode in (0, 8):
            t.ok(did, IOVA, IOVA if mode == 0 else hpa)
        else:
            t.ur(did, IOVA, 259)
    t.records()
    t.say("V is 0: whatever else is set, 258")
    put([~1, ~0, ~0, ~0])
    t.ur(did, IOVA, 258)
    t.say("PDTV: a process directory can only be Bare, which passes what has no process id; DPE needs PDTV")
    put([V | PDTV, 0, 0, 0])
    t.ok(did, IOVA, IOVA)
    put([V | PDTV | DPE, 0, 0, 0])
    t.ok(did, IOVA, IOVA, "w")
    put([V | DPE, 0, 0, 0])
    t.ur(did, IOVA, 259)
    for mode in range(1, 16):
        put([V | PDTV, 0, 0, mode << 60])
        t.ur(did, IOVA, 259)
    t.records()
    t.say("DTF hides faults of the translation, not those of the directory")
    put([V | DTF, 0, 1 << 12, SV39_MODE | t.table() >> 12])
    t.ur(did, IOVA)
    t.ur(did, IOVA, kind="w")
    put([V | DTF | 1 << 12, 0, 0, 0])
    t.ur(did, IOVA, 259)
    put([DTF, 0, 0, 0])
    t.ur(did, IOVA, 258)
    t.bad(DIR + 32 * did, 1)
    t.ur(did, IOVA, 257)
    t.bad(0, 0)
    t.poison(DIR + 32 * did, 1)
    t.ur(did, IOVA, 268)
    t.poison(0, 0)
    t.records()
    return t


# ---- Page tables

def pages():
    t = Trace("Page-table entries of Sv39: every check, and what it is called.")
    t.start()
    did = 3
    at = t.space(did)

    def put(level, value):
        t.mem(at[level], value)
        t.flush()

    def both(cause_r, cause_w):
        t.ur(did, IOVA | 0xABC, cause_r)
        t.ur(did, IOVA | 0xABC, cause_w, "w")

    t.say("Not mapped, at each level")
    keep = {2: entry(TABLES + 0x1000, V), 1: entry(TABLES + 0x2000, V)}
    both(13, 15)
    for level in (1, 2):
        put(level, 0)
        both(13, 15)
        put(level, keep[level])
    t.records()
    t.say("Mapped; an entry that was not valid was not kept")
    t.mem(at[0], entry(DATA, LEAF))
    t.ok(did, IOVA | 0xABC, DATA | 0xABC)
    t.ok(did, IOVA | 0xABC, DATA | 0xABC, "w")
    t.say("Each bit from 54 to 62 is a page fault; RSW and G mean nothing")
    for bit in range(54, 63):
        put(0, entry(DATA, LEAF) | 1 << bit)
        both(13, 15)
    for bit in (5, 8, 9):
        put(0, entry(DATA, LEAF) | 1 << bit)
        t.ok(did, IOVA, DATA)
    t.records()
    t.say("Permissions: R, W, X")
    for flags, read, write in ((R, True, False), (R | W, True, True), (R | X, True, False), (R | W | X, True, True),
                               (W, False, False), (X, False, False), (W | X, False, False)):
        put(0, entry(DATA, V | U | A | D | flags))
        for kind, allowed, cause in (("r", read, 13), ("w", write, 15)):
            if allowed:
                t.ok(did, IOVA + 4, DATA + 4, kind)
            else:
                t.ur(did, IOVA + 4, cause, kind)
    t.records()
    t.say("U, A and D: a device is a user; A and D are not set for it")
    for missing, read, write in ((U, False, False), (A, False, False), (D, True, False), (V, False, False)):
        put(0, entry(DATA, LEAF & ~missing))
        for kind, allowed, cause in (("r", read, 13), ("w", write, 15)):
            if allowed:
                t.ok(did, IOVA + 4, DATA + 4, kind)
            else:
                t.ur(did, IOVA + 4, cause, kind)
    t.records()
    put(0, entry(DATA, LEAF))
    t.say("A pointer with D, A, U, N, PBMT or a reserved bit is a page fault; G and RSW are not")
    for level in (2, 1):
        for bit in (4, 6, 7, *range(54, 64)):
            put(level, keep[level] | 1 << bit)
            both(13, 15)
        for bit in (5, 8, 9):
            put(level, keep[level] | 1 << bit)
            t.ok(did, IOVA, DATA)
        put(level, keep[level])
        t.records()
    t.say("A pointer where no level is left")
    put(0, entry(DATA, V))
    both(13, 15)
    t.records()
    t.say("The table is outside the physical address space, cannot be read, or is corrupted: before anything it holds")
    for level in (2, 1):
        for bit in (46, 50, 55):
            put(level, entry(1 << bit, V))
            both(5, 7)
        put(level, keep[level])
    t.records()
    for level in (2, 1, 0):
        t.bad(at[level], 8)
        t.flush()
        both(5, 7)
        t.poison(at[level] + 7, 1)
        both(5, 7)
        t.bad(0, 0)
        both(274, 274)
        t.poison(0, 0)
    put(0, 0)
    t.poison(at[0], 8)
    both(274, 274)
    t.poison(0, 0)
    t.bad(at[0], 8)
    both(5, 7)
    t.bad(0, 0)
    t.records()
    t.say("Marks beside an entry are no concern of it")
    put(0, entry(DATA, LEAF))
    t.bad(at[0] - 8, 8)
    t.poison(at[0] + 8, 8)
    t.flush()
    t.ok(did, IOVA, DATA)
    t.bad(0, 0)
    t.poison(0, 0)
    t.say("A page outside the physical address space is translated; what becomes of it is not the IOMMU's")
    put(0, entry(1 << 55, LEAF))
    t.ok(did, IOVA | 0x10, 1 << 55 | 0x10)
    t.say("Addresses that are not canonical")
    root = t.table()
    t.context(4, ta=4 << 12, fsc=SV39_MODE | root >> 12)
    for index in range(0, 512, 255):
        t.mem(root + 8 * index, entry(index + 1 << 30, LEAF))
    t.mem(root + 8 * 256, entry(3 << 30, LEAF))
    t.mem(root + 8 * 511, entry(5 << 30, LEAF))
    t.flush()
    t.ok(4, (1 << 38) - 4, (256 << 30) + (1 << 30) - 4)
    t.ur(4, 1 << 38, 13)
    t.ur(4, (1 << 63) - 4, 13)
    t.ur(4, 1 << 63, 15, "w")
    t.ur(4, (1 << 64) - (1 << 38) - 4, 15, "w")
    t.ok(4, (1 << 64) - (1 << 38), 3 << 30, "w")
    t.ok(4, (1 << 64) - 4096, (6 << 30) - 4096, "r", 4096)
    for bit in range(39, 64):
        t.ur(4, 1 << bit, 13)
    t.records()
    t.say("A first stage that is Bare passes any address")
    t.context(5)
    for iova in (0, 1 << 38, 1 << 47, (1 << 56) - 4096):
        t.ok(5, iova, iova, "w")
    t.records()
    t.say("The doorbell of an interrupt is a page like any other: mapped, then not")
    t.mem(at[0], entry(0xFEE0_0000, LEAF))
    t.flush()
    t.ok(did, IOVA | 0x40, 0xFEE0_0040, "w")
    put(0, 0)
    t.ur(did, IOVA | 0x40, 15, "w")
    t.say("No byte at all, one byte, and the last bytes of a page")
    put(0, entry(DATA, LEAF))
    t.ok(did, IOVA | 0xFFC, DATA | 0xFFC, "r", 0)
    t.ok(did, IOVA | 0xFFF, DATA | 0xFFF, "w", 1)
    t.ok(did, IOVA, DATA, "r", 4096)
    t.records()
    return t


def superpages():
    t = Trace("Pages of 2 MiB and 1 GiB, and their alignment.")
    t.start()
    did = 3
    at = t.space(did)
    iova = IOVA | 0xABC
    for level, size in ((1, 21), (2, 30)):
        t.say(f"Level {level}: the low {size} bits are those of the address")
        place = at[level]
        t.mem(place, entry(5 << 30, LEAF))
        t.flush()
        for low in (0, 0x1000, 0xF_F000 | 0xABC, (1 << size) - 4):
            t.ok(did, IOVA >> size << size | low, 5 << 30 | low)
            t.ok(did, IOVA >> size << size | low, 5 << 30 | low, "w")
        t.say(f"Level {level}: each low bit of its PPN makes it misaligned")
        for bit in range(12, size):
            t.mem(place, entry(5 << 30 | 1 << bit, LEAF))
            t.flush()
            t.ur(did, iova, 13)
            t.ur(did, iova, 15, "w")
        t.mem(place, entry(5 << 30 | 1 << size, LEAF))
        t.flush()
        t.ok(did, iova, (5 << 30 | 1 << size) + (iova & (1 << size) - 1))
        t.say(f"Level {level}: N, permissions, A and D as for any page")
        for flags, cause_r, cause_w in ((LEAF | N, 13, 15), (LEAF & ~W & ~D, None, 15), (LEAF & ~A, 13, 15),
                                        (LEAF & ~D, None, 15), (LEAF & ~U, 13, 15)):
            t.mem(place, entry(5 << 30, flags))
            t.flush()
            if cause_r is None:
                t.ok(did, iova, 5 << 30 | iova & (1 << size) - 1)
            else:
                t.ur(did, iova, cause_r)
            t.ur(did, iova, cause_w, "w")
        t.records()
    return t


def napot():
    t = Trace("Svnapot: 64 KiB in sixteen entries.")
    t.start()
    did = 3
    at = t.space(did)
    base = IOVA & ~0xFFFF
    row = at[0] & ~0x7F

    def put(low, hpa=DATA, flags=LEAF | N):
        t.mem(row, *[entry(hpa | low << 12, flags)] * 16)
        t.flush()

    t.say("Sixteen pages, one translation")
    put(8)
    for n in range(16):
        t.ok(did, base + (n << 12) + 0x123, DATA + (n << 12) + 0x123)
        t.ok(did, base + (n << 12) + 0x123, DATA + (n << 12) + 0x123, "w")
    t.say("The four low bits of the PPN say the size: 1000 is 64 KiB, all else is reserved")
    for low in range(16):
        put(low)
        if low == 8:
            t.ok(did, IOVA, DATA | IOVA & 0xFFFF)
        else:
            t.ur(did, IOVA, 13)
    t.records()
    t.say("Without N the same bits are an address")
    put(3, flags=LEAF)
    for n in (0, 7, 15):
        t.ok(did, base + (n << 12), DATA + 0x3000)
    t.say("Permissions of the whole")
    put(8, flags=(LEAF | N) & ~W & ~D)
    t.ok(did, IOVA, DATA | IOVA & 0xFFFF)
    t.ur(did, IOVA, 15, "w")
    put(8, flags=LEAF & ~A | N)
    t.ur(did, IOVA, 13)
    t.say("One invalidation of one address in it is enough")
    put(8)
    t.ok(did, base, DATA)
    t.ok(did, base + 0xF000, DATA + 0xF000)
    t.mem(row, *[entry(DATA + 0x10_0000 | 8 << 12, LEAF | N)] * 16)
    for n in range(16):
        t.command(VMA | AV | PSCV | 1 << 12, base + (n << 12) >> 2)
    t.command(FENCE | PR | PW)
    t.done()
    t.ok(did, base, DATA + 0x10_0000)
    t.ok(did, base + 0xF000, DATA + 0x10_F000)
    t.records()
    return t


def sv48():
    t = Trace("Sv48, where capabilities have it: four levels, pages of 512 GiB.")
    t.start(caps=CAPS | SV48)
    did = 3
    iova = 0x5A12_3456_7000
    at = t.space(did, levels=4, iova=iova)
    t.mem(at[0], entry(DATA, LEAF))
    t.ok(did, iova | 0xABC, DATA | 0xABC)
    t.say("Not mapped at each level")
    for level in (3, 2, 1, 0):
        t.mem(at[level] ^ 8, 0)
        t.ur(did, iova ^ 1 << 12 + 9 * level, 13)
    t.records()
    t.say("A leaf at each level, and its alignment")
    for level in (1, 2, 3):
        size = 12 + 9 * level
        hpa = 1 << 41
        t.mem(at[level], entry(hpa, LEAF))
        t.flush()
        t.ok(did, iova | 0xABC, hpa | iova & (1 << size) - 1 | 0xABC)
        for bit in (12, 20, 21, 29, 30, 38):
            if bit < size:
                t.mem(at[level], entry(hpa | 1 << bit, LEAF))
                t.flush()
                t.ur(did, iova, 15, "w")
        t.mem(at[level], entry(hpa, LEAF | N))
        t.flush()
        t.ur(did, iova, 13)
    t.records()
    t.say("Canonical by bit 47")
    root = t.table()
    t.context(4, ta=4 << 12, fsc=SV48_MODE | root >> 12)
    for index in (0, 255, 256, 511):
        t.mem(root + 8 * index, entry(index << 39 & (1 << 46) - 1, LEAF))
    t.flush()
    t.ok(4, (1 << 47) - 4, (255 << 39 & (1 << 46) - 1) + (1 << 39) - 4)
    for bit in range(47, 64):
        t.ur(4, 1 << bit, 13)
    t.ok(4, (1 << 64) - (1 << 47), 256 << 39 & (1 << 46) - 1)
    t.ur(4, (1 << 64) - (1 << 47) - 4, 13)
    t.records()
    t.say("The table of the highest level can fail too")
    t.bad(root, 8)
    t.poison(root + 8 * 255, 8)
    t.flush()
    t.ur(4, 0, 7, "w")
    t.ur(4, 255 << 39, 274)
    t.bad(0, 0)
    t.poison(0, 0)
    t.say("Sv39 beside it, in a space of its own")
    other = t.space(5, pscid=5)
    t.mem(other[0], entry(DATA + 0x7000, LEAF))
    t.ok(5, IOVA, DATA + 0x7000)
    t.ur(5, iova, 13)
    t.ok(4, 0x1234, 0x1234)
    t.records()
    t.say("Without the capability the mode is a misconfiguration")
    t.start(caps=CAPS)
    t.context(4, fsc=SV48_MODE)
    t.ur(4, 0, 259)
    t.records()
    return t


# ---- Queues

def commands():
    t = Trace("The command queue: sizes, every illegal encoding, memory faults, on and off.")
    for log2 in (1, 2, 8, 16):
        t.say(f"{1 << log2} entries, around the end")
        t.reset()
        t.commands_on(log2)
        t.rd(CQB, entry(CQ, log2 - 1), 8)
        if log2 == 16:
            t.mem(CQ, *[VMA, 0] * 4)
            for n in range(0x100, 0x10000, 0x100):
                t.mem(CQ + 16 * n, VMA, 0)
            t.say("Zero is no command: the head stays there, and every index bit counts")
            t.wr(CQT, 0xFFFF)
            t.settle()
            t.rd(CQH, 4)
            t.rd(CQCSR, ON | CMD_ILL | 1)
            continue
        steps = 2 * (1 << log2) + 1 if log2 < 8 else 20
        for n in range(steps):
            t.command(FENCE | PR | PW | AV | n << 32, SCRATCH + 4 * (n % 4) >> 2)
            t.rd(CQH, t.tail)
        t.holds(SCRATCH + 4 * ((steps - 1) % 4), steps - 1, size=4)
        if log2 == 8:
            t.say("All but one entry at once: tail just behind head")
            for n in range(256):
                t.mem(CQ + 16 * n, FENCE if n % 2 else DDT, 0)
            t.wr(CQT, (t.tail - 1) % 256)
            t.settle()
            t.rd(CQH, (t.tail - 1) % 256)
            t.say("The tail has as many bits as the queue")
            t.wr(CQT, 0xFFFF_FF00 | t.tail - 1)
            t.rd(CQT, t.tail - 1)

    t.say("Each illegal encoding stops the queue at the command; cleared, it is met again; made legal, it goes on")
    t.reset()
    t.commands_on(4)
    bad = [(op, 0) for op in (0, 4, 5, 63, 64, 127)]
    bad += [(VMA | fn << 7, 0) for fn in range(2, 8)] + [(FENCE | fn << 7, 0) for fn in range(1, 8)]
    bad += [(DDT | fn << 7, 0) for fn in range(2, 8)]
    bad += [(VMA | 1 << bit, 0) for bit in (11, 34, *range(35, 44), *range(60, 64))]
    bad += [(VMA | AV, 1 << bit) for bit in (*range(9), 9, 62, 63)]
    bad += [(GVMA | PSCV, 0), (GVMA | 1 << 11, 0)]
    bad += [(FENCE | 1 << bit, 0) for bit in range(14, 32)] + [(FENCE | AV, 1 << bit) for bit in (62, 63)]
    bad += [(FENCE | WSI, 0)]
    bad += [(DDT | 1 << bit, 0) for bit in (10, 11, 12, 31, 32, *range(34, 40))]
    bad += [(DDT, 1 << bit) for bit in (0, 31, 32, 63)]
    bad += [(PDT, 0), (PDT | DV | 1 << 10, 0), (PDT | DV | 1 << 32, 0), (PDT | DV, 1)]
    for low, high in bad:
        here = t.tail
        t.command(low, high)
        t.rd(CQH, here)
        t.rd(CQCSR, ON | CMD_ILL | 1)
        t.mem(CQ + 16 * here, VMA, 0)
        t.wr(CQCSR, CMD_ILL | 1)
        t.settle()
        t.done()
    t.say("Not cured, it stops again; what comes behind waits")
    here = t.tail
    t.command(0)
    t.command(FENCE | AV | 0x77 << 32, SCRATCH + 64 >> 2)
    t.wr(CQCSR, CMD_ILL | 1)
    t.settle()
    t.rd(CQH, here)
    t.rd(CQCSR, ON | CMD_ILL | 1)
    t.holds(SCRATCH + 64, 0, size=4)
    t.mem(CQ + 16 * here, DDT, 0)
    t.wr(CQCSR, CMD_ILL | 1)
    t.settle()
    t.done()
    t.holds(SCRATCH + 64, 0x77, size=4)
    t.say("What is legal: every operand that is not looked at, and what a second stage would need")
    for low, high in ((VMA | GV | 0xFFFF << 44, 0), (VMA | 0xFFFFF << 12, (1 << 52) - 1 << 10), (VMA | AV, (1 << 52) - 1 << 10),
                      (VMA | AV | PSCV | 5 << 12, 7 << 10), (GVMA | GV | AV, 5 << 10), (GVMA, 0), (DDT | 0xFFFFFF << 40, 0),
                      (DDT | DV | 5 << 40, 0), (PDT | DV | 5 << 40 | 7 << 12, 0), (FENCE, (1 << 62) - 1),
                      (FENCE | PR, 0), (FENCE | PW, 0), (FENCE | 0xFFFFFFFF << 32, 0)):
        t.command(low, high)
        t.done()

    t.say("A command that cannot be fetched, or comes corrupted: cqmf")
    for mark in (t.bad, t.poison):
        here = t.tail
        mark(CQ + 16 * here + 15, 1)
        t.command(VMA)
        t.rd(CQH, here)
        t.rd(CQCSR, ON | CQMF | 1)
        mark(0, 0)
        t.settle()
        t.rd(CQCSR, ON | CQMF | 1)
        t.wr(CQCSR, CQMF | 1)
        t.settle()
        t.done()
    t.say("A fence whose store is refused: cqmf at the fence")
    for address in (SCRATCH + 0x80, 1 << 46, (1 << 64) - 4):
        here = t.tail
        t.bad(SCRATCH + 0x80, 4)
        t.command(FENCE | AV | 0xABCD << 32, address >> 2)
        t.rd(CQH, here)
        t.rd(CQCSR, ON | CQMF | 1)
        t.bad(0, 0)
        t.holds(SCRATCH + 0x80, 0, size=4)
        t.mem(CQ + 16 * here, FENCE, 0)
        t.wr(CQCSR, CQMF | 1)
        t.settle()
        t.done()
    t.say("Poison does not stop a store")
    t.poison(SCRATCH + 0x84, 4)
    t.command(FENCE | AV | 0x1234 << 32, SCRATCH + 0x84 >> 2)
    t.done()
    t.holds(SCRATCH + 0x80, 0, 0x1234, size=4)

    t.say("Off: commands wait; on again: the head and the errors are 0, the tail is software's")
    t.command(0)
    t.rd(CQCSR, ON | CMD_ILL | 1)
    t.wr(CQCSR, 0)
    t.settle()
    t.rd(CQCSR, 0, mask=ON | 1 << 17 | 1)
    t.wr(CQT, 0)
    t.mem(CQ, FENCE | AV | 0x55 << 32, SCRATCH + 0x90 >> 2)
    t.wr(CQT, 1)
    t.settle()
    t.holds(SCRATCH + 0x90, 0, size=4)
    t.wr(CQCSR, 1)
    t.settle()
    t.rd(CQCSR, ON | 1)
    t.rd(CQH, 1)
    t.holds(SCRATCH + 0x90, 0x55, size=4)
    t.say("cqb is not written while the queue is on; a new base takes the tail back")
    t.wr(CQB, entry(SCRATCH, 9), 8)
    t.rd(CQB, entry(CQ, 3), 8)
    t.wr(CQCSR, 0)
    t.settle()
    t.wr(CQB, entry(SCRATCH, 2), 8)
    t.rd(CQB, entry(SCRATCH, 2), 8)
    t.rd(CQT, 0)
    return t


def faults():
    t = Trace("The fault queue: records, overflow, memory faults, on and off.")
    t.say("Two entries hold one record; the next is dropped, and all more until software clears fqof")
    t.reset()
    t.faults_on(1)
    t.ur(1, 0x1000)
    t.settle()
    t.rd(FQT, 1)
    t.rd(FQCSR, ON | 1)
    t.ur(2, 0x2000)
    t.settle()
    t.rd(FQCSR, ON | FQOF | 1)
    t.wr(FQH, 1)
    t.ur(3, 0x3000)
    t.settle()
    t.rd(FQT, 1)
    t.rd(FQCSR, ON | FQOF | 1)
    t.holds(FQ, 256 | 2 << 34 | 1 << 40, 0, 0x1000, 0, *[0] * 4)
    t.wr(FQCSR, FQOF | 1)
    t.ur(4, 0x4004, kind="w")
    t.settle()
    t.rd(FQT, 0)
    t.rd(FQCSR, ON | 1)
    t.holds(FQ + 32, 256 | 3 << 34 | 4 << 40, 0, 0x4004, 0)
    t.say("The whole IOVA is told, whatever it is")
    t.reset()
    t.faults_on(3)
    for n in range(20):
        t.ur(0x800001 + n, 0xFEDC_BA98_7654_3210 + n, 256, "rw"[n % 2])
        if n % 5 == 4:
            t.records()
    t.say("Seven records fill eight entries")
    for n in range(7):
        t.ur(n, n << 12, 256)
    t.settle()
    t.rd(FQCSR, ON | 1)
    t.ur(9, 0)
    t.settle()
    t.rd(FQCSR, ON | FQOF | 1)
    t.wr(FQCSR, FQOF | 1)
    t.records()
    t.say("A record that cannot be stored: fqmf, nothing is stored, and nothing more until it is cleared")
    t.bad(FQ + 32 * t.record + 31, 1)
    t.ur(5, 0x5000)
    t.settle()
    t.rd(FQCSR, ON | FQMF | 1)
    t.rd(FQT, t.record)
    t.bad(0, 0)
    t.ur(6, 0x6000)
    t.settle()
    t.rd(FQT, t.record)
    t.wr(FQCSR, FQMF | 1)
    t.ur(7, 0x7000, 256)
    t.records()
    t.say("Off: no record, and the request is refused all the same; on again: the tail and the errors are 0")
    t.wr(FQCSR, 0)
    t.settle()
    t.rd(FQCSR, 0)
    t.ur(8, 0x8000)
    t.settle()
    t.wr(FQH, 0)
    t.wr(FQCSR, 1)
    t.settle()
    t.rd(FQT, 0)
    t.rd(FQCSR, ON | 1)
    t.record = 0
    t.ur(8, 0x9000, 256)
    t.records()
    t.say("The head has as many bits as the queue; fqb is not written while it is on, and takes the head back")
    t.wr(FQH, 0xFFFF_FFF9)
    t.rd(FQH, 1)
    t.wr(FQB, entry(SCRATCH, 9), 8)
    t.rd(FQB, entry(FQ, 2), 8)
    t.wr(FQCSR, 0)
    t.settle()
    t.wr(FQB, entry(SCRATCH, 0), 8)
    t.rd(FQB, entry(SCRATCH, 0), 8)
    t.rd(FQH, 0)
    return t


# ---- Registers

def registers():
    t = Trace("Reset values, what can be written and what reads back.")
    t.reset()
    t.say("After reset")
    for reg, value in ((CAPABILITIES, CAPS), (DDTP, 0), (CQB, 0), (FQB, 0), (TR_CTL, 0), (ICVEC, 0)):
        t.rd(reg, value, 8)
    for reg in (FCTL, CQH, CQT, FQH, FQT, CQCSR, FQCSR, IPSR, OVF, INH):
        t.rd(reg, 0)
    t.say("What is not there reads 0 and stays so: queue of page requests, places that are reserved or custom")
    for reg in (0x0C, 0x38, 0x3C, 0x40, 0x44, 0x50, 0x270, 0x274, 0x278, 0x2AC, 0x2B0, 0x2F4, 0x340, 0x3FC, 0x400, 0xFFC):
        t.wr(reg, 0xFFFF_FFFF)
        t.rd(reg, 0)
    t.say("Read-only")
    t.wr(CAPABILITIES, 0, 8)
    t.rd(CAPABILITIES, CAPS, 8)
    for reg in (CQH, FQT, OVF):
        t.wr(reg, 0xFFFF_FFFF)
        t.rd(reg, 0)
    t.wr(TR_RSP, (1 << 64) - 1, 8)
    t.rd(TR_RSP, 0, 8, mask=1 << 63 | 0x7F << 54)
    t.say("Queue bases: at most 2^16 entries, PPN of 34 bits; halves in either order")
    for reg in (CQB, FQB):
        t.wr(reg, (1 << 64) - 1, 8)
        t.rd(reg, entry((1 << 46) - 4096, 15), 8)
        t.wr(reg, 31, 8)
        t.rd(reg, 15, 8)
        t.wr(reg + 4, 0x12)
        t.wr(reg, 0x3456_7807)
        t.rd(reg, 0x12_3456_7807, 8)
        t.rd(reg, 0x3456_7807)
        t.rd(reg + 4, 0x12)
        t.wr(reg, 0x89AB_CC02)
        t.wr(reg + 4, 0x5)
        t.rd(reg, 0x5_89AB_CC02, 8)
    t.say("ddtp: modes that are not there change nothing; between two directories there is Off or Bare")
    for mode in range(5, 16):
        t.wr(DDTP, entry(DIR, mode), 8)
        t.rd(DDTP, 0, 8, mask=0x1F)
    for mode in (LVL3, LVL2, LVL1, BARE):
        t.mode(mode)
        t.mode(OFF, 0)
    t.mode(LVL2)
    for mode in (LVL1, LVL3, 9, 15):
        t.wr(DDTP, entry(SCRATCH, mode), 8)
        t.settle()
        t.rd(DDTP, entry(DIR, LVL2), 8)
    t.mode(BARE)
    t.mode(LVL1, (1 << 46) - 4096)
    t.mode(OFF, 0)
    t.wr(DDTP, (1 << 64) - 16, 8)
    t.settle()
    t.rd(DDTP, entry((1 << 46) - 4096, 0), 8)
    t.say("ddtp in halves, the high one first")
    t.wr(DDTP + 4, 0x3)
    t.settle()
    t.wr(DDTP, 0x2000_0003)
    t.settle()
    t.rd(DDTP, 0x3_2000_0003, 8)
    t.mode(OFF, 0)
    t.say("icvec: two bits for each of three causes")
    t.wr(ICVEC, (1 << 64) - 1, 8)
    t.rd(ICVEC, 0x333, 8)
    t.wr(ICVEC, 0x210)
    t.rd(ICVEC, 0x210, 8)
    t.say("The kind of interrupt can be chosen while nothing is in use")
    t.wr(FCTL, 0xFFFF_FFFF)
    t.rd(FCTL, 2)
    t.wr(FCTL, 0)
    t.rd(FCTL, 0)
    for turn_on, turn_off in (((DDTP, 1, 8), (DDTP, 0, 8)), ((CQCSR, 1, 4), (CQCSR, 0, 4)), ((FQCSR, 1, 4), (FQCSR, 0, 4))):
        t.wr(*turn_on)
        t.settle()
        t.wr(FCTL, 2)
        t.rd(FCTL, 0)
        t.wr(*turn_off)
        t.settle()
    t.wr(FCTL, 2)
    t.rd(FCTL, 2)
    t.say("Queue control: two bits are software's, errors cannot be set")
    t.wr(CQCSR, 0xFFFF_FFFE)
    t.settle()
    t.rd(CQCSR, 2)
    t.wr(FQCSR, 0xFFFF_FFFE)
    t.settle()
    t.rd(FQCSR, 2)
    t.say("The table of messages: address 55:2, data, mask; four vectors")
    for vector in range(4):
        base = MSI + 16 * vector
        t.wr(base + 12, 1)
        t.wr(base, (1 << 64) - 1, 8)
        t.rd(base, (1 << 56) - 4, 8)
        t.wr(base + 4, 0x12)
        t.wr(base, 0x3456_7000 + vector)
        t.rd(base, 0x12_3456_7000, 8)
        t.wr(base + 8, 0xDEAD_0000 + vector)
        t.rd(base + 8, 0x1_DEAD_0000 + vector, 8)
        t.wr(base + 12, 0xFFFF_FFFE)
        t.rd(base + 12, 0)
    for vector in range(4, 16):
        t.wr(MSI + 16 * vector, (1 << 64) - 1, 8)
        t.wr(MSI + 16 * vector + 8, (1 << 64) - 1, 8)
        t.rd(MSI + 16 * vector, 0, 8)
        t.rd(MSI + 16 * vector + 8, 0, 8)
    t.say("Only wires: fctl.WSI is 1 for good, there is no table")
    t.reset(CAPS_WSI)
    t.rd(FCTL, 2)
    t.wr(FCTL, 0)
    t.rd(FCTL, 2)
    for reg in (MSI, MSI + 8):
        t.wr(reg, (1 << 64) - 1, 8)
        t.rd(reg, 0, 8)
    t.say("Only messages: fctl.WSI is 0 for good")
    t.reset(CAPS_MSI)
    t.wr(FCTL, 2)
    t.rd(FCTL, 0)
    t.say("Without a performance monitor or debug interface their registers read 0")
    t.reset(CAPS & ~(3 << 30))
    for reg in (OVF, CYCLES, CTR, CTR + 8, EVT, EVT + 24, TR_IOVA, TR_CTL, TR_RSP):
        t.wr(reg, (1 << 64) - 1, 8)
        t.rd(reg, 0, 8)
    t.say("A smaller physical address space: PPN of 28 bits, and tables beyond it cannot be read")
    t.reset(CAPS & ~(63 << 32) | 40 << 32)
    t.wr(DDTP, (1 << 64) - 16, 8)
    t.settle()
    t.rd(DDTP, entry((1 << 40) - 4096, 0), 8)
    t.wr(CQB, (1 << 64) - 1, 8)
    t.rd(CQB, entry((1 << 40) - 4096, 15), 8)
    t.faults_on()
    t.mode(LVL1)
    t.context(1, fsc=SV39_MODE | 1 << 28)
    t.ur(1, 0, 5)
    t.records()
    return t


def linux_probe():
    t = Trace("What a Linux driver does to find and start an IOMMU, line by line.")
    t.reset()
    t.say("Capabilities, and where ddtp must be Off")
    t.rd(CAPABILITIES, CAPS, 8)
    t.rd(FCTL, 0)
    t.rd(DDTP, OFF, 8, mask=0xF)
    t.say("Vectors: FIV, PIV, PMIV by the number there is; read back below it")
    t.wr(ICVEC, 0x2021, 8)
    t.rd(ICVEC, 0x021, 8)
    t.wr(ICVEC, 0x1 << 4 | 0x3 << 8, 8)
    t.rd(ICVEC, 0x310, 8)
    t.say("Messages")
    for vector in range(4):
        t.wr(MSI + 16 * vector, SCRATCH + 0x100, 8)
        t.wr(MSI + 16 * vector + 8, 0x40 + vector)
        t.wr(MSI + 16 * vector + 12, 0)
    for base, index, csr, place, log2 in ((CQB, CQT, CQCSR, CQ, 13), (FQB, FQH, FQCSR, FQ, 12)):
        t.say("Largest size, with a PPN of 0 that must read back; then the real one")
        t.wr(base, 31, 8)
        t.rd(base, 15, 8)
        t.wr(base, entry(place, log2 - 1), 8)
        t.rd(base, entry(place, log2 - 1), 8)
        t.wr(index, 0)
        t.wr(csr, 1 << 8 | 3)
        t.settle()
        t.rd(csr, ON | 3)
    t.fq_size, t.cq_size = 1 << 12, 1 << 13
    t.say("ddtp: a mode without PPN is accepted and gives the PPN back")
    t.wr(DDTP, BARE, 8)
    t.settle()
    t.rd(DDTP, BARE, 8)
    for mode in (LVL3, LVL2, LVL1):
        t.wr(DDTP, mode, 8)
        t.settle()
        t.rd(DDTP, mode, 8)
        t.wr(DDTP, OFF, 8)
        t.settle()
        t.rd(DDTP, OFF, 8)
    t.mode(LVL3)
    t.say("Caches are empty, says a fence, seen by the head")
    for low in (DDT, VMA, FENCE | PR | PW):
        t.command(low)
    t.done()
    t.say("A device is attached: tables, context with V last, IODIR and fence")
    did = 0x0108
    middle, last, root = t.table(), t.table(), t.table()
    t.mem(DIR, entry(middle, V))
    t.mem(middle + 8 * (did >> 7), entry(last, V))
    t.mem(root + 8 * (IOVA >> 30), entry(1 << 30, LEAF))
    t.context(did, tc=0, ta=1 << 12, fsc=SV39_MODE | root >> 12, at=last)
    t.command(DDT | DV | did << 40)
    t.command(FENCE | PR | PW)
    t.context(did, ta=1 << 12, fsc=SV39_MODE | root >> 12, at=last)
    t.command(DDT | DV | did << 40)
    t.command(FENCE | PR | PW)
    t.done()
    t.ok(did, IOVA, 1 << 30 | IOVA & (1 << 30) - 1)
    t.say("A page goes: PTE, IOTINVAL of the space and address, fence")
    t.mem(root + 8 * (IOVA >> 30), 0)
    t.command(VMA | AV | PSCV | 1 << 12, IOVA >> 2)
    t.command(FENCE | PR | PW)
    t.done()
    t.rd(IPSR, 0)
    t.say("The fault comes by message; software takes the record and goes on")
    t.ur(did, IOVA, 15, "w")
    t.settle()
    t.rd(IPSR, FIP)
    t.holds(SCRATCH + 0x100, 0x41, size=4)
    t.wr(IPSR, FIP)
    t.records()
    t.rd(IPSR, 0)
    t.say("An illegal command: cip by its vector; the value that was read is written back, and the queue goes on")
    here = t.tail
    t.command(0x7F)
    t.rd(IPSR, CIP)
    t.holds(SCRATCH + 0x100, 0x40, size=4)
    t.rd(CQCSR, ON | CMD_ILL | 3)
    t.mem(CQ + 16 * here, VMA, 0)
    t.wr(CQCSR, ON | CMD_ILL | 3)
    t.wr(IPSR, CIP)
    t.settle()
    t.done()
    t.rd(IPSR, 0)
    return t


# ---- Interrupts

def interrupts():
    t = Trace("Pending bits of wired interrupts: levels, events, and what clears them.")
    t.say("fence_w_ip: set by the fence, cip while it lasts")
    t.start(wired=True)
    t.wr(CQCSR, 3)
    t.command(FENCE | WSI)
    t.rd(CQCSR, ON | FENCE_W_IP | 3)
    t.rd(IPSR, CIP)
    t.wr(IPSR, CIP)
    t.settle()
    t.rd(IPSR, CIP)
    t.wr(CQCSR, FENCE_W_IP | 3)
    t.settle()
    t.rd(IPSR, CIP)
    t.wr(IPSR, CIP)
    t.settle()
    t.rd(IPSR, 0)
    t.say("It does not stop the queue; a fence without WSI sets nothing")
    t.command(FENCE | WSI)
    t.command(FENCE)
    t.rd(CQH, t.tail)
    t.rd(CQCSR, ON | FENCE_W_IP | 3)
    t.wr(CQCSR, FENCE_W_IP | 3)
    t.wr(IPSR, CIP)
    t.command(FENCE)
    t.rd(IPSR, 0)
    t.rd(CQCSR, ON | 3)
    t.say("cie clear: the error is there and no interrupt; cie set later: the interrupt comes")
    t.wr(CQCSR, 1)
    t.command(0)
    t.rd(CQCSR, ON | CMD_ILL | 1)
    t.rd(IPSR, 0)
    t.wr(CQCSR, 3)
    t.settle()
    t.rd(IPSR, CIP)
    t.say("The queue off and on again clears the error, and the pending bit stays until software clears it")
    t.wr(CQCSR, 0)
    t.settle()
    t.wr(CQT, 0)
    t.wr(CQCSR, 3)
    t.settle()
    t.tail = 0
    t.rd(CQCSR, ON | 3)
    t.rd(IPSR, CIP)
    t.wr(IPSR, 0xFFFF_FFFF)
    t.settle()
    t.rd(IPSR, 0)
    t.say("cqmf")
    t.bad(CQ, 16)
    t.command(VMA)
    t.rd(CQCSR, ON | CQMF | 3)
    t.rd(IPSR, CIP)
    t.bad(0, 0)
    t.wr(CQCSR, CQMF | 3)
    t.settle()
    t.wr(IPSR, CIP)
    t.settle()
    t.done()
    t.rd(IPSR, 0)
    t.say("A new record is an event, once; fie clear: none")
    t.mode(OFF)
    t.ur(1, 0x1000, 256)
    t.records()
    t.rd(IPSR, 0)
    t.wr(FQCSR, 3)
    t.settle()
    t.rd(IPSR, 0)
    t.ur(1, 0x2000, 256)
    t.settle()
    t.rd(IPSR, FIP)
    t.wr(IPSR, FIP)
    t.settle()
    t.rd(IPSR, 0)
    t.ur(1, 0x3000, 256)
    t.records()
    t.rd(IPSR, FIP)
    t.wr(IPSR, FIP | CIP)
    t.say("fqmf and fqof are levels")
    t.bad(FQ + 32 * t.record, 32)
    t.ur(1, 0x4000)
    t.settle()
    t.rd(IPSR, FIP)
    t.wr(IPSR, FIP)
    t.settle()
    t.rd(IPSR, FIP)
    t.bad(0, 0)
    t.wr(FQCSR, FQMF | 3)
    t.wr(IPSR, FIP)
    t.settle()
    t.rd(IPSR, 0)
    t.wr(FQCSR, 1)
    for n in range(127):
        t.ur(n, 0)
    t.settle()
    t.rd(FQCSR, ON | 1)
    t.ur(127, 0)
    t.settle()
    t.rd(FQCSR, ON | FQOF | 1)
    t.rd(IPSR, 0)
    t.wr(FQCSR, 3)
    t.settle()
    t.rd(IPSR, FIP)
    t.wr(FQCSR, 0)
    t.settle()
    t.wr(IPSR, FIP)
    t.settle()
    t.rd(IPSR, 0)
    t.say("Wires change no memory")
    t.holds(SCRATCH, *[0] * 16)
    t.say("WSI of a fence is reserved where interrupts are messages")
    t.start()
    t.command(FENCE | WSI)
    t.rd(CQCSR, ON | CMD_ILL | 1)
    return t


def msi():
    t = Trace("Interrupts by message: edges, vectors, masks, pending, and stores that fail.")
    box = SCRATCH + 0x200

    def table():
        for vector in range(4):
            t.wr(MSI + 16 * vector, box + 8 * vector, 8)
            t.wr(MSI + 16 * vector + 8, 0xA0 + vector)
            t.wr(MSI + 16 * vector + 12, 0)

    def clear_box():
        t.mem(box, *[0] * 4)

    t.start(OFF)
    table()
    t.say("Each cause by its own vector")
    for vector in range(4):
        t.wr(ICVEC, vector | (3 - vector) << 4, 8)
        t.wr(CQCSR, 3)
        t.wr(FQCSR, 3)
        clear_box()
        t.command(0)
        t.rd(IPSR, CIP)
        t.holds(box + 8 * vector, 0xA0 + vector)
        t.holds(box + 8 * (3 - vector), 0)
        t.wr(CQCSR, CMD_ILL | 1)
        t.mem(CQ + 16 * (t.tail - 1), VMA, 0)
        t.wr(CQCSR, CMD_ILL | 1)
        t.settle()
        t.done()
        t.wr(IPSR, CIP)
        clear_box()
        t.ur(1, 0x1000, 256)
        t.records()
        t.rd(IPSR, FIP)
        t.holds(box + 8 * (3 - vector), 0xA0 + 3 - vector)
        t.holds(box + 8 * vector, 0)
        t.wr(IPSR, FIP)
        t.settle()
        t.rd(IPSR, 0)
    t.say("Two causes, one vector")
    t.wr(ICVEC, 0, 8)
    clear_box()
    t.ur(1, 0x1000, 256)
    t.records()
    t.holds(box, 0xA0)
    t.say("An edge: while the bit is pending there is no second message")
    clear_box()
    t.ur(1, 0x2000, 256)
    t.records()
    t.rd(IPSR, FIP)
    t.holds(box, 0)
    t.wr(IPSR, FIP)
    t.ur(1, 0x2000, 256)
    t.records()
    t.holds(box, 0xA0)
    t.wr(IPSR, FIP)
    t.say("Cleared while its cause lasts, the bit is set again: a new edge, a new message")
    t.wr(CQCSR, 3)
    here = t.tail
    t.command(0)
    clear_box()
    t.wr(IPSR, CIP)
    t.settle()
    t.rd(IPSR, CIP)
    t.holds(box, 0xA0)
    t.mem(CQ + 16 * here, VMA, 0)
    t.wr(CQCSR, CMD_ILL | 3)
    t.settle()
    clear_box()
    t.wr(IPSR, CIP)
    t.settle()
    t.rd(IPSR, 0)
    t.holds(box, 0)
    t.say("Masked: the message waits, and goes when the mask does, once")
    t.wr(MSI + 12, 1)
    t.ur(1, 0x3000, 256)
    t.records()
    t.rd(IPSR, FIP)
    t.holds(box, 0)
    t.wr(MSI + 8, 0xB7)
    t.wr(MSI + 12, 0)
    t.settle()
    t.holds(box, 0xB7)
    clear_box()
    t.wr(MSI + 12, 1)
    t.wr(MSI + 12, 0)
    t.settle()
    t.holds(box, 0)
    t.say("It goes although the pending bit was cleared meanwhile")
    t.wr(IPSR, FIP)
    t.wr(MSI + 12, 1)
    t.ur(1, 0x3000, 256)
    t.records()
    t.wr(IPSR, FIP)
    t.settle()
    t.rd(IPSR, 0)
    t.wr(MSI + 12, 0)
    t.settle()
    t.holds(box, 0xB7)
    t.say("The mask of one vector is no concern of another")
    clear_box()
    t.wr(MSI + 12, 1)
    t.wr(ICVEC, 2 << 4, 8)
    t.ur(1, 0x3000, 256)
    t.records()
    t.holds(box + 16, 0xA2)
    t.wr(IPSR, FIP)
    t.wr(MSI + 12, 0)
    t.settle()
    t.holds(box, 0)
    t.say("A message that cannot be stored is a fault of its own, cause 273, by no device, with the address")
    for address in (box, 1 << 46, (1 << 56) - 4):
        t.wr(FQCSR, 1)
        t.wr(ICVEC, 0, 8)
        t.wr(MSI, address, 8)
        t.bad(box, 4)
        here = t.tail
        t.command(0)
        t.owe(273, 0, 0, address)
        t.records()
        t.rd(IPSR, CIP)
        t.holds(box, 0, size=4)
        t.bad(0, 0)
        t.mem(CQ + 16 * here, VMA, 0)
        t.wr(CQCSR, CMD_ILL | 3)
        t.wr(IPSR, CIP)
        t.settle()
        t.rd(IPSR, 0)
    t.say("The message of a record fails: one more record tells it, and that is all")
    t.wr(FQCSR, 3)
    t.wr(MSI, box, 8)
    t.bad(box, 4)
    t.ur(1, 0x4000, 256)
    t.owe(273, 0, 0, box)
    t.records()
    t.rd(IPSR, FIP)
    t.bad(0, 0)
    t.say("DTF of a device is no concern of it; messages work in every mode")
    t.wr(IPSR, FIP)
    t.wr(FQCSR, 1)
    t.mode(LVL1)
    t.context(1, tc=V | DTF, ta=1 << 12, fsc=SV39_MODE | t.table() >> 12)
    t.ur(1, 0x5000)
    t.bad(box, 4)
    here = t.tail
    t.command(0)
    t.owe(273, 0, 0, box)
    t.records()
    t.bad(0, 0)
    return t


# ---- Debug, counters, invalidation

def debug():
    t = Trace("The debug interface: a translation asked for by software.")
    GO, PRIV, EXE, NW, PV = 1, 2, 4, 8, 1 << 32
    t.start()
    did = 3
    at = t.space(did)
    t.mem(at[0], entry(DATA, LEAF & ~D))

    def ask(iova, control, did=did):
        t.wr(TR_IOVA, iova, 8)
        t.wr(TR_CTL, control | GO | did << 40, 8)
        t.settle()
        t.rd(TR_CTL, control | did << 40, 8)

    def gives(hpa):
        t.rd(TR_RSP, entry(hpa, 0), 8)

    def fails(cause, ttyp, iova, did=did):
        t.rd(TR_RSP, 1, 8, mask=1)
        t.owe(cause, ttyp, did, iova)
        t.records()

    t.say("The registers: a page number, and a request of a device")
    t.wr(TR_IOVA, (1 << 64) - 1, 8)
    t.rd(TR_IOVA, (1 << 64) - 4096, 8)
    t.wr(TR_CTL, (1 << 64) - 2, 8)
    t.rd(TR_CTL, 0xFFFFFF << 40 | NW | EXE, 8)
    t.say("To read: the page; to write as well: D is missing")
    ask(IOVA | 0xABC, NW)
    gives(DATA)
    ask(IOVA, 0)
    fails(15, 3, IOVA)
    t.mem(at[0], entry(DATA, LEAF))
    t.flush()
    ask(IOVA, 0)
    gives(DATA)
    t.say("To execute: X is missing, then there")
    ask(IOVA, NW | EXE)
    fails(12, 1, IOVA)
    t.mem(at[0], entry(DATA, LEAF | X))
    t.flush()
    ask(IOVA, NW | EXE)
    gives(DATA)
    t.bad(at[0], 8)
    t.flush()
    ask(IOVA, NW | EXE)
    fails(1, 1, IOVA)
    ask(IOVA, NW)
    fails(5, 2, IOVA)
    ask(IOVA, 0)
    fails(7, 3, IOVA)
    t.bad(0, 0)
    t.say("There are no process directories: Priv, PV and PID stay 0 and ask for nothing")
    t.wr(TR_CTL, GO | NW | PRIV | PV | 0x54321 << 12 | did << 40, 8)
    t.settle()
    t.rd(TR_CTL, NW | did << 40, 8)
    gives(DATA)
    t.context(5, tc=V | PDTV)
    ask(IOVA, NW, did=5)
    gives(IOVA)
    t.say("The directory's faults; a page of any size answers for the page that was asked")
    ask(IOVA, NW, did=4)
    fails(258, 2, IOVA, did=4)
    ask(IOVA, NW, did=0x80)
    fails(260, 2, IOVA, did=0x80)
    t.mem(at[1], entry(1 << 30, LEAF))
    t.flush()
    ask(IOVA, NW)
    t.rd(TR_RSP, entry(1 << 30 | IOVA & 0x1F_F000, 0), 8)
    t.say("In halves: the high one first, the low one goes")
    t.wr(TR_IOVA + 4, IOVA >> 32)
    t.wr(TR_IOVA, IOVA & 0xFFFF_FFFF)
    t.wr(TR_CTL + 4, did << 8)
    t.rd(TR_CTL, did << 40 | NW, 8)
    t.wr(TR_CTL, NW | GO)
    t.settle()
    t.rd(TR_RSP, entry(1 << 30 | IOVA & 0x1F_F000, 0), 8)
    t.say("Bare and Off")
    t.mode(BARE)
    ask(IOVA, NW)
    gives(IOVA)
    t.mode(OFF)
    ask(IOVA, NW)
    fails(256, 2, IOVA)
    ask(IOVA, 0)
    fails(256, 3, IOVA)
    t.say("Among requests of devices it changes nothing")
    t.mode(LVL1)
    t.ok(did, IOVA, 1 << 30 | IOVA & 0x1F_FFFF)
    ask(IOVA, NW)
    t.rd(TR_RSP, entry(1 << 30 | IOVA & 0x1F_F000, 0), 8)
    t.ok(did, IOVA, 1 << 30 | IOVA & 0x1F_FFFF)
    t.records()
    return t


def counters():
    t = Trace("The performance monitor: what is counted, filters, overflow. What only caches know is asked when they are empty.")
    UNTRANSLATED, TLB_MISS, DIRECTORY_WALK, FIRST_STAGE_WALK = 1, 4, 5, 7
    DMASK, PVF, DVF, IDT, OF = 1 << 15, 1 << 60, 1 << 61, 1 << 62, 1 << 63

    def did_of(did):
        return did << 36

    t.start(wired=True)
    t.say("Registers: four counters of 40 bits, selectors, inhibits")
    t.wr(INH, 0xFFFF_FFFF)
    t.rd(INH, 0x1F)
    for n in range(31):
        t.wr(CTR + 8 * n, (1 << 64) - 1, 8)
        t.rd(CTR + 8 * n, (1 << 40) - 1 if n < 4 else 0, 8)
        t.wr(CTR + 8 * n, 0, 8)
    for n in range(4):
        for event in (UNTRANSLATED, TLB_MISS, DIRECTORY_WALK, FIRST_STAGE_WALK):
            t.wr(EVT + 8 * n, event | DMASK | 0xABCDE << 16 | did_of(0x123456) | PVF | DVF, 8)
            t.rd(EVT + 8 * n, event | DMASK | 0xABCDE << 16 | did_of(0x123456) | PVF | DVF, 8)
        t.wr(EVT + 8 * n, 0, 8)
        t.rd(EVT + 8 * n, 0, 8)
    for n in range(4, 31):
        t.wr(EVT + 8 * n, (1 << 64) - 1, 8)
        t.rd(EVT + 8 * n, 0, 8)
    t.rd(OVF, 0)
    t.wr(INH, 1)

    t.say("Requests, in every mode but one by one")
    at = {did: t.space(did, pscid=did) for did in (8, 9)}
    for did in (8, 9):
        t.mem(at[did][0], entry(DATA + did * 4096, LEAF))
    t.wr(EVT, UNTRANSLATED, 8)
    for n in range(5):
        t.ok(8, IOVA, DATA + 0x8000)
    t.ur(8, 0)
    t.settle()
    t.rd(CTR, 6, 8)
    t.say("Inhibited, or with another event, or with none: the value stays")
    t.wr(INH, 3)
    t.ok(8, IOVA, DATA + 0x8000)
    t.rd(CTR, 6, 8)
    t.wr(INH, 1)
    t.wr(EVT, 0, 8)
    t.ok(8, IOVA, DATA + 0x8000)
    t.rd(CTR, 6, 8)
    t.say("By device: exactly, and with the low bits up to the first 0 left out")
    for n, (did, dmask) in enumerate(((9, 0), (8, 0), (0xB, DMASK), (0xFFFFFF, DMASK))):
        t.wr(CTR + 8 * n, 0, 8)
        t.wr(EVT + 8 * n, UNTRANSLATED | dmask | did_of(did) | DVF, 8)
    for did in (8, 9, 9, 8, 9, 0x10):
        if did == 0x10:
            t.ur(did, IOVA)
        else:
            t.ok(did, IOVA, DATA + did * 4096)
    t.settle()
    for n, value in enumerate((3, 2, 5, 6)):   # 0xB with DMASK: 01000 to 01111
        t.rd(CTR + 8 * n, value, 8)
    t.say("By address space, where the event knows one: the context is known already; no request knows a guest")
    for did in (8, 9):
        t.ok(did, IOVA, DATA + did * 4096)
    for n, selector in enumerate((TLB_MISS | IDT | PVF | 8 << 16, FIRST_STAGE_WALK | IDT | PVF | 9 << 16,
                                  DIRECTORY_WALK | IDT, TLB_MISS | IDT | DVF)):
        t.wr(EVT + 8 * n, 0, 8)
        t.wr(CTR + 8 * n, 0, 8)
        t.wr(EVT + 8 * n, selector, 8)
    for did in (8, 8, 9, 8):
        t.command(VMA)
        t.command(FENCE)
        t.ok(did, IOVA, DATA + did * 4096)
    for n, value in enumerate((3, 1, 0, 0)):
        t.rd(CTR + 8 * n, value, 8)
    t.wr(EVT, 0, 8)
    t.say("By process: no request has one")
    t.wr(CTR, 0, 8)
    t.wr(EVT, UNTRANSLATED | PVF, 8)
    t.ok(8, IOVA, DATA + 0x8000)
    t.rd(CTR, 0, 8)
    t.say("Walks and misses, of caches that are empty")
    for n, event in enumerate((TLB_MISS, DIRECTORY_WALK, FIRST_STAGE_WALK)):
        t.wr(EVT + 8 * n, 0, 8)
        t.wr(CTR + 8 * n, 0, 8)
        t.wr(EVT + 8 * n, event, 8)
    for n in range(3):
        t.flush()
        t.ok(8, IOVA, DATA + 0x8000)
    for n in range(3):
        t.rd(CTR + 8 * n, 3, 8)
    t.say("Overflow: the counter goes on from 0, OF stays, one interrupt")
    for n in range(4):
        t.wr(EVT + 8 * n, 0, 8)
    t.wr(CTR + 8, (1 << 40) - 2, 8)
    t.wr(EVT + 8, UNTRANSLATED, 8)
    t.ok(8, IOVA, DATA + 0x8000)
    t.rd(IPSR, 0)
    t.rd(OVF, 0)
    t.ok(8, IOVA, DATA + 0x8000)
    t.settle()
    t.rd(CTR + 8, 0, 8)
    t.rd(EVT + 8, OF | UNTRANSLATED, 8)
    t.rd(OVF, 4)
    t.rd(IPSR, PMIP)
    t.wr(IPSR, PMIP)
    t.settle()
    t.rd(IPSR, 0)
    t.say("With OF set the next overflow does not interrupt; cleared, it does")
    t.wr(CTR + 8, (1 << 40) - 1, 8)
    t.ok(8, IOVA, DATA + 0x8000)
    t.settle()
    t.rd(CTR + 8, 0, 8)
    t.rd(IPSR, 0)
    t.wr(EVT + 8, UNTRANSLATED, 8)
    t.rd(OVF, 0)
    t.wr(CTR + 8, (1 << 40) - 1, 8)
    t.ok(8, IOVA, DATA + 0x8000)
    t.settle()
    t.rd(IPSR, PMIP)
    t.say("In halves")
    t.wr(CTR + 4 + 24, 0xFF)
    t.wr(CTR + 24, 0xFFFF_FFFE)
    t.rd(CTR + 24, 0xFF_FFFF_FFFE, 8)
    t.rd(CTR + 28, 0xFF)
    t.say("OF can be set by software; the cycle counter's too")
    t.wr(EVT + 16, OF, 8)
    t.wr(CYCLES, OF | 0x1234, 8)
    t.rd(OVF, 1 | 1 << 2 | 1 << 3)
    t.rd(CYCLES, OF | 0x1234, 8)
    return t


def invalidation():
    t = Trace("What each command makes the IOMMU forget, and what it may not have kept.")
    t.start()
    at = {did: t.space(did, pscid=did) for did in (1, 2)}

    def map_both(hpa, flags=LEAF):
        for did in (1, 2):
            t.mem(at[did][0], entry(hpa + did * 4096, flags))

    def ask(did, hpa):
        t.ok(did, IOVA, hpa + did * 4096)

    hpa = DATA
    map_both(hpa)
    for did in (1, 2):
        ask(did, hpa)
    for name, command in (("all", (VMA, 0)), ("an address in every space", (VMA | AV, IOVA >> 2)),
                          ("an address outside what there is", (VMA, 1 << 61))):
        t.say(f"IOTINVAL.VMA of {name}, and a fence")
        hpa += 0x10_0000
        map_both(hpa)
        t.command(*command)
        t.command(FENCE | PR | PW)
        t.done()
        for did in (1, 2):
            ask(did, hpa)
    t.say("Of one space, whole or one address: the other may keep what it has, and is done next")
    for extra, address in ((0, 0), (AV, IOVA >> 2)):
        hpa += 0x10_0000
        for did in (1, 2):
            t.mem(at[did][0], entry(hpa + did * 4096, LEAF))
            t.command(VMA | PSCV | extra | did << 12, address)
            t.command(FENCE | PR | PW)
            t.done()
            ask(did, hpa)
    t.say("Global mappings: invalidated by an address or by all, without a PSCID")
    map_both(hpa, LEAF | G)
    t.flush_all = t.command(VMA)
    t.command(FENCE)
    for did in (1, 2):
        ask(did, hpa)
    hpa += 0x10_0000
    map_both(hpa, LEAF | G)
    t.command(VMA | AV, IOVA >> 2)
    t.command(FENCE)
    for did in (1, 2):
        ask(did, hpa)
    t.say("A pointer above the leaf: invalidated without an address")
    for level in (1, 2):
        hpa += 0x10_0000
        new = t.table()
        below = new
        for lower in range(level - 1, 0, -1):
            t.mem(below + 8 * (IOVA >> 12 + 9 * lower & 511), entry(t.table(), V))
            below = t.next_table - 4096
        t.mem(below + 8 * (IOVA >> 12 & 511), entry(hpa + 4096, LEAF))
        t.mem(at[1][level], entry(new, V))
        t.command(VMA | PSCV | 1 << 12)
        t.command(FENCE)
        t.done()
        ask(1, hpa)
    t.say("A leaf becomes a superpage and back")
    t.mem(at[2][1], entry(7 << 30, LEAF))
    t.command(VMA | PSCV | 2 << 12)
    t.command(FENCE)
    t.ok(2, IOVA, 7 << 30 | IOVA & 0x1F_FFFF)
    last = t.table()
    t.mem(last + 8 * (IOVA >> 12 & 511), entry(hpa + 0x2000, LEAF))
    t.mem(at[2][1], entry(last, V))
    t.command(VMA | PSCV | 2 << 12)
    t.command(FENCE)
    t.ok(2, IOVA, hpa + 0x2000)
    t.ur(2, IOVA ^ 0x1000, 13)
    t.say("More rights: a write that was refused is allowed once D is there and the entry invalidated")
    t.mem(last + 8 * (IOVA >> 12 & 511), entry(hpa + 0x2000, LEAF & ~D))
    t.command(VMA | AV | PSCV | 2 << 12, IOVA >> 2)
    t.command(FENCE)
    t.ok(2, IOVA, hpa + 0x2000)
    t.ur(2, IOVA, 15, "w")
    t.mem(last + 8 * (IOVA >> 12 & 511), entry(hpa + 0x2000, LEAF))
    t.command(VMA | AV | PSCV | 2 << 12, IOVA >> 2)
    t.command(FENCE)
    t.ok(2, IOVA, hpa + 0x2000, "w")
    t.say("Contexts: one device, all devices")
    for low in (DDT | DV | 1 << 40, DDT):
        t.context(1)
        t.command(low)
        t.command(FENCE)
        t.ok(1, IOVA, IOVA)
        t.context(1, tc=0)
        t.command(low)
        t.command(FENCE)
        t.ur(1, IOVA, 258)
        t.say("Not valid is not kept")
        t.context(1, tc=V | 1 << 24)
        t.ok(1, IOVA + 4, IOVA + 4)
    t.say("Entries that are not valid are not kept, at any level")
    fresh = t.table()
    t.context(6, ta=6 << 12, fsc=SV39_MODE | fresh >> 12)
    tables = [t.table(), t.table()]
    t.ur(6, IOVA, 13)
    t.mem(fresh + 8 * (IOVA >> 30 & 511), entry(tables[0], V))
    t.ur(6, IOVA, 13)
    t.mem(tables[0] + 8 * (IOVA >> 21 & 511), entry(tables[1], V))
    t.ur(6, IOVA, 15, "w")
    for page in range(8):   # neighbours come one after the other
        t.mem(tables[1] + 8 * (IOVA >> 12 & ~7 & 511) + 8 * page, entry(DATA + page * 4096, LEAF))
        t.ok(6, (IOVA & ~0x7FFF) + page * 4096, DATA + page * 4096)
    t.say("Another directory: what the old one said is gone")
    t.mode(OFF)
    other = t.table()
    t.context(1, at=other)
    t.mode(LVL1, other)
    t.ok(1, 0x1234, 0x1234)
    t.ur(6, IOVA, 258)
    t.records()
    return t


TRACES = {"directory": directory, "contexts": contexts, "pages": pages, "superpages": superpages, "napot": napot, "sv48": sv48,
          "commands": commands, "faults": faults, "registers": registers, "linux-probe": linux_probe,
          "interrupts": interrupts, "msi": msi, "debug": debug, "counters": counters, "invalidation": invalidation}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    mode = parser.add_mutually_exclusive_group(required=True)
    mode.add_argument("--check", action="store_true")
    mode.add_argument("--write", action="store_true")
    args = parser.parse_args()
    status = 0
    for name, make in TRACES.items():
        path, text = FOLDER / f"{name}.trace", "\n".join(make().lines) + "\n"
        if args.write:
            FOLDER.mkdir(exist_ok=True)
            path.write_text(text)
        elif not path.exists() or path.read_text() != text:
            print(f"{path.relative_to(FOLDER.parent.parent)} is not what scripts/iommu_traces.py makes", file=sys.stderr)
            status = 1
    return status


if __name__ == "__main__":
    sys.exit(main())
