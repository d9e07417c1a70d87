#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What a release accepts, the next accepts: adds the objects of accepted cases to tests/corpus/accepted.

An object that is there stays as it is, so that the corpus holds what older compilers made, too; remove one only when its acceptance was a mistake of ours.

  tools/add_to_corpus.py --headers build/tests/cases/headers [CASE.bpf.c ...]      (all cases that say `EXPECT: accept`, when none is named)"""
import argparse
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
CASES, CORPUS = ROOT / "tests" / "cases" / "verify", ROOT / "tests" / "corpus" / "accepted"
FLAGS = ["-target", "bpf", "-mcpu=v4", "-O2", "-g", "-fno-builtin", "-mllvm", "-bpf-stack-size=8192", "-fdebug-compilation-dir=."]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("cases", nargs="*", type=pathlib.Path)
    parser.add_argument("--headers", type=pathlib.Path, required=True)
    parser.add_argument("--clang", default="clang-19")
    options = parser.parse_args()
    added = 0
    for case in options.cases or sorted(CASES.rglob("*.bpf.c")):
        text = case.read_text()
        if not re.search(r"RUN: verify\s+EXPECT: accept\s*$", text, re.M) or "// ARGS:" in text:
            continue
        interface = re.search(r"// INTERFACE: (\w+)", text)
        name = f"{interface.group(1) if interface else 'raw'}.{case.parent.name}.{case.name.removesuffix('.bpf.c')}.o"
        if (CORPUS / name).exists():
            continue
        command = [options.clang, *FLAGS, f"-I{options.headers.resolve()}", f"-I{ROOT / 'ext/include'}", f"-ffile-prefix-map={ROOT}=.",
                   f"-ffile-prefix-map={options.headers.resolve()}=.", "-c", case.resolve().relative_to(ROOT), "-o", CORPUS / name]
        subprocess.run(command, check=True, cwd=ROOT)
        added += 1
    print(f"{added} objects added")


if __name__ == "__main__":
    sys.exit(main())
