#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Which instructions of a program's machine code a packet really runs:

  jit.py [-c CONTEXT] [-s AT,BASE,COUNT] [-o LISTING] [-t] TRACED PIN FRAME
  jit.py -g CGROUP,INSIDE,OUTSIDE [-o LISTING] [-t] TRACED PIN out-udp|out-tcp|in-udp|in-tcp|connect

TRACED is the program as build/bench/bulkhead_traced wrote it, PIN the pin of the same one, which the packet is shown first, so
that its state is there. With -s each packet has a random word at byte AT, from BASE to BASE + COUNT - 1. With -g packets
are those of sockets in a cgroup and a network namespace, to a host outside or from it. x86-64 alone.

The kernel is asked twice. Where the packet goes is seen by programs that end on the way: one for each branch,
which counts and ends behind it where it is not taken. What the machine does there is the kernel's own machine code
(BPF_OBJ_GET_INFO_BY_FD), of the program loaded once more with a line of source for each of its instructions, so that the
kernel says where the code of each begins; objdump reads it. Each call has its function for itself, by a copy, and each tail
call its program: a branch is met once in a packet. Prints one line of JSON. LISTING gets the way, by lines of source, and in
the end its loads alone; with -t, also what programs take that end before and behind each call.
"""

import collections
import getopt
import itertools
import json
import os
import platform
import struct
import sys

sys.dont_write_bytecode = True # of its parts, among the sources
from jit_bpf import (CALL, EXIT, INFO_SIZE, JUMP_ALWAYS, LOAD_64, PROG_BY_ID, Traced, begins, bpf, buffer, counts_and_ends,
                     ends_too, info_of, is_look_up, is_own_call, is_tail_call, jump_target, map_read, map_write, tells_callee,
                     unless_found)
from jit_code import MachineCode, btf_of, machine_of, summary
from jit_run import InCgroup, TestRun, Traffic


class Part:
    """Of a way: what lies in one program. `entry_of` gives what the runner runs so that the packet meets a variant of it."""

    def __init__(self, path, fd, entry_of):
        self.name, self.traced, self.entry_of = os.path.basename(path), Traced(path), entry_of
        btf, self.strings = btf_of(fd)
        self.code = MachineCode(self.traced.load_dense(btf))
        self.way, self.missed, self.calls, self.taken = [], set(), [], {}

    def source_of(self, n):
        _, name, text, line = self.traced.line_of(self.traced.origin[n])
        return "%s:%d: %s" % (os.path.relpath(self.string_at(name)), line >> 10, self.string_at(text).strip())

    def string_at(self, offset):
        return self.strings[offset:self.strings.index(b"\0", offset)].decode()


def ends_at(part, runner, n, callers, when=lambda code: code, jumps_too=False):
    """A variant that counts and ends where a packet falls through to n. `callers`: of the function that n lies in, each by its
    call."""
    counter, verdict = runner.counter, runner.verdict_of_ends
    return part.traced.load_with((0, begins(counter)), (n, when(counts_and_ends(counter, verdict)), jumps_too),
                                 *((caller + 1, ends_too(counter, verdict)) for caller in callers))


def goes_there(part, runner, n, callers, *when):
    fd = ends_at(part, runner, n, callers, *when)
    does = runner.falls_through(part.entry_of(fd))
    os.close(fd)
    return does


def walk(part, runner, n, callers=()):
    """Appends the numbers of the instructions that run from n on to the function's end. Whether it is a tail call."""
    traced = part.traced
    while True:
        insn = traced.insns[n]
        part.way.append(n)
        if insn.code == EXIT or is_tail_call(insn):
            return insn.code != EXIT
        if insn.code == CALL:
            part.calls.append((n, callers))
        if is_look_up(insn) and goes_there(part, runner, n + 1, callers, unless_found):
            part.missed.add(n)
        if is_own_call(insn):
            if walk(part, runner, traced.enter(n), (*callers, n)):
                return True
        target = jump_target(insn, n)
        if target is None or insn.code == JUMP_ALWAYS:
            n = target if target is not None else n + (2 if insn.code == LOAD_64 else 1)
        else:
            n = n + 1 if goes_there(part, runner, n + 1, callers) else target


