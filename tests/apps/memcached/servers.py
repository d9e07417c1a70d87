# SPDX-License-Identifier: Apache-2.0
"""Starts the two servers that are compared, on free loopback ports, and talks to them in step."""
import os
import re
import select
import socket
import subprocess
import time


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Server:
    """One process; `command` holds {port} and {memory} (MB)."""

    def __init__(self, name, command, memory, errors=None):
        self.name = name
        self.port = free_port()
        words = [word.format(port=self.port, memory=memory) for word in command]
        self.process = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=errors)
        self._await()
        self.version_reply = self.ask(b"version\r\n")

    def _await(self):
        deadline = time.monotonic() + 120
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                raise RuntimeError(f"{self.name} ended with {self.process.returncode}")
            try:
                self.ask(b"")
                return
            except ConnectionRefusedError:
                time.sleep(0.02)
        raise RuntimeError(f"{self.name} does not answer on port {self.port}")

    def ask(self, request):
        """The reply to all of it. The server has closed the connection on return, so that connections never overlap in its counts."""
        with socket.create_connection(("127.0.0.1", self.port)) as s:
            s.sendall(request)
            s.shutdown(socket.SHUT_WR)
            reply = b""
            while part := s.recv(65536):
                reply += part
            return reply

    def stop(self):
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        return self.process.returncode


CAS_LINE = re.compile(rb"^VALUE (\S+) \d+ (\d+) (\d+)$")
CAS_MARK = re.compile(rb"<cas:([^:>]*):(\d+)>")


class Peer:
    """One connection to one server. Remembers the unique numbers it was told, so that `<cas:KEY:N>` in a request can stand for KEY's number plus N."""

    TIMEOUT = 20.0

    def __init__(self, server, uniques):
        self.server = server
        self.uniques = uniques
        self.socket = socket.create_connection(("127.0.0.1", server.port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.received = b""
        self.ended = False

    def send(self, data):
        def number(match):
            return b"%d" % (self.uniques.get(match.group(1), 1) + int(match.group(2)))

        if self.ended:
            return
        self.socket.setblocking(False)
        view = memoryview(CAS_MARK.sub(number, data) if b"<cas:" in data else data)
        while len(view):
            # Whoever sends much must read meanwhile, or both sides wait for ever.
            readable, writable, _ = select.select([self.socket], [self.socket], [], self.TIMEOUT)
            if readable and not self._receive():
                return
            if writable:
                try:
                    view = view[self.socket.send(view):]
                except BlockingIOError:
                    pass
                except OSError:
                    self.ended = True
                    return
            if not readable and not writable:
                raise TimeoutError(f"{self.server.name} takes no more input")

    def _receive(self):
        try:
            part = self.socket.recv(1 << 20)
        except BlockingIOError:
            return True
        except OSError:
            part = b""
        self.received += part
        self.ended = self.ended or not part
        return bool(part)

    def finish_sending(self):
        try:
            self.socket.shutdown(socket.SHUT_WR)
        except OSError:
            pass

    def read_until(self, mark):
        """Reads until what arrived ends in `mark`, or to the end. The whole of it, without the mark."""
        self.socket.setblocking(True)
        self.socket.settimeout(self.TIMEOUT)
        while not self.ended and not (mark and self.received.endswith(mark)):
            try:
                if not self._receive():
                    break
            except TimeoutError:
                raise TimeoutError(f"{self.server.name}: no end after {self.received[-200:]!r}") from None
        reply, self.received = self.received, b""
        if mark and reply.endswith(mark):
            reply = reply[: -len(mark)]
        elif mark:
            reply += b"<closed>"
        self._learn(reply)
        return reply

    def _learn(self, reply):
        if b"VALUE " not in reply:
            return
        at = 0
        while True:
            end = reply.find(b"\r\n", at)
            if end < 0:
                return
            line = reply[at:end]
            at = end + 2
            match = CAS_LINE.match(line)
            if match:
                self.uniques[match.group(1)] = int(match.group(3))
                at += int(match.group(2)) + 2
            elif line.startswith(b"VALUE "):
                at += int(line.split(b" ")[3]) + 2

    def close(self):
        self.socket.close()


def reference_command(options=()):
    command = ["memcached", "-l", "127.0.0.1", "-p", "{port}", "-m", "{memory}", "-t", "1", *options]
    return command + (["-u", "root"] if os.geteuid() == 0 else [])
