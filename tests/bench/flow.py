# SPDX-License-Identifier: GPL-2.0
"""A flow with real sockets, and the frame that its opener sent last: flow.py udp|tcp ADDRESS PORT DEVICE FILE

Connects, has a word echoed, writes into FILE the last frame of it that left by DEVICE, with its checksums filled in, says
"open", and keeps the socket until standard input ends. IPv4 without options.
"""

import importlib.util
import os
import socket
import struct
import sys

spec = importlib.util.spec_from_file_location("net", os.path.join(os.path.dirname(__file__), "../e2e/net.py"))
net = importlib.util.module_from_spec(spec)
spec.loader.exec_module(net)


def last_frame(taps, port):
    last = None
    taps.settimeout(0.3)
    try:
        while True:
            data, peer = taps.recvfrom(65535)
            if peer[2] == socket.PACKET_OUTGOING and data[12:14] == b"\x08\0" and data[34:36] == struct.pack("!H", port):
                last = data
    except OSError:
        return last


def filled_in(frame):
    length, proto = struct.unpack("!H", frame[16:18])[0], frame[23]
    source, target = socket.inet_ntoa(frame[26:30]), socket.inet_ntoa(frame[30:34])
    at = 6 if proto == 17 else 16
    segment = bytearray(frame[34:14 + length])
    segment[at:at + 2] = b"\0\0"
    return frame[:34] + net.with_sum(source, target, proto, bytes(segment), at)


def main():
    kind, address, port, device, path = sys.argv[1:6]
    with socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3)) as taps, \
            socket.socket(socket.AF_INET, socket.SOCK_STREAM if kind == "tcp" else socket.SOCK_DGRAM) as sock:
        taps.bind((device, 3))
        sock.settimeout(3)
        sock.connect((address, int(port)))
        for _ in range(2):
            sock.send(b"u" * (22 if kind == "udp" else 10))
            sock.recv(100)
        frame = last_frame(taps, sock.getsockname()[1])
        with open(path, "wb") as file:
            file.write(filled_in(frame))
        print("open", flush=True)
        sys.stdin.read()


main()
