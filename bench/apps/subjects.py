# SPDX-License-Identifier: Apache-2.0
"""The servers that compare.py measures."""
import os
import signal
import socket
import subprocess
import time

MEMCACHED, LINKED_IN, SANDBOXED = "memcached", "linked in", "sandboxed"
PROVOKED = "sandboxed, twin provoked"  # the same server as SANDBOXED


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def commands(build, port, twin_port, workers):
    user = ["-u", "root"] if os.geteuid() == 0 else []
    extensions = build / "extensions/memcached"
    twin = ["--extension", extensions / "memcached_spin.bpf.o", "--port", twin_port, "--memory", 4]
    return {
        MEMCACHED: ["memcached", "-l", "127.0.0.1", "-p", port, "-m", 64, "-t", workers, *user],
        LINKED_IN: [build / "kv_server_native", "--workers", workers, "--port", port],
        SANDBOXED: [build / "kv_server", "--workers", workers, "--extension", extensions / "memcached.bpf.o", "--port", port, *twin],
    }


class Server:
    def __init__(self, build, name, workers):
        self.name = name
        self.port, self.twin_port = free_port(), free_port()
        words = commands(build, self.port, self.twin_port, workers)[name]
        self.process = subprocess.Popen([str(word) for word in words], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self._await(self.port)
        if name == SANDBOXED:
            self._await(self.twin_port)

    def _await(self, port):
        deadline = time.monotonic() + 60
        while True:
            try:
                socket.create_connection(("127.0.0.1", port)).close()
                return
            except ConnectionRefusedError:
                if self.process.poll() is not None or time.monotonic() > deadline:
                    raise RuntimeError(f"{self.name} does not start") from None
                time.sleep(0.05)

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(10)
