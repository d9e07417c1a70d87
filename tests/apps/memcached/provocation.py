# SPDX-License-Identifier: Apache-2.0
"""A hostile twin of the memcached extension misbehaves when it is sent "!" and is stopped; what else its server serves must not notice."""
import socket
import threading
import time

REQUEST = b"!\r\n"
PATIENCE = 60  # seconds for anything that takes far less


def exchange(port, request, timeout=PATIENCE):
    """(reply, seconds); the reply is empty when the server closed the connection instead."""
    began = time.monotonic()
    with socket.create_connection(("127.0.0.1", port), timeout=timeout) as connection:
        connection.sendall(request)
        try:
            reply = connection.recv(65536)
        except ConnectionResetError:
            reply = b""
    return reply, time.monotonic() - began


class Provocation:
    """Provokes the twins behind `ports` in turn, one each `pause` seconds, until it is left."""

    def __init__(self, ports, pause):
        self.ports = list(ports)
        self.pause = pause
        self.times = 0
        self.answered = 0  # must stay 0: the twin was not stopped
        self.done = threading.Event()
        self.thread = threading.Thread(target=self._run)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.done.set()
        self.thread.join()

    def _run(self):
        while not self.done.wait(self.pause):
            reply, _ = exchange(self.ports[self.times % len(self.ports)], REQUEST)
            self.answered += reply != b""
            self.times += 1
