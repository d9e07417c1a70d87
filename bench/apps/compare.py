#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Is memcached as a sandboxed extension as fast as Debian's memcached?

  compare.py BUILD [--rounds N] [--seconds S] [--json FILE] [--smoke]

Workload: kv_load (one thread, 16 connections, 10,000 keys of 16 bytes, values of 100 bytes, 90% gets; every byte of every reply checked), at depth 1 and 16.
Metrics: requests per second, server CPU time per request (ns), p99 latency (us). Baselines: memcached with one thread, and the extension's source linked into the
same host without a sandbox. All servers run during the whole measurement; load goes to one at a time, in an order that changes with each round; medians."""
import argparse
import json
import os
import pathlib
import platform
import random
import signal
import socket
import statistics
import subprocess
import sys
import time

SUBJECTS = ("memcached", "linked in", "sandboxed")
METRICS = (("per_second", "requests/s", 0), ("server_cpu_ns_per_request", "server CPU ns/request", 0), ("p99_us", "p99 us", 1))
DEPTHS = (1, 16)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def commands(build, port):
    user = ["-u", "root"] if os.geteuid() == 0 else []
    extension = build / "extensions/memcached/memcached.bpf.o"
    return {
        "memcached": ["memcached", "-l", "127.0.0.1", "-p", port, "-m", "64", "-t", "1", *user],
        "linked in": [build / "kv_server_native", "--port", port],
        "sandboxed": [build / "kv_server", "--extension", extension, "--port", port],
    }


class Server:
    def __init__(self, build, name):
        self.name = name
        self.port = free_port()
        self.process = subprocess.Popen([str(word) for word in commands(build, str(self.port))[name]], stdout=subprocess.DEVNULL)
        deadline = time.monotonic() + 60
        while True:
            try:
                socket.create_connection(("127.0.0.1", self.port)).close()
                return
            except ConnectionRefusedError:
                if self.process.poll() is not None or time.monotonic() > deadline:
                    raise RuntimeError(f"{name} does not start") from None
                time.sleep(0.05)

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(10)


def measure(build, server, depth, seconds, seed):
    words = [build / "kv_load", "--port", server.port, "--pid", server.process.pid, "--depth", depth, "--seconds", seconds, "--seed", seed]
    done = subprocess.run([str(word) for word in words], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"load on {server.name}: {done.stderr.strip()}")
    return json.loads(done.stdout)


def commit():
    done = subprocess.run(["git", "describe", "--always", "--dirty"], cwd=pathlib.Path(__file__).parent, capture_output=True, text=True, check=False)
    return done.stdout.strip() or "unknown"


def run(options):
    build = pathlib.Path(options.build).resolve()
    servers = [Server(build, name) for name in SUBJECTS]
    samples = {(depth, name): [] for depth in DEPTHS for name in SUBJECTS}
    order = random.Random(1)
    try:
        for round_ in range(options.rounds):
            for depth in DEPTHS:
                order.shuffle(servers)
                for server in servers:
                    samples[depth, server.name].append(measure(build, server, depth, options.seconds, round_ + 1))
            print(f"round {round_ + 1} of {options.rounds}", file=sys.stderr, flush=True)
    finally:
        for server in servers:
            server.stop()
    return samples


def summary(samples, options):
    rows = []
    for depth in DEPTHS:
        for key, label, _ in METRICS:
            medians = {name: statistics.median(sample[key] for sample in samples[depth, name]) for name in SUBJECTS}
            # Ratios are taken within each round, so that what disturbs the machine for longer than a round cancels out.
            ratios = {name: statistics.median(ours[key] / theirs[key] for ours, theirs in zip(samples[depth, name], samples[depth, "memcached"]))
                      for name in SUBJECTS}
            rows.append({"depth": depth, "metric": label, "key": key, "medians": medians, "to_memcached": ratios})
    return {"benchmark": "memcached", "commit": commit(), "date": time.strftime("%Y-%m-%d"), "machine": platform.processor() or platform.machine(),
            "kernel": platform.release(), "cpus": os.cpu_count(), "load": os.getloadavg()[0], "rounds": options.rounds, "seconds": options.seconds,
            "goal": {"per_second": ">= 1.0", "server_cpu_ns_per_request": "<= 1.0"}, "rows": rows}


def table(report):
    lines = ["| depth | metric | " + " | ".join(SUBJECTS) + " | sandboxed / memcached | sandboxed / linked in |", "|---:|---|" + "---:|" * (len(SUBJECTS) + 2)]
    digits = {key: count for key, _, count in METRICS}
    for row in report["rows"]:
        medians = row["medians"]
        cells = [f"{medians[name]:,.{digits[row['key']]}f}" for name in SUBJECTS]
        cells += [f"{row['to_memcached']['sandboxed']:.2f}", f"{medians['sandboxed'] / medians['linked in']:.2f}"]
        lines.append(f"| {row['depth']} | {row['metric']} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def main():
    parser = argparse.ArgumentParser(description="our server against memcached, alternating in one run")
    parser.add_argument("build")
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--seconds", type=float, default=2.0)
    parser.add_argument("--json", default="")
    parser.add_argument("--smoke", action="store_true", help="one short round: does it still run?")
    options = parser.parse_args()
    if options.smoke:
        options.rounds, options.seconds = 1, 0.2
    report = summary(run(options), options)
    if options.json:
        pathlib.Path(options.json).write_text(json.dumps(report, indent=1) + "\n")
    print(table(report))
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except (RuntimeError, FileNotFoundError) as problem:
        print(problem, file=sys.stderr)
        sys.exit(1)
