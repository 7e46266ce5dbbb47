# SPDX-License-Identifier: GPL-2.0
"""bpf(2), and a program as build/bench/bulkhead_traced wrote it, loaded in its variants. What is refused ends the tool."""

import bisect
import collections
import ctypes
import os
import struct
import sys

SYS_BPF = 321
MAP_CREATE, MAP_LOOKUP, MAP_UPDATE, PROG_LOAD, OBJ_GET, TEST_RUN, PROG_BY_ID, MAP_BY_ID = 0, 1, 2, 5, 7, 10, 13, 14
INFO_BY_FD, BTF_BY_ID, LINK_CREATE, ENABLE_STATS = 15, 19, 28, 32
ARRAY, PROG_ARRAY = 2, 3
LOAD_64, CALL, EXIT, JUMP_ALWAYS = 0x18, 0x85, 0x95, 0x05
MAP_FD, MAP_VALUE, OWN_FUNCTION = 1, 2, 1
LOOK_UP, TAIL_CALL, RANDOM = 1, 12, 7
INFO_SIZE = 232

libc = ctypes.CDLL(None, use_errno=True)
Insn = collections.namedtuple("Insn", "code dst src off imm")


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


def new_map(kind, value_size, entries):
    return bpf(MAP_CREATE, "=IIIII", kind, 4, value_size, entries, 0)[0]


def map_write(fd, index, value):
    key, data = buffer(struct.pack("=I", index)), buffer(value)
    bpf(MAP_UPDATE, "=IIQQQ", fd, 0, at(key), at(data), 0)


def map_read(fd, index, size):
    key, data = buffer(struct.pack("=I", index)), buffer(b"", size)
    bpf(MAP_LOOKUP, "=IIQQQ", fd, 0, at(key), at(data), 0)
    return data.raw


def pack(insns):
    return b"".join(struct.pack("=BBhi", i.code, i.dst | i.src << 4, i.off, i.imm) for i in insns)


class Traced:
    """A program, to be loaded in its variants. Where it calls others by tail calls: by an array of its own, `calls`."""

    def __init__(self, path):
        with open(path, "rb") as file:
            data = file.read()
        self.type, self.attach_type, self.flags, count, n_lines, _ = struct.unpack_from("=6I", data)
        raw = [struct.unpack_from("=BBhi", data, 24 + 8 * i) for i in range(count)]
        self.insns = [Insn(code, registers & 15, registers >> 4, off, imm) for code, registers, off, imm in raw]
        self.lines = [struct.unpack_from("=4I", data, 24 + 8 * count + 16 * i) for i in range(n_lines)]
        self.maps, self.calls, self.called = {}, None, None
        self.insns = [i._replace(imm=self.map_of(i.imm)) if i.code == LOAD_64 and i.src in (MAP_FD, MAP_VALUE) else i
                      for i in self.insns]
        self.wide = {n + 1 for n, i in enumerate(self.insns) if i.code == LOAD_64} # second halves
        self.origin = list(range(count)) # of what is copied

    def map_of(self, map_id):
        if map_id not in self.maps:
            self.maps[map_id] = bpf(MAP_BY_ID, "=I", map_id)[0]
            kind, _, _, _, entries = struct.unpack_from("=5I", info_of(self.maps[map_id], buffer(b"", 80)))
            if kind == PROG_ARRAY:
                self.called, self.calls = self.maps[map_id], new_map(PROG_ARRAY, 4, entries)
                self.maps[map_id] = self.calls
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
        lines = b"".join(struct.pack("=4I", n, *self.line_of(n)[1:3], n << 10)
                         for n in range(len(self.insns)) if n not in self.wide)
        return self.load(self.insns, btf, lines)

    def enter(self, n):
        """The first instruction of the function that n calls: of a copy, where there are other calls of it, so that each branch
        of a way is met once in a packet."""
        start, copy = n + 1 + self.insns[n].imm, len(self.insns)
        calls = [m + 1 + i.imm for m, i in enumerate(self.insns) if is_own_call(i)]
        if calls.count(start) == 1:
            return start
        starts = sorted({0, copy, *calls})
        end = starts[starts.index(start) + 1]
        self.insns += [i._replace(imm=i.imm - copy + start) if is_own_call(i) else i for i in self.insns[start:end]]
        self.origin += self.origin[start:end]
        self.insns[n] = self.insns[n]._replace(imm=copy - n - 1)
        return copy

    def load_with(self, *insertions):
        """`insertions`: as inserted() takes them."""
        insns = self.insns
        for insertion in sorted(insertions, key=lambda one: one[0], reverse=True):
            insns = inserted(insns, *insertion)
        return self.load(insns)


def inserted(insns, where, code, jumps_too=False):
    """What falls through to `where` runs `code` first, and what jumps there does where jumps_too says so."""
    def moved(n, is_target=False):
        return n if n < where or (jumps_too and is_target and n == where) else n + len(code)
    result = []
    for n, insn in enumerate(insns):
        if n == where:
            result += code
        target = jump_target(insn, n)
        if target is not None:
            insn = insn._replace(off=moved(target, True) - moved(n) - 1)
        elif is_own_call(insn):
            insn = insn._replace(imm=moved(n + 1 + insn.imm) - moved(n) - 1)
        result.append(insn)
    return result


def is_own_call(insn):
    return insn.code == CALL and insn.src == OWN_FUNCTION


def is_look_up(insn):
    return insn.code == CALL and insn.src == 0 and insn.imm == LOOK_UP


def is_tail_call(insn):
    return insn.code == CALL and insn.src == 0 and insn.imm == TAIL_CALL


def is_jump(insn):
    return insn.code & 7 in (5, 6) and insn.code not in (CALL, EXIT)


def jump_target(insn, n):
    return n + 1 + insn.off if is_jump(insn) else None


def load_map(register, fd, value=False):
    return [Insn(LOAD_64, register, MAP_VALUE if value else MAP_FD, 0, fd), Insn(0, 0, 0, 0, 0)]


def ends(verdict=0):
    """The verifier knows that the branch is not taken: what stands behind is reached for it, and not followed."""
    return [Insn(0xb7, 0, 0, 0, verdict), Insn(0x15 if verdict else 0x55, 0, 0, 1, 0), Insn(EXIT, 0, 0, 0, 0)]


# The counter's words: how many; and whether the packet at hand has come to its end.

def begins(counter):
    return load_map(2, counter, value=True) + [Insn(0x7a, 2, 0, 8, 0)]


def counts_and_ends(counter, verdict):
    return (load_map(1, counter, value=True) + [Insn(0x79, 2, 1, 0, 0), Insn(0x07, 2, 0, 0, 1), Insn(0x7b, 1, 2, 0, 0),
                                                Insn(0x7a, 1, 0, 8, 1)] + ends(verdict))


def unless_found(code):
    """Behind a look-up."""
    return [Insn(0x55, 0, 0, len(code), 0)] + code


def ends_too(counter, verdict):
    """Behind a call of a function in which that was."""
    return (load_map(1, counter, value=True) + [Insn(0x79, 1, 1, 8, 0), Insn(0x15, 1, 0, 2, 0), Insn(0xb7, 0, 0, 0, verdict),
                                                Insn(EXIT, 0, 0, 0, 0)])


def tells_callee(counter):
    """In the place of a tail call: for which of the programs it is."""
    return load_map(1, counter, value=True) + [Insn(0x7b, 1, 3, 0, 0)] + ends()
