# SPDX-License-Identifier: Apache-2.0
"""What may differ between the two servers, and nothing else: pid, uptime, time (and ages, which are times), rusage, pointer size, version and unique numbers.
Fields about the reference's own buffers are in OMITTED: this server has none, and says nothing rather than something made up."""
import re

MAY_DIFFER = {"pid", "uptime", "time", "version", "rusage_user", "rusage_system", "pointer_size"}
OMITTED = {"libevent", "response_obj_count", "response_obj_bytes", "read_buf_count", "read_buf_bytes", "read_buf_bytes_free", "reserved_fds"}
AGES = re.compile(rb"^STAT items:\d+:(age|evicted_time) ")


class Normaliser:
    """For one server. Unique numbers become the order in which they were first seen: equal patterns of equal and different numbers are required, equal numbers
    are not. The byte count in `stats` is taken without the lines that may differ in length."""

    def __init__(self, is_reference, version_reply):
        self.is_reference = is_reference
        self.version_line = version_reply.rstrip(b"\r\n")
        self.order = {}
        self.uneven = 0  # bytes received in lines that may differ

    def lines(self, reply):
        """What is compared of a reply: its lines, with values skipped by their length."""
        out, at, uneven = [], 0, 0
        while at < len(reply):
            end = reply.find(b"\r\n", at)
            if end < 0:
                out.append(reply[at:])
                break
            line = reply[at:end]
            at = end + 2
            if line.startswith(b"VALUE "):
                length = int(line.split(b" ")[3])
                out += [self._value_line(line), reply[at:at + length + 2]]
                at += length + 2
                continue
            kept = self._line(line)
            if kept is not None:
                out.append(kept)
            if kept != line or line.startswith(b"STAT "):
                uneven += len(line) + 2
        self.uneven += uneven
        return out

    def _value_line(self, line):
        words = line.split(b" ")
        if len(words) == 5:
            words[4] = b"<unique %d>" % self.order.setdefault(words[4], len(self.order))
        return b" ".join(words)

    def _line(self, line):
        if line == self.version_line:
            return b"VERSION *"
        if line == b"RESET":
            self.uneven = 0
        if not line.startswith(b"STAT "):
            return line
        name = line.split(b" ")[1].decode()
        if self.is_reference and name in OMITTED:
            return None
        if name == "bytes_written":
            return b"STAT bytes_written %d without uneven lines" % (int(line.split(b" ")[2]) - self.uneven)
        if name in MAY_DIFFER or AGES.match(line):
            return b"STAT %s *" % name.encode()
        return line
