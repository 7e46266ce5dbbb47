# SPDX-License-Identifier: GPL-2.0
"""Packets for a program, counted or timed: by BPF_PROG_TEST_RUN, or where that has none, by sockets in a cgroup."""

import errno
import os
import socket
import statistics
import struct
import sys
import time

from jit_bpf import (ARRAY, CALL, ENABLE_STATS, EXIT, INFO_SIZE, Insn, LINK_CREATE, OBJ_GET, PROG_ARRAY, RANDOM,
                     TAIL_CALL, TEST_RUN, at, bpf, buffer, info_of, libc, load_map, map_read, map_write, new_map)

PACKETS = 40 # so few that most come within one jiffy
BEFORE = 3000 # by the whole program: more than the events of a second
CLONE_NEWNET = 0x40000000


class Runner:
    verdict_of_ends = 0

    def __init__(self, pin):
        name = buffer(pin.encode() + b"\0")
        self.whole = bpf(OBJ_GET, "=QII", at(name), 0, 0)[0]
        self.counter = new_map(ARRAY, 16, 1)

    def counted(self, entry):
        """What the counter has after PACKETS."""
        map_write(self.counter, 0, bytes(16))
        self.prepare()
        self.run(entry, PACKETS)
        return struct.unpack("=Q", map_read(self.counter, 0, 16)[:8])[0]

    def falls_through(self, entry):
        count = statistics.median(self.counted(entry) for _ in range(3))
        if PACKETS / 4 < count < 3 * PACKETS / 4:
            sys.exit("jit_run.py: of %d packets %d went one way: they are not alike" % (PACKETS, count))
        return count * 2 > PACKETS


class TestRun(Runner):
    """With `shake` (AT, BASE, COUNT) each packet has a random word from BASE to BASE + COUNT - 1 at byte AT."""

    def __init__(self, pin, frame, context, shake):
        super().__init__(pin)
        self.frame, self.context, self.shake, self.shaker = buffer(frame), buffer(context), shake, None

    def test_run(self, fd, repeat):
        attr = bpf(TEST_RUN, "=IIIIQQIIIIQQIII", fd, 0, len(self.frame), 0, at(self.frame), 0, repeat, 0, len(self.context), 0,
                   at(self.context), 0, 0, 0, 0)[1]
        return struct.unpack_from("=i", attr, 4)[0]

    def prepare(self):
        self.test_run(self.whole, BEFORE)

    def verdict(self):
        self.prepare() # what the first of them opens is there for the others
        return self.test_run(self.whole, 1)

    def run(self, entry, repeat):
        """`entry`: a descriptor, behind what has to be set first for it to be met."""
        program, traced, placed = entry
        if placed:
            map_write(*placed)
        if self.shake:
            program = self.shaken(program, traced)
        self.test_run(program, repeat)

    def shaken(self, program, traced):
        if not self.shaker:
            calls, (where, base, count) = new_map(PROG_ARRAY, 4, 1), self.shake
            insns = [Insn(0xbf, 6, 1, 0, 0), Insn(CALL, 0, 0, 0, RANDOM), Insn(0xbc, 0, 0, 0, 0), Insn(0x27, 0, 0, 0, count),
                     Insn(0x77, 0, 0, 0, 32), Insn(0x04, 0, 0, 0, base), Insn(0xdc, 0, 0, 0, 32),
                     Insn(0x61, 2, 6, 76, 0), Insn(0x61, 3, 6, 80, 0), # data, data_end
                     Insn(0xbf, 4, 2, 0, 0), Insn(0x07, 4, 0, 0, where + 4), Insn(0x2d, 4, 3, 6, 0), Insn(0x63, 2, 0, where, 0),
                     Insn(0xbf, 1, 6, 0, 0)] + load_map(2, calls) + [
                         Insn(0xb7, 3, 0, 0, 0), Insn(CALL, 0, 0, 0, TAIL_CALL), Insn(0xb7, 0, 0, 0, 0), Insn(EXIT, 0, 0, 0, 0)]
            self.shaker = traced.load(insns), calls
        map_write(self.shaker[1], 0, struct.pack("=I", program))
        return self.shaker[0]

    def takes(self, entries, rounds=9, repeat=20000):
        """Nanoseconds of each, by turns."""
        told = [[] for _ in entries]
        for _ in range(rounds):
            self.prepare()
            for entry, figures in zip(entries, told):
                self.run(entry, 1)
                start = time.thread_time_ns()
                self.run(entry, repeat)
                figures.append((time.thread_time_ns() - start) / repeat)
        return [min(figures) for figures in told]


