#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Which instructions of a program's machine code a packet really runs: jit.py [-c CONTEXT] [-o LISTING] [-t] TRACED PIN FRAME

TRACED is the program as build/bench/bulkhead_traced wrote it, PIN the pin of the same one, which the packet is shown first, so
that its state is there. x86-64 alone.

The kernel is asked twice. Where the packet goes is seen by programs that end on the way: one for each branch,
which counts and ends behind it where it is not taken. What the machine does there is the kernel's own machine code
(BPF_OBJ_GET_INFO_BY_FD), of the program loaded once more with a line of source for each of its instructions, so that the
kernel says where the code of each begins; objdump reads it. Prints one line of JSON. LISTING gets the way, by lines of source;
with -t, also what programs take that end before and behind each call.
"""

import bisect
import collections
import ctypes
import getopt
import json
import os
import platform
import re
import statistics
import struct
import subprocess
import sys
import tempfile
import time

PACKETS = 40 # so few that most come within one jiffy
BEFORE = 3000 # by the whole program: more than the events of a second
CACHE_LINE = 64
SYS_BPF = 321
MAP_CREATE, MAP_LOOKUP, MAP_UPDATE, PROG_LOAD, OBJ_GET, TEST_RUN, MAP_BY_ID, INFO_BY_FD, BTF_BY_ID = 0, 1, 2, 5, 7, 10, 14, 15, 19
ARRAY = 2
LOAD_64, CALL, EXIT, JUMP_ALWAYS = 0x18, 0x85, 0x95, 0x05
MAP_FD, MAP_VALUE, OWN_FUNCTION = 1, 2, 1
TAIL_CALL = 12
TARGET = re.compile(r"0x([0-9a-f]+)$")

libc = ctypes.CDLL(None, use_errno=True)
Insn = collections.namedtuple("Insn", "code dst src off imm")
Machine = collections.namedtuple("Machine", "address size text")


# ---- bpf(2) ----

def bpf(command, layout, *fields):
    """The descriptor or 0, and bpf_attr as the kernel left it."""
    attr = ctypes.create_string_buffer(struct.pack(layout, *fields), 152)
    result = libc.syscall(ctypes.c_long(SYS_BPF), ctypes.c_long(command), ctypes.c_long(ctypes.addressof(attr)),
                          ctypes.c_long(len(attr)))
    if result < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return result, attr.raw


def buffer(data, size=None):
    return ctypes.create_string_buffer(bytes(data), len(data) if size is None else size)


def at(data):
    return ctypes.addressof(data) if data else 0


def info_of(fd, info):
    bpf(INFO_BY_FD, "=IIQ", fd, len(info), at(info))
    return info


def pack(insns):
    return b"".join(struct.pack("=BBhi", i.code, i.dst | i.src << 4, i.off, i.imm) for i in insns)


class Traced:
    """A program, to be loaded in its variants."""

    def __init__(self, path):
        with open(path, "rb") as file:
            data = file.read()
        self.type, self.attach_type, self.flags, count, n_lines, _ = struct.unpack_from("=6I", data)
        raw = [struct.unpack_from("=BBhi", data, 24 + 8 * i) for i in range(count)]
        self.insns = [Insn(code, registers & 15, registers >> 4, off, imm) for code, registers, off, imm in raw]
        self.lines = [struct.unpack_from("=4I", data, 24 + 8 * count + 16 * i) for i in range(n_lines)]
        self.maps = {}
        self.insns = [i._replace(imm=self.map_of(i.imm)) if i.code == LOAD_64 and i.src in (MAP_FD, MAP_VALUE) else i
                      for i in self.insns]
        self.wide = {n + 1 for n, i in enumerate(self.insns) if i.code == LOAD_64} # second halves

    def map_of(self, map_id):
        if map_id not in self.maps:
            self.maps[map_id] = bpf(MAP_BY_ID, "=I", map_id)[0]
        return self.maps[map_id]

    def load(self, insns, btf=0, lines=b""):
        code, licence, line_info, log = buffer(pack(insns)), buffer(b"GPL\0"), buffer(lines), buffer(b"", 1 << 16)
        fields = (self.type, len(insns), at(code), at(licence), 0, 0, 0, 0, self.flags, b"bench", 0, self.attach_type, btf, 0, 0,
                  0, 16 if lines else 0, at(line_info), len(lines) // 16)
        layout = "=IIQQIIQII16sIIIIQIIQI"
        try:
            return bpf(PROG_LOAD, layout, *fields)[0]
        except OSError:
            with_log = fields[:4] + (1, len(log), at(log)) + fields[7:]
            try:
                bpf(PROG_LOAD, layout, *with_log)
            except OSError as error:
                sys.exit("jit.py: a variant was refused: %s\n%s" % (error, log.value.decode(errors="replace")[-2000:]))
            raise

    def line_of(self, n):
        """The record of source that instruction n lies behind."""
        return self.lines[max(bisect.bisect_right([line[0] for line in self.lines], n) - 1, 0)]

    def load_dense(self, btf):
        """With a line for each instruction, whose number is in the place of the line's."""
        lines = b"".join(struct.pack("=4I", n, *self.line_of(n)[1:3], n << 10) for n in range(len(self.insns)) if n not in self.wide)
        return self.load(self.insns, btf, lines)

    def with_insertion(self, where, inserted, jumps_too=False):
        """What falls through to `where` runs `inserted` first, and what jumps there does where jumps_too says so."""
        def moved(n, is_target=False):
            return n if n < where or (jumps_too and is_target and n == where) else n + len(inserted)
        insns = []
        for n, insn in enumerate(self.insns):
            if n == where:
                insns += inserted
            target = jump_target(insn, n)
            if target is not None:
                insn = insn._replace(off=moved(target, True) - moved(n) - 1)
            elif insn.code == CALL and insn.src == OWN_FUNCTION:
                insn = insn._replace(imm=moved(n + 1 + insn.imm) - moved(n) - 1)
            insns.append(insn)
        return insns


