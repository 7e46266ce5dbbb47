#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Traffic for the tests: net.py VERB WORDS... Exit status 0 where the traffic got through, 1 where it did not.

  tcp-serve ADDR PORT                 echoes; says "ready" first
  udp-serve ADDR PORT                 echoes
  dns-serve ADDR                      answers every question with 192.0.2.80, over UDP and TCP
  hear ADDR PORT                      says "ready"; then what comes in: datagrams, and of TCP streams all so far
  tcp ADDR PORT [from ADDR]           connects, sends, waits for the echo
  udp ADDR PORT [from ADDR] [size N]  sends, waits for the echo
  error tcp|udp ADDR PORT             connects or sends; says the error's name, or "none"
  ping ADDR [from ADDR]               one echo request, waits for the reply
  dns ADDR NAME [tcp]                 asks for NAME's address
  dns-urgent ADDR NAME                asks over TCP, with a byte of urgent data before the name; waits for the answer
  cut ADDR PORT WORD...               sends the words in one buffer that the kernel cuts where the first ends; says the
                                      error's name, or "none"
  dns-cut ADDR NAME...                the same with queries
  hold ADDR PORT [from ADDR]          connects and says "open"; for each line read, sends it and says "echo" or "lost"
  crowd ADDR PORT N                   opens N connections, says "open"; for each line read, says how many of them echo
  flood DEV ADDR PORT N               N SYNs to there, each from another address or port, by raw frames; says how many
  many tcp|udp|ping ADDR PORT N       N connections, datagrams or pings as fast as they go; says how many were answered
  send DEV FRAME...                   sends raw frames, each a Python expression over the functions below
  seen DEV SECONDS TEXT               says "ready"; then how many frames with TEXT in them came in, by then or by SIGTERM
