# SPDX-License-Identifier: Apache-2.0
"""Command sequences, from a seed. A sequence is what one connection sends: steps, each in one or more parts that are sent apart from one another.
A synced step ends at a command boundary by construction, so that a marker command can follow it; the last step need not.

Two things in the reference hang on chance, so no sequence does them: a key that is too long behind other commands of a batch (their replies are thrown away), and
counting on from 2^63 or more, or from nothing but white space (it reads on in whatever lies behind the value in memory). Its administrative commands (watch, lru,
slabs, lru_crawler, extstore) and its meta commands are not part of what is compared."""
import dataclasses
import random

MOST_PIPELINED = 10  # at 20 the reference yields to other connections, and counts it


def not_blank(value):
    """memcached reads a counter with strtoull, which skips blanks past the item's end into whatever memory follows: nothing to compare with."""
    return value if value.strip() or not value else b"v" * len(value)


@dataclasses.dataclass
class Step:
    parts: list
    synced: bool = True


@dataclasses.dataclass
class Sequence:
    name: str
    steps: list


LONGEST_KEY = b"L" * 250
KEYS = [b"a", b"b", b"counter", b"k3", b"key-with-dashes", b"\xc3\xa4\xf0\x9f\x8d\x95", b"0", b"noreplyish", LONGEST_KEY, b"tab\there", b"q" * 77]
FLAGS = [b"0", b"0", b"1", b"7", b"65535", b"4294967295", b"4294967296", b"18446744073709551615", b"+5", b"-0"]
EXPIRIES = [b"0", b"0", b"0", b"1000", b"2592000", b"2592001", b"-1", b"2147483647", b"2147483648", b"-2147483648", b"-2147483649", b"9999999999"]
DELTAS = [b"0", b"1", b"5", b"10", b"99", b"1000000000000", b"+3", b"-0"]
LARGE_DELTAS = [b"18446744073709551615", b"9223372036854775808", b"18446744073709551616", b"-18446744073709551615", b"-9223372036854775808"]
BAD_NUMBERS = [b"x", b"1x", b"-1", b"99999999999999999999", b"18446744073709551616", b"", b"0x10", b"1.5", b"--1", b"+", b"-18446744073709551615", b"\t7", b"7\t"]
COUNTERS = [b"0", b"5", b"10", b"99", b"100", b"9223372036854", b"007", b"12 ", b" 12", b"-5", b"abc", b"12abc", b"", b"1" * 21]
STORES = [b"set", b"set", b"set", b"add", b"replace", b"append", b"prepend"]
RETRIEVALS = [b"get", b"get", b"gets", b"bget"]