def is_jump(insn):
    return insn.code & 7 in (5, 6) and insn.code not in (CALL, EXIT)


def jump_target(insn, n):
    return n + 1 + insn.off if is_jump(insn) else None


# The verifier knows that the branch is not taken: what stands behind is reached for it, and not followed.
ENDS = [Insn(0xb7, 0, 0, 0, 0), Insn(0x55, 0, 0, 1, 0), Insn(EXIT, 0, 0, 0, 0)]


def counts_and_ends(counter):
    return [Insn(LOAD_64, 1, MAP_VALUE, 0, counter), Insn(0, 0, 0, 0, 0), Insn(0x79, 2, 1, 0, 0), Insn(0x07, 2, 0, 0, 1),
            Insn(0x7b, 1, 2, 0, 0)] + ENDS


# ---- running ----

class Runner:
    def __init__(self, pin, frame, context):
        name = buffer(pin.encode() + b"\0")
        self.whole = bpf(OBJ_GET, "=QII", at(name), 0, 0)[0]
        self.frame, self.context = buffer(frame), buffer(context)
        self.counter = bpf(MAP_CREATE, "=IIIII", ARRAY, 4, 8, 1, 0)[0]

    def run(self, fd, repeat):
        attr = bpf(TEST_RUN, "=IIIIQQIIIIQQIII", fd, 0, len(self.frame), 0, at(self.frame), 0, repeat, 0, len(self.context), 0,
                   at(self.context), 0, 0, 0, 0)[1]
        return struct.unpack_from("=i", attr, 4)[0]

    def counted(self, fd):
        """Of PACKETS."""
        key, value = buffer(bytes(4)), buffer(bytes(8))
        bpf(MAP_UPDATE, "=IIQQQ", self.counter, 0, at(key), at(value), 0)
        self.run(self.whole, BEFORE)
        self.run(fd, PACKETS)
        bpf(MAP_LOOKUP, "=IIQQQ", self.counter, 0, at(key), at(value), 0)
        return struct.unpack("=Q", value.raw)[0]

    def falls_through(self, fd):
        return statistics.median(self.counted(fd) for _ in range(3)) * 2 > PACKETS

    def takes(self, fds, rounds=9, repeat=50000):
        """Nanoseconds of each, by turns."""
        told = [[] for _ in fds]
        for _ in range(rounds):
            self.run(self.whole, BEFORE)
            for fd, figures in zip(fds, told):
                start = time.thread_time_ns()
                self.run(fd, repeat)
                figures.append((time.thread_time_ns() - start) / repeat)
        return [min(figures) for figures in told]


# ---- the way ----

def walk(traced, runner, n, way):
    """Appends the numbers of the instructions that run from n on to the function's end."""
    while True:
        insn = traced.insns[n]
        way.append(n)
        if insn.code == EXIT or (insn.code == CALL and insn.src == 0 and insn.imm == TAIL_CALL):
            return
        if insn.code == CALL and insn.src == OWN_FUNCTION:
            walk(traced, runner, n + 1 + insn.imm, way)
        target = jump_target(insn, n)
        if target is None or insn.code == JUMP_ALWAYS:
            n = target if target is not None else n + (2 if insn.code == LOAD_64 else 1)
        else:
            fd = traced.load(traced.with_insertion(n + 1, counts_and_ends(runner.counter)))
            n = n + 1 if runner.falls_through(fd) else target
            os.close(fd)


