#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Compares tenon's CO-RE relocations with libbpf's, instruction by instruction, on BPF objects (or executables that embed them) in a directory.

libbpf, behind bpftool's debug output, says which value it writes to which instruction before it asks the kernel for anything; `tenon dump --stage=ir` shows
the instructions that tenon makes. Both use the types of this machine's kernel. Needs root (bpftool opens a bpf file system) and installs nothing: whether
the kernel accepts the programs does not matter. Exits 1 when one instruction differs.
"""
import argparse
import collections
import pathlib
import re
import subprocess
import sys
import tempfile

from survey_packages import objects_in

PATCH = re.compile(r"prog '(\w+)': relo #\d+: (patched|substituting) insn #(\d+)(.*)")
PIN = "/sys/fs/bpf/tenon_compare_co_re"


def libbpf_patches(path: pathlib.Path) -> dict[str, dict[int, str]]:
    """By program and instruction: the text behind 'insn #N'; of several relocations of one instruction the first counts."""
    log = subprocess.run(["bpftool", "-d", "prog", "loadall", path, PIN], capture_output=True, text=True, errors="replace").stderr
    subprocess.run(["rm", "-rf", PIN], check=True)
    patches = collections.defaultdict(dict)
    for program, how, slot, rest in PATCH.findall(log):
        patches[program].setdefault(int(slot), "unresolved" if how == "substituting" else rest)
    return patches


def tenon_instructions(tenon: str, path: pathlib.Path, program: str) -> dict[int, str] | None:
    """Of the program's first function, by slot from its start; None when the object has no such program (libbpf also names subprograms)."""
    answer = subprocess.run([tenon, "dump", "--stage=ir", "--program", program, path], capture_output=True, text=True)
    if answer.returncode != 0:
        return None
    first = re.split(r"\n(?:static )?function ", answer.stdout)[1]
    lines = [(int(slot), text) for slot, text in re.findall(r"^ +(\d+)  (.*)$", first, re.M)]
    return {slot - lines[0][0]: text for slot, text in lines}


def is_same(patch: str, text: str) -> bool:
    if patch == "unresolved":
        return "call unresolved: " in text
    value = int(re.search(r"-> (-?\d+)", patch)[1])
    if "LDX/ST/STX" in patch:
        offset = re.search(r"\(r\d+ \+ (\d+)\)", text)
        return offset is not None and int(offset[1]) == value
    shown = re.search(r"= (-?\d+)(?: ll)?$", text)
    return shown is not None and (int(shown[1]) - value) % (1 << 32) == 0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("tenon", help="the command, built")
    parser.add_argument("directory", type=pathlib.Path)
    arguments = parser.parse_args()
    count = collections.Counter()
    with tempfile.TemporaryDirectory() as scratch:
        one = pathlib.Path(scratch) / "one.o"
        for path in sorted(p for p in arguments.directory.rglob("*") if p.is_file() and not p.is_symlink()):
            for name, data in objects_in(path):
                one.write_bytes(data)
                for program, patches in libbpf_patches(one).items():
                    instructions = tenon_instructions(arguments.tenon, one, program)
                    if instructions is None:
                        count["of subprograms, not compared"] += len(patches)
                        continue
                    for slot, patch in patches.items():
                        text = instructions.get(slot, "nothing")
                        same = is_same(patch, text)
                        count["same" if same else "different"] += 1
                        if not same:
                            print(f"{name}: {program} insn {slot}: libbpf{patch}, tenon {text}")
    print(", ".join(f"{n} {what}" for what, n in sorted(count.items())))
    return 1 if count["different"] or not count["same"] else 0


if __name__ == "__main__":
    sys.exit(main())
