#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Serves Debian's memcaslap from a sandboxed extension on two worker threads that share its heap, and lets hostile twins of it loose in the same process and threads. Ends
in a table; exit status 0 only if every row is good. Each value that memcaslap gets back is compared with what it stored (-v 1.0); that this comparison notices a wrong
value is shown first. Latencies are those of kv_load, which compares every byte of every reply, too."""
import json
import pathlib
import re
import shutil
import socket
import subprocess
import sys
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "tests/apps/memcached"))
from provocation import PATIENCE, REQUEST, Provocation, exchange  # noqa: E402  (the path comes first)

WORKERS = 2
SECONDS = 4          # of each load
PROVOCATIONS = 10    # per hostile twin
PAUSE = 0.1          # between two provocations during a load
TWINS = {"spin": "loops for ever", "wild": "dereferences a wild pointer", "glutton": "fills its heap"}


def free_port():
    """Free for TCP and UDP, because memcaslap uses one number for both."""
    while True:
        with socket.socket() as tcp, socket.socket(type=socket.SOCK_DGRAM) as udp:
            tcp.bind(("127.0.0.1", 0))
            port = tcp.getsockname()[1]
            try:
                udp.bind(("127.0.0.1", port))
                return port
            except OSError:
                continue


class KvServer:
    """kv_server with one or more extensions: (object, options)."""

    def __init__(self, build, extensions):
        words = [build / "kv_server", "--workers", WORKERS]
        for name, options in extensions:
            words += ["--extension", build / f"extensions/memcached/{name}.bpf.o", *options]
        self.process = subprocess.Popen([str(word) for word in words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.messages = []
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()
        for name, _ in extensions:
            if not self.process.stdout.readline():
                self.process.wait()
                self.reader.join()
                raise RuntimeError("kv_server does not start:\n" + "\n".join(self.messages))
            print(f"  loaded {name}", flush=True)

    def _read(self):
        for line in self.process.stderr:
            self.messages.append(line.rstrip("\n"))

    def stop(self):
        self.process.terminate()
        try:
            self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.reader.join()
        return self.process.returncode


class Load:
    """One run of memcaslap with every value verified."""

    def __init__(self, tool, port, udp=False, seconds=SECONDS):
        words = [tool, "-s", f"127.0.0.1:{port}", "-T", str(WORKERS), "-c", "8", "-t", f"{seconds}s", "-v", "1.0"] + (["-U"] if udp else [])
        self.udp = udp
        self.process = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        self.numbers = {}

    def finish(self):
        try:
            output, _ = self.process.communicate(timeout=PATIENCE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.communicate()
            return self
        self.numbers = {name: int(value) for name, value in re.findall(r"^(\w+): (\d+)\s*$", output, re.MULTILINE)}
        speed = re.search(r"TPS: (\d+)", output)
        self.numbers["per_second"] = int(speed.group(1)) if speed else 0
        return self

    def good(self):
        """memcaslap's exit status says nothing: its counters do."""
        zero = ["verify_failed", "verify_misses", "get_misses"] + (["udp_timeout"] if self.udp else [])
        return self.numbers.get("cmd_get", 0) > 0 and all(self.numbers.get(name) == 0 for name in zero)

    def text(self):
        names = ["cmd_get", "cmd_set", "verify_failed", "verify_misses", "get_misses"] + (["udp_timeout"] if self.udp else []) + ["per_second"]
        return ", ".join(f"{name} {self.numbers.get(name, '?')}" for name in names)


class Report:
    def __init__(self):
        self.rows = []

    def add(self, what, good, detail):
        self.rows.append((what, "ok" if good else "FAILED", detail))
        print(f"  {what}: {'ok' if good else 'FAILED'}", flush=True)

    def print(self):
        widths = [max(len(row[i]) for row in self.rows) for i in range(2)]
        print()
        for what, result, detail in self.rows:
            print(f"{what:<{widths[0]}}  {result:<{widths[1]}}  {detail}")
        return all(row[1] == "ok" for row in self.rows)


def show_that_lies_are_noticed(build, tool, report):
    print("a twin that changes one bit of a value now and then: the verification must notice", flush=True)
    port = free_port()
    server = KvServer(build, [("memcached_liar", ["--port", port, "--memory", 512])])
    load = Load(tool, port, seconds=2).finish()
    server.stop()
    report.add("memcaslap notices a changed bit", load.numbers.get("verify_failed", 0) > 0, load.text())


