#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs the case files of one folder: each file is a test that carries its own expectation.

  // RUN: verify|run   EXPECT: accept | reject | return N | thrown N | cancelled CAUSE     (or XFAIL: <cause> after the EXPECT)
  // INTERFACE: NAME   the case is about interfaces/NAME.tni, not raw; <NAME.h> is its header
  // ARGS: ...         more arguments for `tenon run` or `tenon verify`
  // TOKENS: got=1 put=0 released=1 lost=0     // DATA: 0011     // GUARDS: heap_accesses=2 elided=1 emitted=1
  code;   // ERROR: E0204 text                 the one root cause stands on this line ("insn N": in .s files; "program": no place)
  code;   // STOPS                             thrown or cancelled here
  // GUARDED:                                  what follows is `tenon dump --stage=guarded`, line by line

`run` cases run twice, native and interpreted, and must agree. TENON_BLESS=1 rewrites the golden text.
"""
import argparse
import concurrent.futures
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile

XFAIL_CAUSES = {"imprecise domain", "not in this build"}
DIRECTIVE = re.compile(r"//\s*(RUN|INTERFACE|EXPECT|XFAIL|ARGS|TOKENS|DATA|GUARDS|ERROR|STOPS|GUARDED)\b:?[ \t]*")
COUNTER = re.compile(r"(\w+)=(\d+)")


class Mismatch(Exception):
    pass


class Case:
    def __init__(self, path):
        self.path = path
        self.stage = self.expect = self.xfail = None
        self.arguments, self.tokens, self.guards = [], {}, {}
        self.data = self.error = self.stops = self.golden_from = None
        for number, line in enumerate(path.read_text().splitlines(), 1):
            if self.golden_from is None:
                self.read_line(number, line)
        if self.stage is None or self.expect is None:
            raise Mismatch("no RUN: and EXPECT: line")

    def read_line(self, number, line):
        found = DIRECTIVE.search(line)
        if not found:
            return
        word, rest = found.group(1), line[found.end():].strip()
        if word == "RUN":
            run, _, expect = rest.partition("EXPECT:")
            expect, _, xfail = expect.partition("XFAIL:")
            self.stage, self.expect, self.xfail = run.strip(), expect.split(), xfail.strip() or None
            if self.xfail and self.xfail not in XFAIL_CAUSES:
                raise Mismatch(f"XFAIL cause '{self.xfail}' is not on the list")
        elif word == "INTERFACE":
            self.arguments += ["--interface", str(pathlib.Path(__file__).parent / "interfaces" / f"{rest}.tni")]
        elif word == "ARGS":
            self.arguments += rest.split()
        elif word == "TOKENS":
            self.tokens = {k: int(v) for k, v in COUNTER.findall(rest)}
        elif word == "GUARDS":
            self.guards = {k: int(v) for k, v in COUNTER.findall(rest)}
        elif word == "DATA":
            self.data = rest
        elif word == "ERROR":
            code, _, text = rest.partition(" ")
            self.error = (code, number, text.strip())
        elif word == "STOPS":
            self.stops = number
        elif word == "GUARDED":
            self.golden_from = number


class Runner:
    def __init__(self, options):
        self.tenon, self.clang, self.headers = options.tenon, options.clang, options.headers

    def compile(self, case, folder):
        target = folder / (case.path.name + ".o")
        if case.path.suffix == ".s":
            command = [self.clang, "-target", "bpf", "-mcpu=v4", "-c", str(case.path), "-o", str(target)]
        else:
            command = [self.tenon, "cc", str(case.path), "-Werror", f"-I{self.headers}", "-o", str(target)]
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode != 0:
            raise Mismatch("does not compile:\n" + done.stderr)
        return target

    def answer(self, arguments, codes):
        done = subprocess.run([self.tenon, *arguments], capture_output=True, text=True, timeout=120)
        if done.returncode not in codes:
            raise Mismatch(f"tenon {arguments[0]} exits with {done.returncode}:\n{done.stdout}{done.stderr}")
        return json.loads(done.stdout)

    def verify(self, case, target):
        answer = self.answer(["verify", str(target), "--json", *case.arguments], {0, 1})
        want(case.expect in (["accept"], ["reject"]), "verify cases accept or reject")
        if case.expect == ["accept"]:
            want(answer["accepted"], f"rejected: {answer['diagnostics']}")
            for name, value in case.guards.items():
                want(answer["guards"][name] == value, f"guards.{name} is {answer['guards'][name]}, not {value}")
            return
        want(not answer["accepted"], "accepted")
        want(len(answer["diagnostics"]) == 1, f"one root cause wanted: {answer['diagnostics']}")
        want(case.error is not None, "reject cases say ERROR: on the line")
        self.check_diagnostic(case, answer["diagnostics"][0])

    @staticmethod
    def check_diagnostic(case, got):
        code, line, text = case.error
        want(got["code"] == code, f"{got['code']} ({got['message']}), not {code}")
        want(got["help"], "the diagnostic has no help")
        by_instruction = re.match(r"insn (\d+)\s*(.*)", text)
        if by_instruction:
            want(got["instruction"] == int(by_instruction.group(1)), f"at instruction {got['instruction']}")
            text = by_instruction.group(2)
        elif text.startswith("program"):
            want(got["instruction"] is None, f"at instruction {got['instruction']}")
            text = text.removeprefix("program").strip()
        elif case.path.suffix != ".s":
            want(pathlib.Path(got["file"]).name == case.path.name and got["line"] == line, f"at {got['file']}:{got['line']}: {got['message']}")
        want(text in got["message"], f"message '{got['message']}' lacks '{text}'")

    def run(self, case, target):
        for backend in ([], ["--interp"]):
            answer = self.answer(["run", str(target), "--json", *case.arguments, *backend], {0, 1, 3})
            try:
                self.check_run(case, answer)
            except Mismatch as mismatch:
                raise Mismatch(f"{'interpreted' if backend else 'native'}: {mismatch}") from None

    @staticmethod
    def check_run(case, answer):
        words = {"return": "returned", "thrown": "thrown", "cancelled": "cancelled"}
        want(case.expect[0] in words and len(case.expect) == 2, "run cases say return N, thrown N or cancelled CAUSE")
        want(answer["outcome"] == words[case.expect[0]], f"{answer}")
        if case.expect[0] == "cancelled":
            want(answer["cause"] == case.expect[1], f"{answer}")
        else:
            want(answer["r0"] == int(case.expect[1], 0) % 2**64, f"r0 is {answer['r0']}")
        if case.stops is not None:
            want(pathlib.Path(answer["file"]).name == case.path.name and answer["line"] == case.stops, f"stopped at {answer['file']}:{answer['line']}")
        for name, value in case.tokens.items():
            want(answer["tokens"][name] == value, f"tokens.{name} is {answer['tokens'][name]}, not {value}")
        if case.data is not None:
            want(answer["data"] == case.data, f"data is {answer['data']}")

    def golden(self, case, target):
        dump = subprocess.run([self.tenon, "dump", str(target), "--stage=guarded"], capture_output=True, text=True, timeout=120)
        want(dump.returncode == 0, f"tenon dump exits with {dump.returncode}:\n{dump.stderr}")
        text = re.sub(r"\S*/" + re.escape(case.path.name), case.path.name, dump.stdout)  # where the tree lies is no part of the golden text
        got = ["// " + line.rstrip() if line.strip() else "//" for line in text.splitlines()]
        lines = case.path.read_text().splitlines()
        if os.environ.get("TENON_BLESS"):
            case.path.write_text("\n".join(lines[:case.golden_from] + got) + "\n")
        else:
            want(lines[case.golden_from:] == got, "golden text differs (TENON_BLESS=1 rewrites it):\n" + "\n".join(got))

    def check(self, case):
        with tempfile.TemporaryDirectory() as folder:
            target = self.compile(case, pathlib.Path(folder))
            if case.stage == "verify":
                self.verify(case, target)
            elif case.stage == "run":
                self.run(case, target)
            else:
                raise Mismatch(f"RUN: '{case.stage}' is neither verify nor run")
            if case.golden_from is not None:
                self.golden(case, target)


def want(holds, message):
    if not holds:
        raise Mismatch(message)


def outcome(runner, path):
    """None when the case holds, else what is wrong."""
    try:
        case = Case(path)
    except Mismatch as mismatch:
        return str(mismatch)
    try:
        runner.check(case)
    except (Mismatch, subprocess.TimeoutExpired, json.JSONDecodeError, KeyError) as mismatch:
        return None if case.xfail else str(mismatch)
    return "passes although it is marked XFAIL" if case.xfail else None


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--tenon", required=True)
    parser.add_argument("--clang", default="clang-19")
    parser.add_argument("--headers", required=True, help="folder with the generated headers (raw.h)")
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    options = parser.parse_args()
    files = sorted(p for pattern in ("*.bpf.c", "*.s") for p in options.folder.rglob(pattern))
    want(files, f"no cases in {options.folder}")
    runner = Runner(options)
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        results = list(pool.map(lambda path: outcome(runner, path), files))
    failed = [(path, text) for path, text in zip(files, results) if text is not None]
    for path, text in failed:
        print(f"{path}: {text}")
    print(f"{len(files) - len(failed)} of {len(files)} cases hold")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