class Generator:
    def __init__(self, seed, counting=True):
        self.random = random.Random(seed)
        self.counting = counting  # False: no incr, no decr

    # -- values and commands -------------------------------------------------------------------------------------------------------------------------------

    def key(self):
        return self.random.choice(KEYS)

    def value(self):
        r = self.random
        kind = r.randrange(8)
        if kind == 0:
            return b""
        if kind == 1:
            return r.choice(COUNTERS)
        if kind == 2:
            return b"\r\n" * r.randrange(1, 4) + b"x"
        if kind == 3:
            return b"VALUE x 0 3\r\nEND\r\nget a\r\n"[: r.randrange(1, 26)]
        if kind == 4:
            return not_blank(bytes(r.randrange(256) for _ in range(r.randrange(1, 60))))
        return b"v" * r.randrange(1, r.choice([10, 100, 1000, 5000]))

    def noreply(self):
        return b" noreply" if self.random.randrange(6) == 0 else b""

    def store(self):
        r = self.random
        value = self.value()
        return b"%s %s %s %s %d%s\r\n%s\r\n" % (r.choice(STORES), self.key(), r.choice(FLAGS), r.choice(EXPIRIES), len(value), self.noreply(), value)

    def counter(self):
        value = self.random.choice(COUNTERS)
        return b"set %s %s 0 %d\r\n%s\r\n" % (self.key(), self.random.choice(FLAGS), len(value), value)

    def cas(self):
        r = self.random
        key, value = self.key(), self.value()
        unique = r.choice([b"<cas:%s:0>", b"<cas:%s:0>", b"<cas:%s:1>"]) % key if r.randrange(8) else r.choice([b"0", b"1", b"18446744073709551615"])
        return b"cas %s %s %s %d %s%s\r\n%s\r\n" % (key, r.choice(FLAGS), r.choice(EXPIRIES), len(value), unique, self.noreply(), value)

    def retrieval(self):
        r = self.random
        keys = b" ".join(self.key() for _ in range(r.choice([1, 1, 1, 2, 5, 30])))
        if r.randrange(5) == 0:
            return b"%s %s %s\r\n" % (r.choice([b"gat", b"gats"]), r.choice(EXPIRIES), keys)
        return b"%s %s\r\n" % (r.choice(RETRIEVALS), keys)

    def arithmetic(self):
        return b"%s %s %s%s\r\n" % (self.random.choice([b"incr", b"decr"]), self.key(), self.random.choice(DELTAS), self.noreply())

    def change(self):
        r = self.random
        kind = r.randrange(10)
        if kind < 4:
            return b"delete %s%s%s\r\n" % (self.key(), r.choice([b"", b"", b" 0"]), self.noreply())
        if kind < 8:
            return b"touch %s %s%s\r\n" % (self.key(), r.choice(EXPIRIES), self.noreply())
        return b"verbosity %d%s\r\n" % (r.randrange(3), self.noreply())

    def command(self):
        r = self.random
        kind = r.randrange(20)
        if kind < 7:
            return self.store()
        if kind < 9:
            return self.cas()
        if kind < 11:
            return self.counter()
        if kind < 15:
            return self.arithmetic() if self.counting and r.randrange(2) else self.retrieval()
        return self.change()

    # -- sequences -----------------------------------------------------------------------------------------------------------------------------------------

    def one_by_one(self):
        commands = [self.command() for _ in range(self.random.randrange(3, 12))]
        if self.random.randrange(40) == 0:
            commands.append(self.random.choice([b"flush_all\r\n", b"flush_all 0\r\n", b"flush_all noreply\r\n", b"flush_all -1\r\n", b"flush_all 0 noreply\r\n"]))
        return Sequence("one by one", [Step([c]) for c in commands])

    def pipelined(self):
        steps = []
        for _ in range(self.random.randrange(1, 4)):
            steps.append(Step([b"".join(self.command() for _ in range(self.random.randrange(2, MOST_PIPELINED)))]))
        return Sequence("pipelined", steps)

    def split(self, command, places):
        parts, begin = [], 0
        for place in places:
            parts.append(command[begin:place])
            begin = place
        return Step(parts + [command[begin:]])

    def split_everywhere(self):
        """One sequence for each byte of each kind of command, and one with every byte on its own."""
        value = b"12\r\n34"
        commands = [b"set %s 7 0 6\r\n%s\r\n" % (KEYS[1], value), b"append b 0 0 2 noreply\r\nxx\r\n", b"gets b counter a\r\n", b"gat 0 a b\r\n",
                    b"set counter 0 0 2\r\n41\r\n", b"incr counter 1\r\n", b"delete a 0 noreply\r\n", b"touch b 0\r\n", b"cas b 1 0 1 <cas:b:0>\r\nz\r\n",
                    b"flush_all noreply\r\n", b"verbosity 1\r\n", b"set a 0 0 5\r\nabcdefg\r\n", b"  get   a  \r\n", b"get a\nget b\r\n", b"bogus\r\n",
                    b"replace b 3 0 0\r\n\r\n", b"set big 0 0 1048577\r\n" + b"n" * 1048577 + b"\r\n", b"quit\r\n"]
        for command in commands:
            ending = command == b"quit\r\n"
            places = range(1, len(command)) if len(command) < 200 else [1, 20, 21, 22, 23, 1000, len(command) - 3, len(command) - 2, len(command) - 1]
            steps = [self.split(command, [place]) for place in places]
            if len(command) < 200:
                steps.append(self.split(command, places))
            for step in steps:
                step.synced = not ending
                yield Sequence("split", [step, Step([b"gets a b counter\r\n"])] if not ending else [step])

    def malformed_line(self):
        """A command line with something wrong in it, perhaps with its value behind it."""
        r = self.random
        line, _, rest = self.command().partition(b"\r\n")
        words = line.split(b" ")
        kind = r.randrange(12)
        at = r.randrange(len(words))
        if kind == 0:
            del words[at]
        elif kind == 1:
            words.insert(at, r.choice([b"extra", b"0", b"noreply", words[at]]))
        elif kind == 2:
            words[at] = r.choice(BAD_NUMBERS)
        elif kind == 3:
            words[at] = b"K" * r.choice([251, 300, 1000])
        elif kind == 4:
            words[0] = r.choice([words[0].upper(), words[0][:-1], words[0] + b"x", b"x", b"", b"slabs", b"shutdown"])
        elif kind == 5:
            words += [b"w%d" % i for i in range(r.choice([3, 17, 18, 19, 20, 40]))]
        elif kind == 6:
            words[at] += b"\0" + r.choice([b"", b"tail"])
        elif kind == 7:
            words.insert(at, b"")
        elif kind == 8:
            words = [b""] * r.randrange(1, 5) + words + [b""] * r.randrange(3)
        elif kind == 9:
            words[at] = words[at].replace(b"e", b"\t", 1)
        elif kind == 10:
            words.append(b"HTTP/1.1")
        line = b" ".join(words)
        end = r.choice([b"\r\n", b"\r\n", b"\r\n", b"\n", b"\r\r\n", b"\n\n"])
        return line + end + rest

    def malformed(self):
        return Sequence("malformed", [Step([self.malformed_line()], synced=False)])

    def wrong_value(self):
        """The length does not fit the value, or the value's end is missing or something else."""
        r = self.random
        value = self.value()
        length = max(-2, len(value) + r.choice([-3, -2, -1, 1, 2, 3, 50, 0, 0]))
        value = not_blank(value[: max(length, 0)]) + value[max(length, 0):]
        end = r.choice([b"\r\n", b"\n", b"\r", b"", b"xx", b"\n\r", b"x\r\n"])
        line = b"%s %s 0 0 %d%s\r\n" % (r.choice(STORES), self.key(), length, self.noreply())
        return Sequence("wrong value", [Step([line + value + end], synced=False)])

    def odd_lines(self):
        # A line that ends a connection is sent up to where it does so: how much of the rest a server still reads is chance, and shows in bytes_read.
        for size in (2000, 2046, 2047, 2048, 2049, 5000):
            yield Sequence("long line", [Step([b"x" * size + b"\r\n"], synced=False)])
            yield Sequence("long line in parts", [Step([b"x" * size] + ([b"\r\n"] if size <= 2048 else []), synced=False)])
        for prefix, endless in ((b"get ", True), (b"gets ", True), (b"  get ", True), (b" " * 99 + b"get ", True), (b" " * 101 + b"get ", False), (b"gat 0 ", False)):
            for count in (30, 300, 3000):
                line = prefix + b" ".join([LONGEST_KEY, b"b", b"nothing"] * (count // 3)) + b"\r\n"
                yield Sequence("many keys", [Step([line[:2500]] + ([line[2500:]] if endless else []), synced=False)])
        for many in (1023, 1024, 1025, 5000, 100_000):
            yield Sequence("many short keys", [Step([b"get " + b"z " * (many - 2) + b"a b\r\n"], synced=False)])
        yield Sequence("many that are found", [Step([b"set a 1 0 3\r\nabc\r\n"]), Step([b"gets" + b" a" * 20_000 + b"\n"])])
        for line in (b"\r\n", b"\n", b" \r\n", b"\0\r\n", b"get\r\n", b"gat\r\n", b"gat 1\r\n", b"gat x\r\n", b"incr\r\n", b"stats nonsense\r\n", b"stats detail\r\n"):
            if line != b"stats detail\r\n":
                yield Sequence("odd line", [Step([line], synced=False)])
        yield Sequence("line end forms", [Step([b"get a\r\r\n"], False)])
        yield Sequence("half a line", [Step([b"get a"], False)])
        yield Sequence("half a value", [Step([b"set half 0 0 10\r\n12345"], False)])
        yield Sequence("half a refused value", [Step([b"set half 0 0 2000000\r\n12345"], False)])
        yield Sequence("nothing", [Step([b""], False)])

    def large_values(self):
        """Around the largest item: 48 + 8 bytes of header, key, one byte, flags when they are not 0, value and its line end are 1 MiB."""
        r = self.random
        most = (1 << 20) - 48 - 8 - 1 - 2
        for key, flags in ((b"a", 0), (b"a", 9), (LONGEST_KEY, 0)):
            limit = most - len(key) - (4 if flags else 0)
            for length in (limit - 1, limit, limit + 1, 1 << 20, 600_000, 524_288, 100_000, 65_536):
                command = b"set %s %d 0 %d\r\n" % (key, flags, length) + bytes([r.randrange(33, 126)]) * length + b"\r\n"
                cuts = sorted(r.sample(range(1, len(command)), 3))
                yield Sequence("large", [self.split(command, cuts), Step([b"get %s\r\n" % key]), Step([b"append %s 0 0 3\r\nend\r\n" % key]),
                                         Step([b"gets a %s a\r\n" % key])])
        yield Sequence("large together", [Step([b"get a a %s a a\r\nget a\r\n" % LONGEST_KEY]), Step([b"delete a\r\n"]), Step([b"delete %s\r\n" % LONGEST_KEY])])
        yield Sequence("stale", [Step([b"set s 0 0 1\r\n1\r\n"]), Step([b"set s 0 0 1048577 noreply\r\n" + b"x" * 1048577 + b"\r\n"]), Step([b"get s\r\n"]),
                                 Step([b"set s 0 0 1\r\n1\r\n"]), Step([b"add s 0 0 1048577\r\n" + b"x" * 1048577 + b"\r\n"]), Step([b"get s\r\n"])])

    def statistics(self):
        return Sequence("stats", [Step([b"stats\r\n"]), Step([b"stats items\r\n"]), Step([b"stats slabs\r\n"]), Step([b"stats sizes\r\n"])])

    def wrapping(self):
        for verb in (b"incr", b"decr"):
            for delta in LARGE_DELTAS:
                for start in (b"0", b"5", b"9223372036854775807"):
                    yield Sequence("wrapping", [Step([b"set wrap 0 0 %d\r\n%s\r\n" % (len(start), start)]), Step([b"%s wrap %s\r\n" % (verb, delta)]),
                                                Step([b"get wrap\r\n"]), Step([b"delete wrap\r\n"])])

    def reset(self):
        return Sequence("stats reset", [Step([b"stats reset\r\n"]), Step([b"stats\r\n"]), Step([b"stats items\r\n"]), Step([b"stats slabs\r\n"])])

    def everyday(self, count):
        """`count` sequences of every kind but the large, timed and evicting ones, mixed; statistics now and then."""
        made = [self.one_by_one() for _ in range(count * 3 // 10)] + [self.pipelined() for _ in range(count * 2 // 10)]
        made += [self.malformed() for _ in range(count * 3 // 10)] + [self.wrong_value() for _ in range(count // 10)]
        made += list(self.odd_lines()) + list(self.wrapping())
        self.random.shuffle(made)
        for at in range(0, len(made), 97):
            made.insert(at, self.statistics())
        made.insert(len(made) // 2, self.reset())
        made.append(self.statistics())
        return made


def expiry_stages(unix_time):
    """(sequences, seconds to wait afterwards). Expiries are at least two seconds away from every moment at which they are asked for: the clocks tick apart."""
    def store(key, expiry, verb=b"set"):
        return Step([b"%s %s 0 %d 1\r\nv\r\n" % (verb, key, expiry)])

    first, later, absolute, past = b"e3", b"e30", b"eabs", b"epast"
    setting = [store(first, 3), store(later, 30), store(absolute, unix_time + 3), store(past, unix_time - 100), store(b"eneg", -1),
               store(b"touched", 0), Step([b"touch touched 3\r\n"]), store(b"kept", 3), Step([b"touch kept 0\r\n"]), store(b"gatted", 0),
               Step([b"gat 3 gatted\r\n"]), store(b"joined", 3), Step([b"append joined 0 0 1\r\n2\r\n"]), store(b"counted", 3, b"add"), Step([b"incr counted 1\r\n"]),
               Step([b"set number 0 3 2\r\n10\r\n"]), Step([b"decr number 1\r\n"]), Step([b"set number2 0 3 2\r\n99\r\n"]), Step([b"incr number2 1\r\n"])]
    keys = b"e3 e30 eabs epast eneg touched kept gatted joined counted number number2"
    asking = [Step([b"get %s\r\n" % keys]), Step([b"gets e30 e3\r\n"]), Step([b"add e3 0 0 3\r\nnew\r\n"]), Step([b"replace eabs 0 0 1\r\nx\r\n"]),
              Step([b"append touched 0 0 1\r\nx\r\n"]), Step([b"incr number 1\r\n"]), Step([b"touch gatted 0\r\n"]), Step([b"delete joined\r\n"]),
              Step([b"cas counted 0 0 1 5\r\nx\r\n"]), Step([b"stats\r\n"])]
    flushing = [store(b"f1", 0), store(b"f2", 100), Step([b"flush_all 3\r\n"]), Step([b"get f1 f2\r\n"]), store(b"f3", 0)]
    after_flush = [Step([b"get f1 f2 f3\r\n"]), store(b"f1", 0), Step([b"get f1\r\n"]), Step([b"add f2 0 0 1\r\nx\r\n"]), Step([b"stats\r\n"])]
    return [(Sequence("expiry", setting + [Step([b"get %s\r\n" % keys])]), 5.3),
            (Sequence("expired", asking + flushing), 5.3),
            (Sequence("flushed", after_flush + [Step([b"flush_all 1000\r\n"]), Step([b"get f1 f2 f3 e30\r\n"]), Step([b"flush_all\r\n"]), Step([b"get f1 f2\r\n"])]), 0)]


def eviction(seed, rounds):
    """Much more than fits, in several sizes, then everything is asked for. Some keys are fetched on the way, some expire at once."""
    r = random.Random(seed)
    number = 0
    for round_ in range(rounds):
        steps = []
        for _ in range(12):
            batch = []
            for _ in range(r.randrange(1, 16)):
                size = r.choice([10, 10, 100, 700, 3000, 20_000, 90_000, 400_000])
                expiry = r.choice([0, 0, 0, 1000, -1])
                batch.append(b"set e%d %d %d %d%s\r\n" % (number, number % 3, expiry, size, r.choice([b"", b" noreply"])) + b"%x" % (number % 16) * size + b"\r\n")
                number += 1
            steps.append(Step([b"".join(batch)]))
            steps.append(Step([b"get " + b" ".join(b"e%d" % r.randrange(number) for _ in range(4)) + b"\r\n"]))
            steps.append(Step([b"append e%d 0 0 50\r\n" % r.randrange(number) + b"+" * 50 + b"\r\n"]))
            steps.append(Step([b"set counter 0 0 1\r\n9\r\n"]))
            steps.append(Step([b"incr counter 1\r\n"]))
        yield Sequence("eviction", steps)
        if round_ % 5 == 4:
            yield Sequence("eviction statistics", [Step([b"stats\r\n"]), Step([b"stats items\r\n"]), Step([b"stats slabs\r\n"])])
    for begin in range(0, number, 100):
        yield Sequence("what is left", [Step([b"get " + b" ".join(b"e%d" % i for i in range(begin, min(begin + 100, number))) + b"\r\n"])])
    yield Sequence("eviction statistics", [Step([b"stats\r\n"]), Step([b"stats items\r\n"]), Step([b"stats slabs\r\n"])])