def provoke(name, port, report):
    """Everybody else's connection to the twin goes on; only the request that misbehaves is stopped."""
    stored, _ = exchange(port, b"set before 0 0 5\r\nvalue\r\n")
    times, closed = [], 0
    for _ in range(PROVOCATIONS):
        reply, seconds = exchange(port, REQUEST)
        times.append(seconds)
        closed += reply == b""
    after, _ = exchange(port, b"get before\r\n")
    still_serves = stored == b"STORED\r\n" and after == b"VALUE before 0 5\r\nvalue\r\nEND\r\n"
    times.sort()
    detail = f"{closed} of {PROVOCATIONS} stopped, median {times[len(times) // 2] * 1000:.1f} ms; serves others as before: {'yes' if still_serves else 'no'}"
    report.add(f"twin that {TWINS[name]}", closed == PROVOCATIONS and still_serves, detail)


def checked_load(build, port):
    """What kv_load says; it ends with an error at the first reply that is not what it has to be."""
    words = [build / "kv_load", "--port", port, "--seconds", SECONDS / 2]
    done = subprocess.run([str(word) for word in words], capture_output=True, text=True, check=False)
    return json.loads(done.stdout) if done.returncode == 0 else {"error": done.stderr.strip()}


def latencies(build, port, twin_ports, report):
    def text(result):
        return result.get("error") or f"{result['per_second']:.0f} requests/s, p50 {result['p50_us']:.0f} us, p99 {result['p99_us']:.0f} us"

    before = checked_load(build, port)
    with Provocation(twin_ports, PAUSE) as provocation:
        during = checked_load(build, port)
    report.add("latencies, twins quiet", "error" not in before, text(before))
    report.add(f"latencies, twins provoked {provocation.times} times", "error" not in during and provocation.times > provocation.answered == 0, text(during))


def count_together(build, report):
    """Eight connections on two workers change the same keys; a twin is stopped again and again while it holds the lock that they share."""
    print("no lost update, while a twin is stopped with the lock in its hand", flush=True)
    script = pathlib.Path(__file__).resolve().parent.parent / "tests/apps/kv_server/workers.py"
    words = [sys.executable, script, "--seconds", 0.5, "--provoke", "--", build / "kv_server", "--workers", WORKERS, "--extension",
             build / "extensions/memcached/memcached_holder.bpf.o", "--port", "{port}", "--udp-port", "{port}", "--memory", "{memory}"]
    done = subprocess.run([str(word) for word in words], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, check=False)
    for line in done.stdout.splitlines():
        result, _, detail = line.partition(" ")
        if result in ("ok", "FAIL"):
            name, _, numbers = detail.strip().partition(": ")
            report.add(f"two workers: {name}" if numbers else "two workers: memory", result == "ok", numbers or name)
    report.add("two workers: all checks", done.returncode == 0, f"exit status {done.returncode}")


def serve_and_provoke(build, tool, report):
    print("memcached and three hostile twins in one process, on two threads", flush=True)
    port = free_port()
    ports = {name: free_port() for name in TWINS}
    small = ["--memory", "4", "--heap-limit", "8"]
    server = KvServer(build, [("memcached", ["--port", port, "--udp-port", port, "--memory", 512])] +
                      [(f"memcached_{name}", ["--port", ports[name], *small]) for name in TWINS])
    try:
        for udp in (False, True):
            load = Load(tool, port, udp).finish()
            report.add(f"memcaslap over {'UDP' if udp else 'TCP'}, every value verified", load.good(), load.text())
        load = Load(tool, port, seconds=2 * SECONDS)
        time.sleep(1)
        for name in TWINS:
            provoke(name, ports[name], report)
        under_load = load.process.poll() is None
        load.finish()
        report.add("memcaslap beside the hostile twins", load.good() and under_load, load.text())
        latencies(build, port, ports.values(), report)
    finally:
        status = server.stop()
    report.add("server ends when asked", status == 0, f"exit status {status}")
    for name in TWINS:
        lines = [line for line in server.messages if f"{name}.bpf.c:" in line and "cancelled" in line]
        report.add(f"source line of '{name}' is named", bool(lines), re.sub(r"/\S*/", "", lines[0]) if lines else "nothing was printed")


def main():
    build = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else "build").resolve()
    tool = shutil.which("memcaslap") or shutil.which("memaslap")
    if not tool:
        print("memcaslap is missing: make setup", file=sys.stderr)
        return 1
    report = Report()
    try:
        show_that_lies_are_noticed(build, tool, report)
        serve_and_provoke(build, tool, report)
        count_together(build, report)
    except (RuntimeError, OSError) as problem:
        report.add("the demo itself", False, str(problem))
    return 0 if report.print() else 1


if __name__ == "__main__":
    sys.exit(main())
