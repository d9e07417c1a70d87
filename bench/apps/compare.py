#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Is memcached as a sandboxed extension as fast as Debian's memcached?

  compare.py BUILD [--workers N] [--rounds N] [--seconds S] [--json FILE] [--svg FILE] [--smoke]

Workload: kv_load (one thread, 16 connections, 10,000 keys of 16 bytes, values of 100 bytes, 90% gets; every byte of every reply checked), at depth 1 and 16.
Metrics: requests per second, server CPU time per request (ns), p99 and p99.9 latency (us). Baselines: memcached with as many threads as kv_server has workers, and the
extension's source linked into the same host without a sandbox. A hostile twin is loaded beside the sandboxed extension all the time; the last subject is the same server
while that twin is provoked. All servers run during the whole measurement; load goes to one at a time, in an order that changes with each round; medians."""
import argparse
import json
import os
import pathlib
import platform
import random
import statistics
import subprocess
import sys
import time

from subjects import LINKED_IN, MEMCACHED, PROVOKED, SANDBOXED, Server

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path[:0] = [str(ROOT / "bench"), str(ROOT / "tests/apps/memcached")]
from picture import Picture  # noqa: E402  (the path comes first)
from provocation import Provocation  # noqa: E402

SUBJECTS = (MEMCACHED, LINKED_IN, SANDBOXED, PROVOKED)
METRICS = (("per_second", "requests/s", 0), ("server_cpu_ns_per_request", "server CPU ns/request", 0), ("p99_us", "p99 us", 1), ("p999_us", "p99.9 us", 1))
DEPTHS = (1, 16)
PAUSE = 0.09  # between two provocations; each is the twin's quantum of 10 ms of a worker's time
COLOURS = {MEMCACHED: "#b8bec8", LINKED_IN: "#c98a2b", SANDBOXED: "#1f6fb2", PROVOKED: "#8e3b46"}


def load(build, server, depth, seconds, seed):
    words = [build / "kv_load", "--port", server.port, "--pid", server.process.pid, "--depth", depth, "--seconds", seconds, "--seed", seed]
    done = subprocess.run([str(word) for word in words], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"load on {server.name}: {done.stderr.strip()}")
    return json.loads(done.stdout)


def measure(build, servers, name, depth, seconds, seed):
    if name != PROVOKED:
        return load(build, servers[name], depth, seconds, seed)
    with Provocation([servers[SANDBOXED].twin_port], PAUSE) as provocation:
        result = load(build, servers[SANDBOXED], depth, seconds, seed)
    if provocation.answered:
        raise RuntimeError(f"the twin answered {provocation.answered} of {provocation.times} provocations")
    return result | {"provoked": provocation.times}


def commit():
    done = subprocess.run(["git", "describe", "--always", "--dirty"], cwd=pathlib.Path(__file__).parent, capture_output=True, text=True, check=False)
    return done.stdout.strip() or "unknown"


def run(options):
    build = pathlib.Path(options.build).resolve()
    servers = {name: Server(build, name, options.workers) for name in (MEMCACHED, LINKED_IN, SANDBOXED)}
    samples = {(depth, name): [] for depth in DEPTHS for name in SUBJECTS}
    order, names, loads = random.Random(1), list(SUBJECTS), []
    try:
        for round_ in range(options.rounds):
            for depth in DEPTHS:
                order.shuffle(names)
                for name in names:
                    samples[depth, name].append(measure(build, servers, name, depth, options.seconds, round_ + 1))
            loads.append(os.getloadavg()[0])
            print(f"round {round_ + 1} of {options.rounds}, load average {loads[-1]:.1f}", file=sys.stderr, flush=True)
    finally:
        for server in servers.values():
            server.stop()
    return samples, statistics.median(loads)


def summary(samples, load_average, options):
    rows = []
    for depth in DEPTHS:
        for key, label, _ in METRICS:
            medians = {name: statistics.median(sample[key] for sample in samples[depth, name]) for name in SUBJECTS}

            # Ratios are taken within each round, so that what disturbs the machine for longer than a round cancels out.
            def ratio(name, to):
                return statistics.median(ours[key] / theirs[key] for ours, theirs in zip(samples[depth, name], samples[depth, to]))

            rows.append({"depth": depth, "metric": label, "key": key, "medians": medians, "to_memcached": {name: ratio(name, MEMCACHED) for name in SUBJECTS},
                         "to_linked_in": ratio(SANDBOXED, LINKED_IN), "provoked_to_quiet": ratio(PROVOKED, SANDBOXED)})
    return {"benchmark": "memcached", "workers": options.workers, "commit": commit(), "date": time.strftime("%Y-%m-%d"),
            "machine": platform.processor() or platform.machine(), "kernel": platform.release(), "cpus": os.cpu_count(), "load": load_average, "rounds": options.rounds,
            "seconds": options.seconds, "provoked": sum(sample["provoked"] for depth in DEPTHS for sample in samples[depth, PROVOKED]),
            "goal": {"per_second": ">= 1.0", "server_cpu_ns_per_request": "<= 1.0"}, "rows": rows}


def table(report):
    columns = ["sandboxed / memcached", "sandboxed / linked in", "provoked / quiet"]
    lines = ["| depth | metric | " + " | ".join(SUBJECTS) + " | " + " | ".join(columns) + " |", "|---:|---|" + "---:|" * (len(SUBJECTS) + len(columns))]
    digits = {key: count for key, _, count in METRICS}
    for row in report["rows"]:
        cells = [f"{row['medians'][name]:,.{digits[row['key']]}f}" for name in SUBJECTS]
        cells += [f"{ratio:.2f}" for ratio in (row["to_memcached"][SANDBOXED], row["to_linked_in"], row["provoked_to_quiet"])]
        lines.append(f"| {row['depth']} | {row['metric']} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def svg(report):
    """A group of bars for each depth and metric, as ratios to memcached; the number beside each bar is the measured one."""
    left, width, bar, gap, top, end = 190, 420, 12, 12, 76, 2.0
    picture = Picture()
    picture.text(16, 24, f"memcached, {report['workers']} worker threads, relative to Debian's memcached -t {report['workers']}", size=14, weight="bold")
    x = left
    for name in SUBJECTS:
        picture.bar(x, 38, 11, 11, COLOURS[name])
        picture.text(x + 16, 48, name)
        x += 40 + 7 * len(name)
    y = top
    for row in report["rows"]:
        picture.text(left - 8, y + bar * len(SUBJECTS) / 2 + 4, f"{row['metric']}, depth {row['depth']}", anchor="end")
        for name in SUBJECTS:
            ratio = row["to_memcached"][name]
            length = width * min(ratio, end) / end
            picture.bar(left, y, length, bar - 1, COLOURS[name])
            picture.text(left + length + 5, y + bar - 3, f"{row['medians'][name]:,.0f} ({ratio:.2f})", size=9)
            y += bar
        y += gap
    for ratio in (0, 0.5, 1, 1.5, 2):
        at = left + width * ratio / end
        picture.line(at, top - 6, at, y - gap, colour="#1a1a1a" if ratio == 1 else "#d8d8d8", dash="4 3" if ratio == 1 else "")
        picture.text(at, top - 10, f"{ratio:g}", size=10, anchor="middle")
    picture.text(16, y + 12, f"More is better for requests/s, less for all others. Bars end at {end:g}. {report['cpus']} processors, Linux {report['kernel']}, commit {report['commit']}, "
                             f"{report['date']}, {report['rounds']} rounds, load average {report['load']:.1f}", size=10)
    return picture.svg(left + width + 150, y + 28)


def main():
    parser = argparse.ArgumentParser(description="our server against memcached, alternating in one run")
    parser.add_argument("build")
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--seconds", type=float, default=2.0)
    parser.add_argument("--json", default="")
    parser.add_argument("--svg", default="")
    parser.add_argument("--smoke", action="store_true", help="one short round: does it still run?")
    options = parser.parse_args()
    if options.smoke:
        options.rounds, options.seconds = 1, 0.2
    report = summary(*run(options), options)
    if options.json:
        pathlib.Path(options.json).write_text(json.dumps(report, indent=1) + "\n")
    if options.svg:
        pathlib.Path(options.svg).write_text(svg(report))
    print(table(report))
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except (RuntimeError, FileNotFoundError) as problem:
        print(problem, file=sys.stderr)
        sys.exit(1)
