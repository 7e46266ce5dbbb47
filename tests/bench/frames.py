# SPDX-License-Identifier: GPL-2.0
"""Frames and contexts for the tools that measure: frames.py FOLDER [IFINDEX], each in a file of its own.

All are of 64 bytes, but for malformed ones, IPv6 and queries. Addresses: a container 10.77.1.2, a host outside 192.0.2.2; on
the uplink 203.0.113.9 and 2001:db8:bad::9 are blocked, 198.51.100.7 and 2001:db8:7::7 are not.
"""

import importlib.util
import os
import struct
import sys

spec = importlib.util.spec_from_file_location("net", os.path.join(os.path.dirname(__file__), "../e2e/net.py"))
net = importlib.util.module_from_spec(spec)
spec.loader.exec_module(net)

HOST, OTHER = "02:00:00:00:00:01", "02:00:00:00:00:02"
LISTED, UNLISTED, LISTED6, UNLISTED6 = "203.0.113.9", "198.51.100.7", "2001:db8:bad::9", "2001:db8:7::7"
CONTAINER, OUTSIDE = "10.77.1.2", "192.0.2.2"
# Port 40000 to 80, with the options that Linux sends: MSS, SACK permitted, timestamps, window scale.
SYN = struct.pack("!HHIIBBHHH", 40000, 80, 1000, 0, 10 << 4, 2, 64240, 0, 0) + bytes.fromhex(
    "020405b4" "0402" "080a" "0000000100000000" "01" "030307")


def ethernet(payload, kind=0x800, tags=()):
    return net.eth(HOST, OTHER, kind, tags) + payload


def udp4(source, target, tags=(), **fields):
    # A tag is not a part of the 64 bytes' payload: it is as long in all of them.
    return ethernet(net.ip4(source, target, 17, net.udp_datagram(source, target, 40000, 4000, b"u" * 22), **fields), tags=tags)


def udp6(source, target):
    return ethernet(net.ip6(source, target, 17, net.udp_datagram(source, target, 40000, 4000, b"u" * 22)), 0x86dd)


def frames():
    yield "listed", udp4(LISTED, CONTAINER)
    yield "unlisted", udp4(UNLISTED, CONTAINER)
    yield "listed6", udp6(LISTED6, "fd77:1::2")
    yield "unlisted6", udp6(UNLISTED6, "fd77:1::2")
    yield "tagged-listed", udp4(LISTED, CONTAINER, [(0x8100, 7)])
    yield "tagged-unlisted", udp4(UNLISTED, CONTAINER, [(0x8100, 7)])
    yield "fragment-listed", udp4(LISTED, CONTAINER, frag=1480)
    yield "fragment-unlisted", udp4(UNLISTED, CONTAINER, frag=1480)
    yield "malformed", udp4(UNLISTED, CONTAINER, ihl=4)
    yield "out", udp4(CONTAINER, OUTSIDE)
    yield "out-listed", udp4(CONTAINER, LISTED)
    yield "out-unlisted", udp4(CONTAINER, UNLISTED)
    yield "out-syn", ethernet(net.ip4(CONTAINER, OUTSIDE, 6, SYN))
    yield "out6", udp6("fd77:1::2", "2001:db8:1::2")
    yield "out-tagged", udp4(CONTAINER, OUTSIDE, [(0x8100, 7)])
    yield "out-fragment", udp4(CONTAINER, OUTSIDE, frag=1480)
    yield "out-malformed", udp4(CONTAINER, OUTSIDE, ihl=4)
    for name in "listed", "other":
        query = net.dns_query("host7.zone7.example7." + ("org" if name == "listed" else "net"))
        yield "query-" + name, ethernet(net.ip4(CONTAINER, OUTSIDE, 17, net.udp_datagram(CONTAINER, OUTSIDE, 40000, 53, query)))


def main():
    folder = sys.argv[1]
    os.makedirs(folder, exist_ok=True)
    for name, frame in frames():
        with open(os.path.join(folder, name), "wb") as file:
            file.write(frame)
    if len(sys.argv) > 2:
        # struct __sk_buff with nothing but the device that it came by
        with open(os.path.join(folder, "context"), "wb") as file:
            file.write(struct.pack("=10II37I", *[0] * 10, int(sys.argv[2]), *[0] * 37))


main()
