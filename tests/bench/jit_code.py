# SPDX-License-Identifier: GPL-2.0
"""What the kernel's compiler made of a program: instructions of x86-64 by the number of the one that each was made of."""

import collections
import re
import struct
import subprocess
import sys
import tempfile

from jit_bpf import BTF_BY_ID, CALL, INFO_SIZE, at, bpf, buffer, info_of
from jit_stack import of_stack

CACHE_LINE = 64
TARGET = re.compile(r"0x([0-9a-f]+)$")
MEMORY = re.compile(r"\[|\bgs:") # gs: the CPU's own

Machine = collections.namedtuple("Machine", "address size text")


# Offsets in struct bpf_prog_info: how many, the pointer, and bytes of each.
TAKEN = {"code": (16, 24, 1), "functions": (104, 112, 8), "lengths": (108, 120, 4), "lines": (148, 152, 16),
         "line_addresses": (168, 160, 8)}


def taken_from(fd):
    """Each of TAKEN as bytes."""
    info, asked, taken = info_of(fd, buffer(b"", INFO_SIZE)), buffer(b"", INFO_SIZE), {}
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
    btf_id = struct.unpack_from("=I", info_of(fd, buffer(b"", INFO_SIZE)), 128)[0]
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

    def run_of(self, n, missed=False):
        """Of instruction n: an inlined look-up finds what it looks for, and jumps over what stands for nothing; unless it
        missed, when it jumps over what is done with an entry."""
        behind = 0
        for machine in self.of.get(n, ()):
            if machine.address < behind:
                continue
            found = TARGET.search(machine.text)
            behind = int(found[1], 16) if found and machine.text.startswith("je" if missed else "jmp") else 0
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
    if not MEMORY.search(operands) or name.startswith(("lea", "nop", "prefetch")):
        return False, False
    to_memory = MEMORY.search(operands.split(",")[0]) is not None
    if name.startswith("mov"):
        return not to_memory, to_memory
    return True, to_memory and name in WRITES


def is_stack(text, names_stack, is_call):
    """`names_stack`: of the instruction that it was made of; of an inlined look-up, whose key is where the second argument is."""
    return re.search(r"\[rbp|\[rsp", text) is not None or (names_stack and (not is_call or "[rsi" in text))


def kind_of(text, names_stack, is_call):
    loads, stores = accesses(text)
    word = {(True, False): "load", (False, True): "store", (True, True): "both"}.get((loads, stores), "")
    return "stack" if word and is_stack(text, names_stack, is_call) else word


def machine_of(part):
    """As it is come past: the number of an instruction, what was made of it, and of what kind that is."""
    stack = of_stack(part.traced.insns, part.way)
    for n in part.way:
        for machine in part.code.run_of(part.traced.origin[n], n in part.missed):
            yield n, machine, kind_of(machine.text, n in stack, part.traced.insns[n].code == CALL)


def summary(parts):
    """Of a way through one program, or through several by tail calls."""
    figures = dict.fromkeys(("instructions", "loads", "stores", "stack", "locked", "calls", "functions", "bytes"), 0)
    called, lines = collections.Counter(), set()
    for part in parts:
        for _, machine, kind in machine_of(part):
            whom, own = part.code.called(machine.text)
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
    figures.update(lines=len(lines), called=dict(called), all_instructions=sum(part.code.total for part in parts),
                   all_bytes=sum(part.code.bytes for part in parts))
    return figures
