#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Sends the same command sequences to Debian's memcached and to our server, over TCP, and compares every reply byte for byte.

  differential.py [--full] [--seed N] [--only GROUP] -- SERVER WORD...      ({port} and {memory} stand in the words)

The reference runs with "-o no_modern,no_lru_crawler": one list per slab class and no background threads, because with them which item is evicted depends on
thread timing. `--full` also compares with a reference in its default mode, without what shows evictions, the inside of the allocator, or whether a background
thread holds an item just when it is counted up or down (it is not changed in place then).
Exit status: 0 all replies equal, 1 a difference (printed), 2 the test could not run."""
import argparse
import subprocess
import sys
import time

import generate
from normalise import Normaliser
from servers import Peer, Server, reference_command

PART_PAUSE = 0.0005  # long enough for a server to read one part before the next arrives, most of the time
DETERMINISTIC = ["-o", "no_modern,no_lru_crawler"]


class Difference(Exception):
    pass


class Pair:
    """The reference and our server, given the same."""

    def __init__(self, command, memory, reference_options):
        self.servers = []
        self.sequences = 0
        self.replies = 0
        self.bytes = 0
        try:
            self.servers.append(Server("reference", reference_command(reference_options), memory, subprocess.DEVNULL))
            self.servers.append(Server("ours", command, memory))
        except Exception:
            self.stop()
            raise
        self.learnt = [{}, {}]
        self.normalisers = [Normaliser(i == 0, server.version_reply) for i, server in enumerate(self.servers)]

    def stop(self):
        return [server.stop() for server in self.servers]

    def run(self, sequence):
        peers = [Peer(server, learnt) for server, learnt in zip(self.servers, self.learnt)]
        try:
            for number, step in enumerate(sequence.steps):
                self._step(sequence, number, step, peers)
            for peer in peers:
                peer.finish_sending()
            self._compare(sequence, len(sequence.steps), [peer.read_until(None) for peer in peers])
        finally:
            for peer in peers:
                peer.close()
        self.sequences += 1

    def _step(self, sequence, number, step, peers):
        for at, part in enumerate(step.parts):
            if at:
                time.sleep(PART_PAUSE)
            for peer in peers:
                peer.send(part + (b"version\r\n" if step.synced and at + 1 == len(step.parts) else b""))
        if step.synced:
            self._compare(sequence, number, [peer.read_until(peer.server.version_reply) for peer in peers])

    def _compare(self, sequence, number, replies):
        theirs, ours = [normaliser.lines(reply) for normaliser, reply in zip(self.normalisers, replies)]
        self.replies += 1
        self.bytes += len(replies[1])
        if theirs != ours:
            raise Difference(explain(sequence, number, theirs, ours))


def short(data):
    return repr(data if len(data) < 160 else data[:100] + b" ... %d bytes ... " % len(data) + data[-30:])


def explain(sequence, number, theirs, ours):
    lines = [f"sequence '{sequence.name}', step {number}:"]
    for step in sequence.steps[max(0, number - 2): number + 1]:
        lines += [f"  sent {short(part)}" for part in step.parts[:8]]
    for at in range(max(len(theirs), len(ours))):
        a, b = (side[at] if at < len(side) else b"(nothing)" for side in (theirs, ours))
        if a != b:
            lines += [f"  reply line {at}:", f"    reference {short(a)}", f"    ours      {short(b)}"]
            break
    return "\n".join(lines)


def everyday(pair, options, count):
    for sequence in generate.Generator(options.seed, counting=pair.observable).everyday(count):
        if pair.observable or sequence.name not in ("stats", "stats reset"):
            pair.run(sequence)


def splits(pair, options, _):
    for sequence in generate.Generator(options.seed + 1).split_everywhere():
        pair.run(sequence)


def large(pair, options, _):
    for sequence in generate.Generator(options.seed + 2).large_values():
        pair.run(sequence)


def expiry(pair, _options, _):
    for sequence, pause in generate.expiry_stages(int(time.time())):
        if not pair.observable:
            sequence.steps = [step for step in sequence.steps if step.parts != [b"stats\r\n"]]
        pair.run(sequence)
        time.sleep(pause)


def evictions(pair, options, count):
    for sequence in generate.eviction(options.seed + 3, count):
        pair.run(sequence)


# name, function, memory in MB, size of the slice, size in full
GROUPS = [("everyday", everyday, 64, 2400, 12000), ("splits", splits, 64, 0, 0), ("large", large, 64, 0, 0), ("expiry", expiry, 64, 0, 0),
          ("evictions", evictions, 16, 40, 400)]


def run_group(group, command, options, observable):
    name, function, memory, part, whole = group
    began = time.monotonic()
    pair = Pair(command, memory, DETERMINISTIC if observable else [])
    pair.observable = observable
    failure = None
    try:
        function(pair, options, whole if options.full else part)
    except (Difference, TimeoutError) as problem:
        failure = problem
    statuses = pair.stop()
    if statuses[1] != 0 and not failure:
        failure = Difference(f"our server ended with {statuses[1]}")
    mode = "" if observable else " (reference in default mode)"
    print(f"{'FAIL' if failure else 'ok  '} {name}{mode}: {pair.sequences} sequences, {pair.replies} replies, {pair.bytes} bytes, "
          f"{time.monotonic() - began:.1f} s", flush=True)
    if failure:
        print(failure)
    return pair.sequences, failure is None


def main():
    parser = argparse.ArgumentParser(description="compares our server with memcached")
    parser.add_argument("--full", action="store_true")
    parser.add_argument("--seed", type=int, default=20261121)
    parser.add_argument("--only", default="")
    parser.add_argument("command", nargs="+")
    options = parser.parse_args()
    runs = [(group, True) for group in GROUPS]
    if options.full:
        runs += [(group, False) for group in GROUPS if group[0] != "evictions"]
    total, good = 0, True
    for group, observable in runs:
        if options.only and group[0] != options.only:
            continue
        sequences, equal = run_group(group, options.command, options, observable)
        total += sequences
        good = good and equal
    print(f"{total} sequences, {'all replies equal' if good else 'replies differ'}")
    return 0 if good else 1


if __name__ == "__main__":
    try:
        sys.exit(main())
    except (RuntimeError, FileNotFoundError) as problem:
        print(problem, file=sys.stderr)
        sys.exit(2)
