#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Many connections change the same few keys on a server with several workers: no update may be lost, none done twice.

  workers.py [--seconds S] [--peers N] [--provoke] -- SERVER WORD...      ({port} and {memory} stand in the words)

Each check goes on for S seconds. With --provoke, a connection sends "!" all the time, which a hostile twin of the extension answers by misbehaving; its calls are
stopped, and what it tore must be whole for everybody else. Exit status: 0 all good, 1 not, 2 could not run."""
import argparse
import collections
import contextlib
import multiprocessing
import pathlib
import random
import re
import socket
import struct
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "memcached"))
from provocation import Provocation  # noqa: E402  (the path comes first)
from servers import Server  # noqa: E402

KEYS = 3
PAUSE = 0.02   # seconds between two provocations
BATCH = 20
RECORDS = 300  # of each connection, each way, so that all fit in one item
UDP_HEADER = struct.pack(">HHHH", 1, 0, 1, 0)


def expect(condition, what):
    if not condition:
        raise AssertionError(what)


class Lost(Exception):
    """The server closed the connection: what was under way may or may not have been done."""


class Peer:
    def __init__(self, port):
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.settimeout(60)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.stream = self.socket.makefile("rb")

    def send(self, data):
        try:
            self.socket.sendall(data)
        except OSError as problem:
            raise Lost from problem

    def line(self):
        try:
            line = self.stream.readline()
        except ConnectionResetError as problem:
            raise Lost from problem
        if not line.endswith(b"\r\n"):
            raise Lost
        return line[:-2]

    def get(self, key):
        """(value, unique number); None when there is none."""
        self.send(b"gets %s\r\n" % key)
        head = self.line()
        if head == b"END":
            return None
        _, _, _, length, unique = head.split(b" ")
        body = self.stream.read(int(length) + 2)
        if len(body) != int(length) + 2 or self.line() != b"END":
            raise Lost
        return body[:-2], int(unique)

    def close(self):
        self.stream.close()
        self.socket.close()


class Tally:
    """What one connection was answered, and how many of its requests never were."""

    def __init__(self, number):
        self.number = number
        self.answers = collections.Counter()
        self.unknown = 0
        self.under_way = 0

    def ask(self, peer, requests):
        """Sends all, then yields the answers, one line each."""
        self.under_way = len(requests)
        peer.send(b"".join(requests))
        for _ in requests:
            answer = peer.line()
            self.under_way -= 1
            yield answer

    def lost(self):
        self.unknown += self.under_way
        self.under_way = 0


def total(tallies):
    return sum((tally.answers for tally in tallies), collections.Counter()), sum(tally.unknown for tally in tallies)


# A check: what makes it ready, what one connection does again and again, and what must be true in the end.

class Incr:
    """Each reply is a value that no other increment made."""
    ready = [b"set up%d 0 0 1\r\n0\r\n" % i for i in range(KEYS)]

    @staticmethod
    def step(peer, tally, r):
        keys = [b"up%d" % r.randrange(KEYS) for _ in range(BATCH)]
        for key, answer in zip(keys, tally.ask(peer, [b"incr %s 1\r\n" % key for key in keys])):
            tally.answers[key, int(answer)] += 1

    @staticmethod
    def verify(peer, tallies):
        answers, unknown = total(tallies)
        expect(all(times == 1 for times in answers.values()), "two increments made the same value")
        missing = sum(int(peer.get(b"up%d" % i)[0]) for i in range(KEYS)) - len(answers)
        expect(0 <= missing <= unknown, f"{missing} increments more than there were answers, {unknown} were not answered")
        return f"{len(answers)} increments, all of them counted, {unknown} unanswered"


class Decr:
    """The same downwards; the numbers become shorter, so the value is padded with spaces."""
    START = 10**15
    ready = [b"set down 0 0 16\r\n%d\r\n" % START]

    @staticmethod
    def step(peer, tally, r):
        for answer in tally.ask(peer, [b"decr down 3333333\r\n"] * BATCH):
            tally.answers[int(answer)] += 1

    @classmethod
    def verify(cls, peer, tallies):
        answers, unknown = total(tallies)
        expect(all(times == 1 for times in answers.values()), "two decrements made the same value")
        missing = (cls.START - int(peer.get(b"down")[0])) / 3333333 - len(answers)
        expect(0 <= missing <= unknown, f"{missing} decrements more than there were answers, {unknown} were not answered")
        return f"{len(answers)} decrements, all of them counted, {unknown} unanswered"


class CompareAndStore:
    """A counter made of gets and cas. The values have changing lengths, so that items move from class to class."""
    ready = [b"set cas%d 0 0 2\r\n0 \r\n" % i for i in range(KEYS)]

    @staticmethod
    def step(peer, tally, r):
        key = b"cas%d" % r.randrange(KEYS)
        value, unique = peer.get(key)
        text = b"%d %s" % (int(value.split(b" ")[0]) + 1, b"x" * r.randrange(400))
        for answer in tally.ask(peer, [b"cas %s 0 0 %d %d\r\n%s\r\n" % (key, len(text), unique, text)]):
            tally.answers[answer] += 1

    @staticmethod
    def verify(peer, tallies):
        answers, unknown = total(tallies)
        expect(set(answers) <= {b"STORED", b"EXISTS"}, f"cas answered {set(answers)}")
        missing = sum(int(peer.get(b"cas%d" % i)[0].split(b" ")[0]) for i in range(KEYS)) - answers[b"STORED"]
        expect(0 <= missing <= unknown, f"{missing} more stored than was answered, {unknown} were not answered")
        return f"{answers[b'STORED']} stored, {answers[b'EXISTS']} refused, {unknown} unanswered"


class Join:
    """append and prepend: every record is there once, each connection's in their order."""
    ready = [b"set log 0 0 2\r\n||\r\n"]

    @staticmethod
    def step(peer, tally, r):
        at = tally.answers[b"records"]
        if at == RECORDS:
            time.sleep(0.01)
            return
        tally.answers[b"records"] += 1
        record = b"%04d-%05d" % (tally.number, at)
        for answer in tally.ask(peer, [b"append log 0 0 11\r\n%s>\r\n" % record, b"prepend log 0 0 11\r\n<%s\r\n" % record]):
            tally.answers[answer] += 1

    @staticmethod
    def verify(peer, tallies):
        answers, unknown = total(tallies)
        expect(set(answers) <= {b"records", b"STORED"}, f"append or prepend answered {set(answers)}")
        value = peer.get(b"log")[0]
        before, after = re.findall(rb"<(\d{4}-\d{5})", value), re.findall(rb"(\d{4}-\d{5})>", value)
        expect(len(value) == 11 * (len(before) + len(after)) + 2, "the value is torn")
        for records in (before[::-1], after):
            expect(len(set(records)) == len(records), "a record is there twice")
            for tally in tallies:
                own = [record for record in records if record.startswith(b"%04d-" % tally.number)]
                expect(own == sorted(own), "records are not in order")
        missing = len(before) + len(after) - answers[b"STORED"]
        expect(0 <= missing <= unknown, f"{missing} records more than there were answers, {unknown} were not answered")
        return f"{answers[b'STORED']} records, each there once, {unknown} unanswered"


