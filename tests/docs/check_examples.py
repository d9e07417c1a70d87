#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs the examples of a page in docs/: fenced blocks whose info string says what must come out.

  ```c accept raw             compiled with <raw.h> included; every program is accepted
  ```c reject E0301 raw       refused with exactly this one code; a line that ends in `// E0301` is where the diagnostic stands
  ```asm reject E0201 raw     the same for the body of one program in assembly
  ```tni accept               `tenon interface check` takes it, and clang compiles its header for BPF
  ```tni reject E0502         refused with this code
  ```tni lint E0520           `tenon interface lint` finds exactly this code (`lint clean`: nothing)

With --sections, each `## E0...` section of the ranges given must have a reject and an accept block, or name the unit test that shows it, or say that no program is known.
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

BLOCK = re.compile(r"^```(c|asm|tni) (accept|reject|lint)([^\n]*)\n(.*?)^```$", re.M | re.S)
SECTION = re.compile(r"^## (E0\d{3}): ", re.M)
PLACE = re.compile(r"//.*\b(E0\d{3})\b")
PREFIX = re.compile(r"error\[(E0\d{3})\]")
ASSEMBLY = '\t.section {0},"ax",@progbits\n\t.globl example\n\t.type example,@function\nexample:\n{1}\t.size example, .-example\n'


class Mismatch(Exception):
    pass


def want(holds, message):
    if not holds:
        raise Mismatch(message)


class Example:
    def __init__(self, page, text, found):
        self.page, self.line = page, text.count("\n", 0, found.start()) + 1
        self.language, self.expect, self.body = found.group(1), found.group(2), found.group(4)
        words = found.group(3).split()
        self.code = words.pop(0) if self.expect != "accept" else None
        self.interface = words.pop(0) if words else "raw"


class Runner:
    def __init__(self, options):
        self.tenon, self.clang, self.headers, self.interfaces, self.ext = (
            options.tenon, options.clang, options.headers, options.interfaces, options.ext)

    def run(self, *command):
        return subprocess.run(command, capture_output=True, text=True, timeout=120)

    def check(self, example):
        with tempfile.TemporaryDirectory() as folder:
            check = self.tni if example.language == "tni" else self.program
            check(example, pathlib.Path(folder))

    def program(self, example, folder):
        target = str(folder / "example.o")
        if example.language == "asm":
            source = folder / "example.s"
            source.write_text(ASSEMBLY.format(example.interface, example.body))
            done = self.run(self.clang, "-target", "bpf", "-mcpu=v4", "-c", str(source), "-o", target)
        else:
            source = folder / "example.bpf.c"
            source.write_text(f"#include <{example.interface}.h>\n#line 1\n{example.body}")
            done = self.run(self.tenon, "cc", str(source), f"-I{self.headers}", "-o", target)
        want(done.returncode == 0, f"does not compile:\n{done.stderr}")
        interface = example.interface if example.interface == "raw" else str(self.interfaces / f"{example.interface}.tni")
        done = self.run(self.tenon, "verify", target, "--json", "--interface", interface)
        want(done.returncode in (0, 1), f"tenon verify exits with {done.returncode}:\n{done.stderr}")
        got = json.loads(done.stdout)["diagnostics"]
        if example.expect == "accept":
            want(not got, f"rejected: {got}")
            return
        want([one["code"] for one in got] == [example.code], f"not refused with {example.code} alone: {got}")
        places = [number for number, line in enumerate(example.body.splitlines(), 1) if PLACE.search(line)]
        want(not places or got[0]["line"] in places, f"refused at line {got[0]['line']}: {got[0]['message']}")

    def tni(self, example, folder):
        source = folder / "example.tni"
        source.write_text(example.body)
        if example.expect == "lint":
            done = self.run(self.tenon, "interface", "lint", str(source), "--json")
            codes = [one["code"] for one in json.loads(done.stdout)["findings"]]
            want(codes == ([] if example.code == "clean" else [example.code]), f"lint finds {codes}:\n{done.stdout}")
            return
        done = self.run(self.tenon, "interface", "check", str(source))
        if example.expect == "reject":
            codes = PREFIX.findall(done.stderr)
            want(done.returncode == 1 and codes == [example.code], f"not refused with {example.code}:\n{done.stderr}")
            return
        want(done.returncode == 0, f"refused:\n{done.stderr}")
        header = self.run(self.tenon, "interface", "header", str(source))
        want(header.returncode == 0, f"no header:\n{header.stderr}")
        (folder / "example.h").write_text(header.stdout)
        (folder / "example.c").write_text('#include "example.h"\n')
        done = self.run(self.clang, "-target", "bpf", "-mcpu=v4", "-g", "-O2", "-Wall", "-Werror", f"-I{self.ext}", "-c", str(folder / "example.c"),
                        "-o", str(folder / "example.o"))
        want(done.returncode == 0, f"clang refuses its header:\n{done.stderr}")


def outcome(runner, example):
    try:
        runner.check(example)
    except (Mismatch, subprocess.TimeoutExpired, json.JSONDecodeError, KeyError) as mismatch:
        return str(mismatch)
    return None


def missing_examples(page, ranges):
    """Sections of codes that start with one of `ranges` and show neither a pair of examples nor where a unit test does."""
    text = page.read_text()
    heads = list(SECTION.finditer(text))
    for head, after in zip(heads, heads[1:] + [None]):
        section = text[head.start():after.start() if after else len(text)]
        if not head.group(1).startswith(tuple(ranges)) or re.search(r"Unit test: `|no program is\s+known", section):
            continue
        blocks = [(found.group(2), found.group(3).split()) for found in BLOCK.finditer(section)]
        shown = any(kind != "accept" and words and words[0] == head.group(1) for kind, words in blocks)
        repaired = any(kind == "accept" or words[:1] == ["clean"] for kind, words in blocks)
        if not (shown and repaired):
            yield f"{page}: {head.group(1)} has no example that triggers it and its repair"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("page", type=pathlib.Path)
    parser.add_argument("--tenon", required=True)
    parser.add_argument("--clang", default="clang-19")
    parser.add_argument("--headers", required=True, help="folder with the generated headers")
    parser.add_argument("--interfaces", type=pathlib.Path, required=True, help="folder with the .tni files other than raw")
    parser.add_argument("--ext", required=True, help="folder of tn/builtin.h")
    parser.add_argument("--sections", nargs="*", default=[])
    parser.add_argument("--only", help="only examples of this code")
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    options = parser.parse_args()
    text = options.page.read_text()
    examples = [Example(options.page, text, found) for found in BLOCK.finditer(text)]
    if options.only:
        examples = [example for example in examples if example.code == options.only]
    wrong = list(missing_examples(options.page, options.sections))
    if not examples:
        wrong.append(f"{options.page}: no examples")
    runner = Runner(options)
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        results = list(pool.map(lambda example: outcome(runner, example), examples))
    failed = [f"{e.page}:{e.line}: {e.expect} {e.code or ''}: {text}" for e, text in zip(examples, results) if text is not None]
    for line in wrong + failed:
        print(line)
    print(f"{len(examples) - len(failed)} of {len(examples)} examples hold")
    return 1 if wrong or failed else 0


if __name__ == "__main__":
    sys.exit(main())
