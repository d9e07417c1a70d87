#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Random C programs (csmith), each compiled by clang for this processor and for BPF: the process, Tenon's interpreter and Tenon's native code must give
the same checksum. Exits 1 when one differs, with its seed; --keep leaves its files behind."""
import argparse
import collections
import json
import pathlib
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent

# What BPF C lacks (struct results, more than five arguments) or does not define (packed layouts are fine in C, but only slow here).
CSMITH_OPTIONS = ["--no-argc", "--no-bitfields", "--no-packed-struct", "--no-arg-structs", "--no-return-structs", "--no-unions",
                  "--max-funcs", "6", "--quiet", "--concise"]
BPF_OPTIONS = ["-target", "bpf", "-mcpu=v4", "-O2", "-g", "-fno-builtin", "-mllvm", "-bpf-stack-size=8192"]
NATIVE_SECONDS = 2
QUANTUM = {"interpreter": "30ms", "native": "10s"}  # the interpreter counts instructions: one per ns


class Skip(Exception):
    """This program says nothing; the reason."""


class Differs(Exception):
    pass


def call(command, seconds, **options):
    try:
        return subprocess.run(command, capture_output=True, text=True, timeout=seconds, **options)
    except subprocess.TimeoutExpired:
        return None


def generate(seed, folder):
    source = folder / "program.c"
    made = call(["csmith", "--seed", str(seed), *CSMITH_OPTIONS, "-o", str(source)], 20)
    if made is None or made.returncode != 0 or not source.exists():
        raise Skip("csmith gave up")
    return source


def compile_driver(clang, source, output, options):
    command = [clang, *options, "-w", f"-I{HERE}", "-isystem", "/usr/include", f'-DPROGRAM="{source}"', str(HERE / "driver.c"), "-o", str(output)]
    return call(command, 120)


def native_checksum(clang, source, folder):
    binary = folder / "program"
    made = compile_driver(clang, source, binary, ["-O2"])
    if made is None or made.returncode != 0:
        raise Skip("clang refused it for this processor")
    ran = call([str(binary)], NATIVE_SECONDS)
    if ran is None:
        raise Skip("runs too long")
    if ran.returncode != 0:
        raise Skip(f"exit code {ran.returncode}")
    return int(ran.stdout)


def bpf_object(clang, source, folder):
    output = folder / "program.bpf.o"
    made = compile_driver(clang, source, output, [*BPF_OPTIONS, "-c"])
    if made is None or made.returncode != 0:
        raise Skip("clang refused it for BPF")
    return output


def tenon_checksum(tenon, output, backend):
    flags = ["--interp"] if backend == "interpreter" else []
    ran = call([tenon, "run", str(output), "--program", "run", "--quantum", QUANTUM[backend], "--json", *flags], 120)
    if ran is None:
        raise Differs(f"{backend}: no end after 120 s")
    try:
        answer = json.loads(ran.stdout)
    except json.JSONDecodeError:
        raise Differs(f"{backend}: exit code {ran.returncode}, {ran.stderr.strip()[-300:]}") from None
    if answer["outcome"] == "refused":
        first = answer["diagnostics"][0]
        raise Skip(f"refused: {first['code']} {first['message'][:90]}")
    if answer.get("cause") == "quantum":
        raise Skip(f"{backend}: runs too long")
    if answer.get("cause") == "stack":
        raise Skip(f"{backend}: stack exhausted")
    if answer["outcome"] != "returned":
        raise Differs(f"{backend}: {answer['outcome']} ({answer['cause']}) at instruction {answer['instruction']}")
    return answer["r0"]


def check(options, seed, folder):
    source = generate(seed, folder)
    expected = native_checksum(options.clang, source, folder)
    output = bpf_object(options.clang, source, folder)
    for backend in ("native", "interpreter"):
        found = tenon_checksum(options.tenon, output, backend)
        if found != expected:
            raise Differs(f"{backend}: {found} instead of {expected}")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=20, help="programs")
    parser.add_argument("--seed", type=int, default=1, help="first seed; each program has its own, one higher than the last")
    parser.add_argument("--seconds", type=int, default=0, help="stop after this time; 0: no limit")
    parser.add_argument("--min-agreed", type=int, default=0, help="fail when fewer agreed")
    parser.add_argument("--tenon", required=True)
    parser.add_argument("--clang", default="clang-19")
    parser.add_argument("--keep", type=pathlib.Path, help="folder for the files of the last program")
    options = parser.parse_args()

    tally = collections.Counter()
    end = time.monotonic() + options.seconds if options.seconds else None
    failed = False
    for seed in range(options.seed, options.seed + options.count):
        if end and time.monotonic() > end:
            break
        print(f"\rseed {seed} ", end="", file=sys.stderr, flush=True)
        with tempfile.TemporaryDirectory() as temporary:
            folder = options.keep or pathlib.Path(temporary)
            folder.mkdir(parents=True, exist_ok=True)
            try:
                check(options, seed, folder)
                tally["all three agree"] += 1
            except Skip as reason:
                tally[f"skipped: {reason}"] += 1
            except Differs as reason:
                print(f"\nseed {seed} differs: {reason}")
                failed = True
    print(file=sys.stderr)
    for what, times in tally.most_common():
        print(f"{times:6} {what}")
    if tally["all three agree"] < options.min_agreed:
        print(f"fewer than {options.min_agreed} programs agreed")
        failed = True
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