class Traffic:
    """Sockets of a container's cgroup and of a host outside, which this process enters and leaves behind."""

    def __init__(self, cgroup, inside, outside):
        enter_network(outside)
        self.outside = {"udp": socket.socket(type=socket.SOCK_DGRAM), "tcp": socket.socket()}
        for a_socket in self.outside.values():
            a_socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            a_socket.bind(("192.0.2.2", 4000))
        self.outside["tcp"].listen()
        with open(os.path.join(cgroup, "cgroup.procs"), "w", encoding="ascii") as file:
            file.write(str(os.getpid()))
        enter_network(inside)
        self.inside = {"udp": socket.socket(type=socket.SOCK_DGRAM), "tcp": socket.socket()}
        for a_socket in self.inside.values():
            a_socket.connect(("192.0.2.2", 4000))
        self.outside["tcp"] = self.outside["tcp"].accept()[0]
        self.inside["udp"].send(b"u")
        self.outside["udp"].connect(self.outside["udp"].recvfrom(1)[1])
        self.outside["udp"].send(b"u")
        self.inside["udp"].recv(1)
        for sockets in (self.inside, self.outside):
            sockets["tcp"].setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def send(self, way, kind):
        """One packet `out` or `in`, which arrives."""
        sender, receiver = (self.inside, self.outside) if way == "out" else (self.outside, self.inside)
        sender[kind].send(b"u")
        receiver[kind].recv(1)

    @staticmethod
    def connect():
        """Whether it is refused at once."""
        with socket.socket() as a_socket:
            a_socket.setblocking(False)
            return a_socket.connect_ex(("192.0.2.2", 4000)) == errno.EPERM


def enter_network(name):
    with open("/run/netns/" + name, encoding="ascii") as file:
        if libc.setns(file.fileno(), CLONE_NEWNET):
            raise OSError("setns to %s failed" % name)


class InCgroup(Runner):
    """The program is put on the cgroup beside the whole one, whose state it has. `what`: out-udp, in-tcp..., connect."""

    def __init__(self, pin, cgroup, traffic, what):
        super().__init__(pin)
        self.cgroup, self.traffic, self.what = os.open(cgroup, os.O_RDONLY | os.O_DIRECTORY), traffic, what.split("-")
        self.verdict_of_ends, self.refuses = int(what != "connect"), None

    def prepare(self):
        self.packets(10)

    def packets(self, count):
        for _ in range(count):
            if self.what[0] == "connect":
                self.traffic.connect()
            else:
                self.traffic.send(*self.what)

    def verdict(self):
        if self.what[0] == "connect":
            return int(not self.traffic.connect())
        self.packets(1)
        return 1

    def run(self, entry, repeat):
        program, traced, _ = entry
        if self.what[0] == "connect" and self.refuses is None: # all are asked, and none goes on to a handshake
            refuse = traced.load([Insn(0xb7, 0, 0, 0, 0), Insn(EXIT, 0, 0, 0, 0)])
            self.refuses = bpf(LINK_CREATE, "=IIII", refuse, self.cgroup, traced.attach_type, 0)[0]
        link = bpf(LINK_CREATE, "=IIII", program, self.cgroup, traced.attach_type, 0)[0]
        self.packets(repeat)
        os.close(link)

    def takes(self, entries, rounds=9, repeat=2000):
        """By the kernel's own statistics, with what it takes to keep these."""
        stats, told = bpf(ENABLE_STATS, "=I", 0)[0], [[] for _ in entries]
        for _ in range(rounds):
            for entry, figures in zip(entries, told):
                before = self.ran(entry)
                self.run(entry, repeat)
                ns, count = (now - then for now, then in zip(self.ran(entry), before))
                figures.append(ns / count if count else 0)
        os.close(stats)
        return [min(figures) for figures in told]

    @staticmethod
    def ran(entry):
        return struct.unpack_from("=QQ", info_of(entry[0], buffer(b"", INFO_SIZE)), 192)