"""

import contextlib
import errno
import os
import select
import signal
import socket
import struct
import sys
import time

TIMEOUT = float(os.environ.get("NET_TIMEOUT", "0.7"))
IDLE = float(os.environ.get("NET_IDLE", "0.4"))  # what many waits for one more answer
ETH_P_ALL = 3
UDP_SEGMENT = 103
M = os.environ.get("NET_MARK", "").encode()  # for payloads


def family_of(address):
    return socket.AF_INET6 if ":" in address else socket.AF_INET


def options(words):
    return dict(zip(words[::2], words[1::2]))


def new_socket(kind, address, words=(), proto=0):
    sock = socket.socket(family_of(address), kind, proto)
    sock.settimeout(TIMEOUT)
    source = options(words).get("from")
    if source:
        sock.bind((source, 0))
    return sock


# ---- servers ----

def ready():
    print("ready", flush=True)


def listener(address, port):
    sock = socket.socket(family_of(address), socket.SOCK_STREAM)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    sock.bind((address, int(port)))
    sock.listen(256)
    return sock


def serve(streams, datagrams, answer):
    """Answers on all sockets, for ever; answer(data, is_stream) gives the bytes to send back."""
    sources = streams + datagrams
    ready()
    while True:
        for sock in select.select(sources, [], [])[0]:
            try:
                if sock in streams:
                    sources.append(sock.accept()[0])
                elif sock in datagrams:
                    data, peer = sock.recvfrom(65535)
                    sock.sendto(answer(data, False), peer)
                else:
                    data = sock.recv(65535)
                    if data:
                        sock.sendall(answer(data, True))
                    else:
                        sources.remove(sock)
                        sock.close()
            except OSError:
                if sock in sources and sock not in streams and sock not in datagrams:
                    sources.remove(sock)
                    sock.close()


def datagram_listener(address, port):
    sock = socket.socket(family_of(address), socket.SOCK_DGRAM)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)  # a burst waits here while this process does
    sock.bind((address, int(port)))
    return sock


def tcp_serve(address, port):
    serve([listener(address, port)], [], lambda data, stream: data)


def udp_serve(address, port):
    serve([], [datagram_listener(address, port)], lambda data, stream: data)


def dns_serve(address):
    def answer(data, stream):
        message = data[2:] if stream else data
        end = 12
        while message[end]:
            end += 1 + message[end]
        question = message[12:end + 5]
        reply = message[:2] + struct.pack("!5H", 0x8180, 1, 1, 0, 0) + question
        reply += struct.pack("!3HIH4s", 0xc00c, 1, 1, 60, 4, socket.inet_aton("192.0.2.80"))
        return struct.pack("!H", len(reply)) + reply if stream else reply

    serve([listener(address, 53)], [datagram_listener(address, 53)], answer)


def hear(address, port):
    streams, sources = {}, [listener(address, port), datagram_listener(address, port)]
    ready()
    while True:
        for sock in select.select(sources + list(streams), [], [])[0]:
            if sock is sources[0]:
                streams[sock.accept()[0]] = b""
            elif sock is sources[1]:
                print(sock.recv(65535), flush=True)
            else:
                try:
                    data = sock.recv(65535)
                except OSError:
                    data = b""
                streams[sock] += data
                if data:
                    print(streams[sock], flush=True)
                else:
                    streams.pop(sock)
                    sock.close()


# ---- clients ----

def tcp(address, port, *words):
    with new_socket(socket.SOCK_STREAM, address, words) as sock:
        sock.connect((address, int(port)))
        sock.sendall(b"hello")
        return sock.recv(100) == b"hello"


def udp(address, port, *words):
    size = int(options(words).get("size", 5))
    with new_socket(socket.SOCK_DGRAM, address, words) as sock:
        sock.connect((address, int(port)))  # so that an ICMP error is told
        sock.send(b"u" * size)
        return sock.recv(65535) == b"u" * size


def say_error(attempt):
    """At once, or "timeout"."""
    try:
        attempt()
        print("none")
    except OSError as failed:
        print(errno.errorcode.get(failed.errno, "timeout"))
    return True


def error(kind, address, port):
    with new_socket(socket.SOCK_STREAM if kind == "tcp" else socket.SOCK_DGRAM, address) as sock:
        if kind == "tcp":
            return say_error(lambda: sock.connect((address, int(port))))
        return say_error(lambda: sock.sendto(b"u", (address, int(port))))


def send_cut(address, port, pieces):
    """None of them may be longer than the first."""
    with new_socket(socket.SOCK_DGRAM, address) as sock:
        sock.setsockopt(socket.IPPROTO_UDP, UDP_SEGMENT, len(pieces[0]))
        return say_error(lambda: sock.sendto(b"".join(pieces), (address, int(port))))


def cut(address, port, *words):
    return send_cut(address, port, [word.encode() for word in words])


def echo_message(address, ident, sequence):
    if family_of(address) == socket.AF_INET6:
        return struct.pack("!BBHHH", 128, 0, 0, ident, sequence)
    head = struct.pack("!BBHHH", 8, 0, 0, ident, sequence)
    return head[:2] + struct.pack("!H", checksum(head)) + head[4:]


def ping_socket(address, words=()):
    proto = socket.IPPROTO_ICMPV6 if family_of(address) == socket.AF_INET6 else socket.IPPROTO_ICMP
    return new_socket(socket.SOCK_RAW, address, words, proto)


def reply_ident(data, address):
    """The identifier of an echo reply, None for anything else."""
    if family_of(address) == socket.AF_INET6:
        kind, body = 129, data
    else:
        kind, body = 0, data[(data[0] & 15) * 4:]
    return struct.unpack("!H", body[4:6])[0] if body[0] == kind else None


def ping(address, *words):
    ident = os.getpid() & 0xffff
    with ping_socket(address, words) as sock:
        sock.sendto(echo_message(address, ident, 1), (address, 0))
        end = time.monotonic() + TIMEOUT
        while time.monotonic() < end:
            if reply_ident(sock.recvfrom(65535)[0], address) == ident:
                return True
    return False


def dns_query(name):
    labels = b"".join(bytes([len(label)]) + label.encode() for label in name.split(".") if label)
    return struct.pack("!6H", os.getpid() & 0xffff, 0x0100, 1, 0, 0, 0) + labels + b"\0" + struct.pack("!2H", 1, 1)


def dns(address, name, *words):
    query = dns_query(name)
    if "tcp" in words:
        with new_socket(socket.SOCK_STREAM, address) as sock:
            sock.connect((address, 53))
            sock.sendall(struct.pack("!H", len(query)) + query)
            return len(sock.recv(1000)) > 12
    with new_socket(socket.SOCK_DGRAM, address) as sock:
        sock.sendto(query, (address, 53))
        return sock.recv(1000)[:2] == query[:2]


def dns_cut(address, *names):
    return send_cut(address, 53, [dns_query(name) for name in names])


def dns_urgent(address, name):
    """The byte has a label begin before the name, but its receiver leaves it out (RFC 6093 section 3)."""
    query = dns_query(name)
    with new_socket(socket.SOCK_STREAM, address) as sock:
        sock.connect((address, 53))
        sock.send(struct.pack("!H", len(query) + 1) + query[:12] + bytes([query[12] + 1]), socket.MSG_OOB)
        sock.send(query[12:])
        return len(sock.recv(1000)) > 12


def hold(address, port, *words):
    with new_socket(socket.SOCK_STREAM, address, words) as sock:
        sock.connect((address, int(port)))
        print("open", flush=True)
        for line in sys.stdin:
            try:
                sock.sendall(line.encode())
                print("echo" if sock.recv(1000) else "closed", flush=True)
            except OSError:
                print("lost", flush=True)
    return True


def echoes(sock):
    try:
        sock.sendall(b"word")
        return sock.recv(100) == b"word"
    except OSError:
        return False


def crowd(address, port, count):
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(new_socket(socket.SOCK_STREAM, address)) for _ in range(int(count))]
        for sock in sockets:
            sock.connect((address, int(port)))
        print("open", flush=True)
        for _ in sys.stdin:
            print(sum(echoes(sock) for sock in sockets), flush=True)
    return True


def flood(device, address, port, count):
    """Their checksums are wrong: the host that is flooded answers none, so all of them stay half-open."""
    left = int(count)
    with socket.socket(socket.AF_PACKET, socket.SOCK_RAW) as sock:
        sock.bind((device, 0))
        for host in range(1, 255):
            frame = bytearray(l2(0x800) + ip4("198.18.0.%d" % host, address, 6, struct.pack(
                "!HHIIBBHHH", 0, int(port), 1000, 0, 5 << 4, 2, 64240, 0xbad, 0)))
            for source in range(1024, 65536):
                if not left:
                    break
                frame[34:36] = source.to_bytes(2, "big")
                sock.send(frame)
                left -= 1
    print(int(count) - left)
    return not left


def many(kind, address, port, count):
    count, answered = int(count), 0
    if kind == "tcp":
        sockets = [new_socket(socket.SOCK_STREAM, address) for _ in range(count)]
        for sock in sockets:
            sock.setblocking(False)
            sock.connect_ex((address, int(port)))
        poll = select.poll()
        for sock in sockets:
            poll.register(sock, select.POLLOUT)
        end = time.monotonic() + 0.6
        while time.monotonic() < end:
            for fd, _ in poll.poll(100):
                poll.unregister(fd)
                answered += 1
    else:
        sock = ping_socket(address) if kind == "ping" else new_socket(socket.SOCK_DGRAM, address)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
        ident = os.getpid() & 0xffff
        for i in range(count):
            data = echo_message(address, ident, i) if kind == "ping" else b"u"
            try:
                sock.sendto(data, (address, int(port) if kind == "udp" else 0))
            except OSError:
                pass
        sock.settimeout(IDLE)
        try:
            while True:
                data = sock.recvfrom(65535)[0]
                answered += kind == "udp" or reply_ident(data, address) == ident
        except OSError:
            pass
    print(answered)
    return True


# ---- raw frames: eth(…) + ip4(…, payload) and so on; every field can be set wrong ----

def checksum(data):
    data += b"\0" * (len(data) % 2)
    total = sum(struct.unpack("!%dH" % (len(data) // 2), data))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff


def mac(text):
    return bytes.fromhex(text.replace(":", ""))


def eth(dst, src, kind, tags=()):
    """tags: (EtherType, VLAN id) each."""
    head = mac(dst) + mac(src)
    for tag_kind, vlan in tags:
        head += struct.pack("!HH", tag_kind, vlan)
    return head + struct.pack("!H", kind)


def l2(kind, tags=()):
    """From the sender's device to its router's, as the environment says."""
    return eth(os.environ["NET_DST"], os.environ["NET_SRC"], kind, tags)


def ip4(src, dst, proto, payload, ident=1, frag=0, more=False, options=b"", ihl=None, length=None, ttl=64):
    """frag: offset in bytes."""
    ihl = 5 + len(options) // 4 if ihl is None else ihl
    length = 20 + len(options) + len(payload) if length is None else length
    head = struct.pack("!BBHHHBBH4s4s", 0x40 | ihl, 0, length, ident, (frag >> 3) | (0x2000 if more else 0), ttl, proto,
                       0, socket.inet_aton(src), socket.inet_aton(dst)) + options
    return head[:10] + struct.pack("!H", checksum(head)) + head[12:] + payload


def ip6(src, dst, next_header, payload, hops=64, length=None):
    length = len(payload) if length is None else length
    return struct.pack("!IHBB", 0x60000000, length, next_header, hops) + socket.inet_pton(socket.AF_INET6, src) + \
        socket.inet_pton(socket.AF_INET6, dst) + payload


def with_sum(src, dst, proto, segment, at):
    family = family_of(src)
    pseudo = socket.inet_pton(family, src) + socket.inet_pton(family, dst) + struct.pack("!II", len(segment), proto)
    value = checksum(pseudo + segment) or 0xffff
    return segment[:at] + struct.pack("!H", value) + segment[at + 2:]


def tcp_segment(src, dst, sport, dport, flags="S", seq=1000, ack=0, payload=b""):
    bits = sum(1 << "FSRPAU".index(flag) for flag in flags)
    head = struct.pack("!HHIIBBHHH", sport, dport, seq, ack, 5 << 4, bits, 64240, 0, 0)
    return with_sum(src, dst, 6, head + payload, 16)


def udp_datagram(src, dst, sport, dport, payload=b""):
    return with_sum(src, dst, 17, struct.pack("!HHHH", sport, dport, 8 + len(payload), 0) + payload, 6)


def icmp_message(kind, code, rest):
    head = struct.pack("!BBH", kind, code, 0) + rest
    return head[:2] + struct.pack("!H", checksum(head)) + head[4:]


def icmp6_message(src, dst, kind, code, rest):
    return with_sum(src, dst, 58, struct.pack("!BBH", kind, code, 0) + rest, 2)


def send(device, *frames):
    with socket.socket(socket.AF_PACKET, socket.SOCK_RAW) as sock:
        sock.bind((device, 0))
        for frame in frames:
            data = eval(frame)  # pylint: disable=eval-used
            for one in data if isinstance(data, list) else [data]:
                sock.send(one)
    return True


def seen(device, seconds, text):
    with socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL)) as sock:
        sock.bind((device, ETH_P_ALL))
        count, end, told = 0, time.monotonic() + float(seconds), []
        signal.signal(signal.SIGTERM, lambda *_: told.append(True))
        ready()
        while time.monotonic() < end + 1:
            sock.settimeout(0 if told or time.monotonic() > end else 0.05)
            try:
                data, peer = sock.recvfrom(65535)
            except OSError:
                if told or time.monotonic() > end:
                    break
                continue
            count += text.encode() in data and peer[2] != socket.PACKET_OUTGOING
        print(count, flush=True)
    return True


VERBS = {"tcp-serve": tcp_serve, "udp-serve": udp_serve, "dns-serve": dns_serve, "hear": hear, "tcp": tcp, "udp": udp,
         "ping": ping, "error": error, "crowd": crowd, "flood": flood, "dns": dns, "dns-urgent": dns_urgent,
         "cut": cut, "dns-cut": dns_cut, "hold": hold, "many": many, "send": send, "seen": seen}


def main():
    if len(sys.argv) < 2 or sys.argv[1] not in VERBS:
        sys.exit(__doc__)
    try:
        return 0 if VERBS[sys.argv[1]](*sys.argv[2:]) else 1
    except OSError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 1


if __name__ == "__main__":
    sys.exit(main())