class AddAndDelete:
    """Of many that add, or delete, the same key one does, so that additions and deletions take turns."""
    ready = []

    @staticmethod
    def step(peer, tally, r):
        keys = [b"new%d" % r.randrange(KEYS) for _ in range(BATCH)]
        requests = [b"add %s 0 0 1\r\nx\r\n" % key if i % 2 else b"delete %s\r\n" % key for i, key in enumerate(keys)]
        for key, answer in zip(keys, tally.ask(peer, requests)):
            tally.answers[key, answer] += 1

    @staticmethod
    def verify(peer, tallies):
        answers, unknown = total(tallies)
        for key in (b"new%d" % i for i in range(KEYS)):
            surplus = answers[key, b"STORED"] - answers[key, b"DELETED"] - (peer.get(key) is not None)
            expect(abs(surplus) <= unknown, f"{surplus} more additions than deletions, {unknown} were not answered")
        done = sum(times for (_, answer), times in answers.items() if answer in (b"STORED", b"DELETED"))
        return f"{done} of {sum(answers.values())} took effect, in turn, {unknown} unanswered"


class Datagrams:
    """Increments over UDP, beside one over TCP each time. A datagram may get lost; none is counted twice."""
    ready = [b"set udp 0 0 1\r\n0\r\n"]

    @staticmethod
    def step(peer, tally, r):
        with socket.socket(type=socket.SOCK_DGRAM) as udp:
            udp.settimeout(5)
            udp.connect(peer.socket.getpeername())
            for _ in range(BATCH):
                tally.under_way = 1
                udp.send(UDP_HEADER + b"incr udp 1\r\n")
                try:
                    tally.answers[int(udp.recv(100)[8:])] += 1
                except TimeoutError:
                    tally.unknown += 1
                for answer in tally.ask(peer, [b"incr udp 1\r\n"]):
                    tally.answers[int(answer)] += 1

    @staticmethod
    def verify(peer, tallies):
        answers, unknown = total(tallies)
        expect(all(times == 1 for times in answers.values()), "two increments made the same value")
        missing = int(peer.get(b"udp")[0]) - len(answers)
        expect(0 <= missing <= unknown, f"{missing} increments more than there were answers, {unknown} were not answered")
        return f"{len(answers)} increments, all of them counted, {unknown} unanswered"


