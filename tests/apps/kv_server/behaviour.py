#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What the server does about peers that are slow, many, silent or rude, and about datagrams; with memcached as the extension.

  behaviour.py -- SERVER WORD...      ({port}, {memory} and {heap} stand in the words; heap and memory in MB)

Each check starts from a fresh server. Exit status: 0 all good, 1 not, 2 could not run."""
import argparse
import os
import pathlib
import random
import socket
import struct
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "memcached"))
from servers import Server  # noqa: E402  (the path comes first)

MEGABYTE = 1_000_000
HEADER = struct.Struct(">HHHH")


def connect(server):
    connection = socket.create_connection(("127.0.0.1", server.port))
    connection.settimeout(20)
    return connection


def expect(condition, what):
    if not condition:
        raise AssertionError(what)


def store(server, key, value):
    reply = server.ask(b"set %s 0 0 %d\r\n%s\r\n" % (key, len(value), value))
    expect(reply == b"STORED\r\n", f"set answered {reply!r}")


def slow_reader(server):
    """Asks for 40 MB and reads it later: the server keeps serving others and loses nothing."""
    value = os.urandom(MEGABYTE)
    store(server, b"big", value)
    connection = connect(server)
    connection.sendall(b"get big big big big\r\n" * 10)
    time.sleep(0.3)
    expect(server.ask(b"version\r\n").startswith(b"VERSION"), "others are not served meanwhile")
    store(server, b"big", b"other")  # what is being sent must stay what it was
    stream = connection.makefile("rb")
    for _ in range(10):
        while (line := stream.readline()) != b"END\r\n":
            expect(line.startswith(b"VALUE big 0 "), f"reply line {line[:100]!r}")
            body = stream.read(int(line.split()[3]) + 2)
            expect(body in (value + b"\r\n", b"other\r\n"), "a value was torn")
    connection.close()


def reader_gone(server):
    """Peers vanish in the middle of sending and of receiving; what they held is free again."""
    value = b"x" * MEGABYTE
    for _ in range(100):  # 100 MB through a memory of 64
        connection = connect(server)
        connection.sendall(b"set gone 0 0 1000000\r\n" + value[:500_000])
        connection.close()
        store(server, b"held", value)
        connection = connect(server)
        connection.sendall(b"get held held held\r\n")
        connection.close()
    store(server, b"last", value)
    expect(server.ask(b"get last\r\n").startswith(b"VALUE last 0 1000000\r\n"), "the server is exhausted")


def many_peers(server):
    """More than it takes: the rest is turned away, and taken once there is room."""
    peers = [connect(server) for _ in range(1024)]
    for peer in peers[::50]:
        peer.sendall(b"version\r\n")
        expect(peer.recv(100).startswith(b"VERSION"), "a peer is not served")
    late = connect(server)
    expect(late.recv(10) == b"", "one peer too many was not turned away")
    for peer in peers:
        peer.close()
    time.sleep(0.2)
    expect(server.ask(b"version\r\n").startswith(b"VERSION"), "nobody is served any more")


def endless_line(server):
    """A retrieval whose line never ends: the connection is closed at a bound."""
    connection = connect(server)
    sent = 0
    try:
        connection.sendall(b"get ")
        while sent < 64 * MEGABYTE:
            connection.sendall(b"key " * 25_000)
            sent += 100_000
        expect(False, "64 MB of one line were taken")
    except (BrokenPipeError, ConnectionResetError):
        pass
    expect(server.ask(b"version\r\n").startswith(b"VERSION"), "nobody is served any more")


def noise(server):
    """Random bytes, also inside commands, in random pieces."""
    r = random.Random(5)
    words = [b"get ", b"set ", b"a ", b"0 ", b"5 ", b"\r\n", b"\n", b"noreply", b"\0", b" ", b"stats", b"999999999 ", b"VALUE", b"incr ", b"gat "]
    for _ in range(300):
        connection = connect(server)
        try:
            for _ in range(r.randrange(1, 20)):
                piece = os.urandom(r.randrange(1, 400)) if r.randrange(2) else b"".join(r.choice(words) for _ in range(r.randrange(1, 40)))
                connection.sendall(piece)
        except OSError:
            pass
        connection.close()
    store(server, b"after", b"noise")


def heap_full(server):
    """The heap is far smaller than the memory that the extension may use: it drops old items, it never refuses."""
    for number in range(60):
        reply = server.ask(b"".join(b"set f%d-%d 0 0 10000\r\n%s\r\n" % (number, i, b"f" * 10_000) for i in range(50)))
        expect(reply == b"STORED\r\n" * 50, f"a set was refused: {reply[:200]!r}")
    stats = dict(line.split(b" ")[1:3] for line in server.ask(b"stats\r\n").split(b"\r\n") if line.startswith(b"STAT "))
    expect(int(stats[b"evictions"]) > 0, "nothing was evicted")
    expect(server.ask(b"get f59-49\r\n").startswith(b"VALUE"), "the newest item is gone")
    expect(server.ask(b"get f0-0\r\n") == b"END\r\n", "the oldest item is still there")


def datagram(request_id, sequence, total, payload):
    return HEADER.pack(request_id, sequence, total, 0) + payload


def receive_reply(udp, request_id):
    parts, total = {}, 1
    while len(parts) < total:
        frame = udp.recv(65536)
        number, sequence, total, zero = HEADER.unpack_from(frame)
        expect(number == request_id and zero == 0 and sequence < total, f"frame header {frame[:8]!r}")
        expect(len(frame) <= 1400, "a datagram of the reply is longer than 1400 bytes")
        parts[sequence] = frame[8:]
    return b"".join(parts[i] for i in range(total))


def datagrams(server):
    udp = socket.socket(type=socket.SOCK_DGRAM)
    udp.settimeout(5)
    udp.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
    udp.connect(("127.0.0.1", server.port))
    value = os.urandom(50_000)
    store(server, b"wide", value)
    udp.send(datagram(77, 0, 1, b"get wide\r\n"))
    expect(receive_reply(udp, 77) == b"VALUE wide 0 50000\r\n%s\r\nEND\r\n" % value, "a reply of many datagrams")
    for rude in (b"", b"\0" * 3, b"\0" * 8, datagram(1, 0, 2, b"get wide\r\n"), datagram(1, 0, 0, b"version\r\n"), datagram(2, 0, 1, b"set half 0 0 100\r\nhalf"),
                 datagram(3, 0, 1, b"no line end"), datagram(4, 0, 1, b"set quiet 0 0 1 noreply\r\nq\r\n"), os.urandom(60_000)):
        udp.send(rude)
    udp.send(datagram(78, 0, 1, b"get quiet half\r\nversion\r\n"))
    reply = receive_reply(udp, 78)
    expect(reply.startswith(b"VALUE quiet 0 1\r\nq\r\nEND\r\nVERSION "), f"after rude datagrams: {reply!r}")
    udp.send(datagram(79, 0, 1, b"set u 0 0 2\r\nhi\r\nget u\r\n"))
    expect(receive_reply(udp, 79) == b"STORED\r\nVALUE u 0 2\r\nhi\r\nEND\r\n", "several requests in one datagram")


CHECKS = [(slow_reader, 64, 128), (reader_gone, 64, 128), (many_peers, 64, 128), (endless_line, 64, 128), (noise, 64, 128), (datagrams, 64, 128), (heap_full, 512, 24)]


def main():
    parser = argparse.ArgumentParser(description="how the server behaves")
    parser.add_argument("command", nargs="+")
    options = parser.parse_args()
    good = True
    for check, memory, heap in CHECKS:
        command = [word.replace("{heap}", str(heap)) for word in options.command]
        server = Server("kv_server", command, memory)
        problem = ""
        try:
            check(server)
        except (AssertionError, OSError) as error:
            problem = f"{type(error).__name__}: {error}"
        status = server.stop()
        problem = problem or (f"the server ended with {status}" if status else "")
        good = good and not problem
        print(f"{'FAIL' if problem else 'ok  '} {check.__name__} {problem}", flush=True)
    return 0 if good else 1


if __name__ == "__main__":
    try:
        sys.exit(main())
    except (RuntimeError, FileNotFoundError) as problem:
        print(problem, file=sys.stderr)
        sys.exit(2)