# ---- machine code ----

# Offsets in struct bpf_prog_info: how many, the pointer, and bytes of each.
TAKEN = {"code": (16, 24, 1), "functions": (104, 112, 8), "lengths": (108, 120, 4), "lines": (148, 152, 16),
         "line_addresses": (168, 160, 8)}


def taken_from(fd):
    """Each of TAKEN as bytes."""
    info, asked, taken = info_of(fd, buffer(b"", 232)), buffer(b"", 232), {}
    struct.pack_into("=I", asked, 172, 16)
    struct.pack_into("=I", asked, 176, 8)
    for name, (count_at, pointer_at, each) in TAKEN.items():
        count = struct.unpack_from("=I", info, count_at)[0]
        taken[name] = buffer(b"", count * each)
        struct.pack_into("=I", asked, count_at, count)
        struct.pack_into("=Q", asked, pointer_at, at(taken[name]))
    info_of(fd, asked)
    return {name: data.raw for name, data in taken.items()}


def btf_of(fd):
    """A descriptor of a program's BTF, and its strings."""
    btf_id = struct.unpack_from("=I", info_of(fd, buffer(b"", 232)), 128)[0]
    if not btf_id:
        sys.exit("jit.py: the program has no BTF: it was not loaded by bulkhead_traced")
    btf = bpf(BTF_BY_ID, "=I", btf_id)[0]
    data = buffer(b"", 1 << 22)
    info_of(btf, buffer(struct.pack("=QII", at(data), len(data), 0), 32))
    header, strings_at, size = struct.unpack_from("=I8xII", data, 4)
    return btf, data.raw[header + strings_at:header + strings_at + size]


def words(data, layout):
    return [word[0] if len(word) == 1 else word for word in struct.iter_unpack(layout, data)]


def disassemble(code, address):
    with tempfile.NamedTemporaryFile() as file:
        file.write(code)
        file.flush()
        told = subprocess.run(["objdump", "-D", "-b", "binary", "-m", "i386:x86-64", "-M", "intel", "-w",
                               "--adjust-vma=%#x" % address, file.name], stdout=subprocess.PIPE, text=True, check=True).stdout
    found = re.findall(r"^\s*([0-9a-f]+):\t((?:[0-9a-f]{2} )+)\s*\t(.*)$", told, re.M)
    return [Machine(int(where, 16), len(octets.split()), " ".join(text.split("#")[0].split())) for where, octets, text in found]


class MachineCode:
    """By the number of the instruction that it was made of; what lies before the first of a function is the first's."""

    def __init__(self, fd):
        taken = taken_from(fd)
        with open("/proc/kallsyms", encoding="utf-8") as file:
            self.symbols = {int(address, 16): name for address, _, name in (line.split()[:3] for line in file)}
        starts = {}
        for address, line in zip(words(taken["line_addresses"], "=Q"), words(taken["lines"], "=4I")):
            starts.setdefault(address, []).append(line[3] >> 10)
        self.of, self.total, start = {}, 0, 0
        self.bytes = len(taken["code"])
        self.own = set(words(taken["functions"], "=Q"))
        for address, length in zip(words(taken["functions"], "=Q"), words(taken["lengths"], "=I")):
            number = None
            for machine in disassemble(taken["code"][start:start + length], address):
                number = starts[machine.address][-1] if machine.address in starts else number
                self.total += 1
                self.of.setdefault(number, []).append(machine)
            start += length

    def run_of(self, n):
        """Of instruction n: an inlined look-up finds what it looks for, and jumps over what stands for nothing."""
        behind = 0
        for machine in self.of.get(n, ()):
            if machine.address < behind:
                continue
            found = TARGET.search(machine.text)
            behind = int(found[1], 16) if found and machine.text.startswith("jmp") else 0
            yield machine

    def called(self, text):
        """Whom an instruction calls, if any; and whether it is a function of the program's own."""
        if not text.startswith("call"):
            return None, False
        found = TARGET.search(text)
        address = int(found[1], 16) if found else 0
        return self.symbols.get(address, text).split("\t")[0], address in self.own


WRITES = ("add", "sub", "and", "or", "xor", "inc", "dec", "not", "neg", "shl", "shr", "xadd", "cmpxchg", "xchg")