class Values:
    """Sets and gets of values that say how long they are, larger and smaller than what is copied at once: none is torn, whoever replaces it meanwhile. They take more memory than
    there is, so items are evicted all the time."""
    SIZES = (10, 100, 1000, 3000, 30_000, 300_000)
    ready = []

    @classmethod
    def step(cls, peer, tally, r):
        for _ in range(BATCH):
            key, size, byte = b"value%d" % r.randrange(200), r.choice(cls.SIZES), b"%c" % r.randrange(97, 123)
            if r.randrange(2):
                for answer in tally.ask(peer, [b"set %s 0 0 %d\r\n%s\r\n" % (key, size, byte * size)]):
                    # What is being sent keeps its memory, so there may be none left for one more of that size.
                    expect(answer == b"STORED" or size > 1000 and answer.startswith(b"SERVER_ERROR out of memory"), f"set answered {answer!r}")
            else:
                there = peer.get(key)
                expect(there is None or there[0] == there[0][:1] * len(there[0]) and len(there[0]) in cls.SIZES, "a value is torn")
                tally.answers["there" if there else "missing"] += 1

    @staticmethod
    def verify(peer, tallies):
        answers, unknown = total(tallies)
        return f"{answers['there']} values whole, {answers['missing']} not there, {unknown} unanswered"


CHECKS = [Incr, Decr, CompareAndStore, Join, AddAndDelete, Datagrams, Values]


def drive(check, port, number, seconds):
    """In a process of its own: one connection, and another whenever that is closed."""
    tally = Tally(number)
    r = random.Random(number)
    end = time.monotonic() + seconds
    peer = Peer(port)
    while time.monotonic() < end:
        try:
            check.step(peer, tally, r)
        except Lost:
            tally.lost()
            peer.close()
            peer = Peer(port)
    peer.close()
    return tally


def used_chunks(peer):
    """Of all classes, as `stats slabs` has it."""
    peer.send(b"stats slabs\r\n")
    used = 0
    while (line := peer.line()) != b"END":
        if line.split(b" ")[1].endswith(b":used_chunks"):
            used += int(line.split(b" ")[2])
    return used


def items(peer):
    peer.send(b"stats\r\n")
    numbers = {}
    while (line := peer.line()) != b"END":
        name, value = line.split(b" ")[1:3]
        numbers[name] = value
    return int(numbers[b"curr_items"]), int(numbers[b"threads"])


def run_check(check, server, pool, options):
    peer = Peer(server.port)
    for request in check.ready:
        expect(list(Tally(0).ask(peer, [request])) == [b"STORED"], "a key cannot be stored")
    tallies = pool.starmap(drive, [(check, server.port, number, options.seconds) for number in range(options.peers)])
    return check.verify(peer, tallies)


def whole(server):
    """With nobody at work each chunk is in the free list or is an item in the table."""
    peer = Peer(server.port)
    deadline = time.monotonic() + 10
    while used_chunks(peer) != items(peer)[0] and time.monotonic() < deadline:
        time.sleep(0.1)  # connections that were just closed
    used, (there, threads) = used_chunks(peer), items(peer)
    expect(used == there, f"{used} chunks are in use for {there} items")
    peer.send(b"flush_all\r\n")
    expect(peer.line() == b"OK", "flush_all is not answered")
    return f"{threads} workers, {there} items in as many chunks"


def run(server, pool, options):
    good = True
    with Provocation([server.port], PAUSE) if options.provoke else contextlib.nullcontext() as provocation:
        for check in CHECKS:
            try:
                print(f"ok   {check.__name__}: {run_check(check, server, pool, options)}", flush=True)
            except (AssertionError, OSError, Lost) as problem:
                good = False
                print(f"FAIL {check.__name__}: {type(problem).__name__} {problem}", flush=True)
    if provocation:
        print(f"     provoked {provocation.times} times, answered {provocation.answered}")
        good = good and provocation.times > provocation.answered == 0
    return good


def main():
    parser = argparse.ArgumentParser(description="no lost update")
    parser.add_argument("--seconds", type=float, default=1.0)
    parser.add_argument("--peers", type=int, default=8)
    parser.add_argument("--provoke", action="store_true")
    parser.add_argument("command", nargs="+")
    options = parser.parse_args()
    server = Server("kv_server", options.command, 16)
    good = False
    try:
        with multiprocessing.get_context("fork").Pool(options.peers) as pool:
            good = run(server, pool, options)
        print(f"ok   {whole(server)}")
    except (AssertionError, OSError, Lost) as problem:
        good = False
        print(f"FAIL {type(problem).__name__} {problem}")
    status = server.stop()
    if status != 0:
        print(f"FAIL the server ended with {status}")
    return 0 if good and status == 0 else 1


if __name__ == "__main__":
    try:
        sys.exit(main())
    except (RuntimeError, FileNotFoundError) as problem:
        print(problem, file=sys.stderr)
        sys.exit(2)
