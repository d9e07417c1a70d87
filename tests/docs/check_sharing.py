#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Builds the files of docs/sharing.md as a stranger would, and runs them: what comes out must be the page's `output` block."""
import argparse
import pathlib
import re
import subprocess
import sys
import tempfile

FILE = re.compile(r"^```\w+ file=(\S+)\n(.*?)^```$", re.M | re.S)
OUTPUT = re.compile(r"^```output\n(.*?)^```$", re.M | re.S)


def run(folder, *command):
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=240)
    if done.returncode != 0:
        sys.exit(f"{' '.join(command)}: {done.returncode}\n{done.stdout}{done.stderr}")
    return done.stdout


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("page", type=pathlib.Path)
    parser.add_argument("--tenon", required=True)
    parser.add_argument("--compiler", required=True)
    parser.add_argument("--include", required=True)
    parser.add_argument("--library", type=pathlib.Path, required=True)
    options = parser.parse_args()
    text = options.page.read_text()
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        for file, body in FILE.findall(text):
            (folder / file).write_text(body)
        (folder / "meter.h").write_text(run(folder, options.tenon, "interface", "header", "meter.tni"))
        run(folder, options.tenon, "cc", "meter.bpf.c", "-I.", "-o", "meter.bpf.o")
        for program in ("host", "reader"):
            run(folder, options.compiler, "-std=c++23", "-Wall", "-Wextra", "-Werror", f"{program}.cpp", f"-I{options.include}", str(options.library),
                f"-Wl,-rpath,{options.library.parent}", "-o", program)
        got, expected = run(folder, "./host", "meter.bpf.o", "./reader"), OUTPUT.search(text).group(1)
        if got != expected:
            sys.exit(f"the page says {expected!r}, the programs {got!r}")
    print("sharing: the page's programs do what it says")


if __name__ == "__main__":
    main()