def callee_of(part, runner):
    """Which program the tail call goes on with that ends a part."""
    fd = part.traced.load_with((part.way[-1], tells_callee(runner.counter), True))
    index = runner.counted(part.entry_of(fd))
    os.close(fd)
    program = bpf(PROG_BY_ID, "=I", *struct.unpack("=I", map_read(part.traced.called, index, 4)))[0]
    return index, program, info_of(program, buffer(b"", INFO_SIZE)).raw[64:80].split(b"\0")[0].decode()


def parts_of(path, runner, timed):
    """The way, program by program, and what the first takes in all."""
    parts, whole, first, ns = [], None, None, None
    part = Part(path, runner.whole, lambda fd: (fd, part.traced, None))
    while True:
        goes_on = walk(part, runner, 0)
        parts.append(part)
        fd = part.traced.load(part.traced.insns)
        if timed:
            part.taken, ns = call_times(part, runner, fd)
        if not goes_on:
            return parts, ns
        index, program, name = callee_of(part, runner)
        if first is None:
            whole, first = fd, part.traced
        else:
            map_write(*part.entry_of(fd)[2])
        part = Part(os.path.join(os.path.dirname(path), name), program,
                    lambda fd, calls=part.traced.calls, index=index: (whole, first, (calls, index, struct.pack("=I", fd))))


def call_times(part, runner, whole):
    """{number of a call: (what ends before it takes, what ends behind it)}, and what the first program takes."""
    fds = [ends_at(part, runner, n + behind, callers, jumps_too=not behind) for n, callers in part.calls for behind in (0, 1)]
    told = runner.takes([part.entry_of(fd) for fd in fds + [whole]])
    for fd in fds:
        os.close(fd)
    return {n: (told[2 * i], told[2 * i + 1]) for i, (n, _) in enumerate(part.calls)}, told[-1]


def listing(part):
    source = None
    yield "== %s" % part.name
    for n, of_one in itertools.groupby(machine_of(part), lambda come_past: come_past[0]):
        if part.source_of(n) != source:
            source = part.source_of(n)
            yield source
        for _, machine, kind in of_one:
            whom, _ = part.code.called(machine.text)
            yield "    %-5s  %s%s" % (kind, machine.text, " <%s>" % whom if whom else "")
        if n in part.taken:
            yield "    ^ %.1f ns from the start to here, %.1f ns behind it: %.1f ns" % (
                *part.taken[n], part.taken[n][1] - part.taken[n][0])


def loads_of(parts):
    """How many there are of each line of source, in the order of the way."""
    found = collections.Counter()
    for part in parts:
        for n, _, kind in machine_of(part):
            if kind in ("load", "both"):
                found[part.source_of(n)] += 1
    yield "== %d loads" % sum(found.values())
    for source, count in found.items():
        yield "%4d  %s" % (count, source)


def runner_of(options, pin, what):
    if "-g" in options:
        cgroup, inside, outside = options["-g"].split(",")
        return InCgroup(pin, cgroup, Traffic(cgroup, inside, outside), what)
    read = []
    for path in what, options.get("-c", os.devnull):
        with open(path, "rb") as file:
            read.append(file.read())
    shake = [int(word) for word in options["-s"].split(",")] if "-s" in options else None
    return TestRun(pin, *read, shake)


def main():
    options, (path, pin, what) = getopt.getopt(sys.argv[1:], "c:g:o:s:t")
    options = dict(options)
    if platform.machine() != "x86_64":
        sys.exit("jit.py: it reads the machine code of x86-64 alone, and this is %s" % platform.machine())
    runner = runner_of(options, pin, what)
    verdict = runner.verdict()
    parts, ns = parts_of(path, runner, "-t" in options)
    figures = summary(parts)
    figures["verdict"] = verdict
    if ns is not None:
        figures["ns"] = ns
    if "-o" in options:
        with open(options["-o"], "w", encoding="utf-8") as file:
            for part in parts:
                file.writelines(line + "\n" for line in listing(part))
            file.writelines(line + "\n" for line in loads_of(parts))
    print(json.dumps(figures))


main()
