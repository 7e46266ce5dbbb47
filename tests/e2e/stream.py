#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""UDP datagrams to several ports, each from a new source port, and what of them arrives.

send ADDRESS SECONDS PORT...    numbered datagrams, one to each port in turn; prints how many went to each
take ADDRESS PORT...            prints `ready`, counts until SIGTERM, then prints a line for each port: PORT COUNT GAPS
"""
import select
import signal
import socket
import struct
import sys
import time

SOCKETS = 200


def send(address, seconds, ports):
    sockets = [socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(SOCKETS)]
    end, number = time.monotonic() + seconds, 0
    while time.monotonic() < end:
        for port in ports:
            sockets[number % SOCKETS].sendto(struct.pack("!I", number), (address, port))
        number += 1
        time.sleep(0.0002)
    print(number)


def take(address, ports):
    sockets = {}
    for port in ports:
        sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        sock.setsockopt(socket.SOL_SOCKET, getattr(socket, "SO_RCVBUFFORCE", 33), 1 << 24)
        sock.bind((address, port))
        sockets[sock] = [port, 0, 0, 0]
    stopped = []
    signal.signal(signal.SIGTERM, lambda *_: stopped.append(1))
    print("ready", flush=True)
    while not stopped:
        for sock in select.select(list(sockets), [], [], 0.2)[0]:
            number, = struct.unpack("!I", sock.recv(64))
            count = sockets[sock]
            count[2] += number - count[3]
            count[1] += 1
            count[3] = number + 1
    for port, count, gaps, _ in sockets.values():
        print(port, count, gaps)


if sys.argv[1] == "send":
    send(sys.argv[2], float(sys.argv[3]), [int(port) for port in sys.argv[4:]])
else:
    take(sys.argv[2], [int(port) for port in sys.argv[3:]])