def accesses(text):
    """Whether an instruction loads from, and whether it stores to, memory that it names."""
    name, _, operands = re.sub(r"^(lock|data16|cs) ", "", text).partition(" ")
    if "[" not in operands or name.startswith(("lea", "nop", "prefetch")):
        return False, False
    to_memory = "[" in operands.split(",")[0]
    if name.startswith("mov"):
        return not to_memory, to_memory
    return True, to_memory and name in WRITES


def is_stack(text):
    return re.search(r"\[rbp|\[rsp", text) is not None


def kind_of(text):
    loads, stores = accesses(text)
    word = {(True, False): "load", (False, True): "store", (True, True): "both"}.get((loads, stores), "")
    return "stack" if word and is_stack(text) else word


def summary(way, code):
    figures = dict.fromkeys(("instructions", "loads", "stores", "stack", "locked", "calls", "functions", "bytes"), 0)
    called, lines = collections.Counter(), set()
    for n in way:
        for machine in code.run_of(n):
            kind, (whom, own) = kind_of(machine.text), code.called(machine.text)
            figures["instructions"] += 1
            figures["bytes"] += machine.size
            figures["stack"] += kind == "stack"
            figures["loads"] += kind in ("load", "both")
            figures["stores"] += kind in ("store", "both")
            figures["locked"] += machine.text.startswith(("lock ", "xchg "))
            lines.update(range(machine.address // CACHE_LINE, (machine.address + machine.size - 1) // CACHE_LINE + 1))
            if whom:
                called[whom] += 1
                figures["functions" if own else "calls"] += 1
    figures.update(lines=len(lines), called=dict(called), all_instructions=code.total, all_bytes=code.bytes)
    return figures


def string_at(strings, offset):
    return strings[offset:strings.index(b"\0", offset)].decode()


def listing(way, code, traced, strings, taken):
    before = None
    for n in way:
        line = traced.line_of(n)
        if line != before and n in code.of:
            yield "%s:%d: %s" % (os.path.relpath(string_at(strings, line[1])), line[3] >> 10, string_at(strings, line[2]).strip())
        before = line if n in code.of else before
        for machine in code.run_of(n):
            whom, _ = code.called(machine.text)
            yield "    %-5s  %s%s" % (kind_of(machine.text), machine.text, " <%s>" % whom if whom else "")
        if n in taken:
            yield "    ^ %.1f ns from the start to here, %.1f ns behind it: %.1f ns" % (*taken[n], taken[n][1] - taken[n][0])


def call_times(traced, runner, way):
    """{number of a call: (what ends before it takes, what ends behind it)}, of the program's own function first in the way."""
    depth, calls = 0, []
    for n in way:
        insn = traced.insns[n]
        if depth == 0 and insn.code == CALL and not (insn.src == 0 and insn.imm == TAIL_CALL):
            calls.append(n)
        depth += (insn.code == CALL and insn.src == OWN_FUNCTION) - (insn.code == EXIT)
    fds = [traced.load(traced.with_insertion(n + behind, ENDS, not behind)) for n in calls for behind in (0, 1)]
    told = runner.takes(fds + [runner.whole])
    for fd in fds:
        os.close(fd)
    return {n: (told[2 * i], told[2 * i + 1]) for i, n in enumerate(calls)}, told[-1]


def main():
    options, (traced_path, pin, frame_path) = getopt.getopt(sys.argv[1:], "c:o:t")
    options = dict(options)
    if platform.machine() != "x86_64":
        sys.exit("jit.py: it reads the machine code of x86-64 alone, and this is %s" % platform.machine())
    read = {}
    for name, path in (("frame", frame_path), ("context", options.get("-c", os.devnull))):
        with open(path, "rb") as file:
            read[name] = file.read()
    runner, traced = Runner(pin, read["frame"], read["context"]), Traced(traced_path)
    btf, strings = btf_of(runner.whole)
    verdict = runner.run(runner.whole, BEFORE) # what the first of them opens is there for the others
    code, way = MachineCode(traced.load_dense(btf)), []
    walk(traced, runner, 0, way)
    figures = summary(way, code)
    figures["verdict"] = verdict
    taken = {}
    if "-t" in options:
        taken, figures["ns"] = call_times(traced, runner, way)
    if "-o" in options:
        with open(options["-o"], "w", encoding="utf-8") as file:
            file.write("\n".join(listing(way, code, traced, strings, taken)) + "\n")
    print(json.dumps(figures))


main()
