#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Does what README.md shows: writes its C block, runs its console block, and compares the output, times aside."""
import os
import pathlib
import re
import subprocess
import sys
import tempfile

README = pathlib.Path(__file__).resolve().parents[2] / "README.md"
TIME = re.compile(r"[\d.]+ ns per run")


def block(text, language):
    return re.search(rf"^```{language}\n(.*?)^```", text, re.M | re.S).group(1)


def main():
    text = README.read_text()
    steps = re.split(r"^\$ ", block(text, "console"), flags=re.M)[1:]
    with tempfile.TemporaryDirectory() as folder:
        pathlib.Path(folder, "first.bpf.c").write_text(block(text, "c"))
        environment = {**os.environ, "PATH": f"{os.path.abspath(sys.argv[1])}:{os.environ['PATH']}"}
        for step in steps:
            command, _, wanted = step.partition("\n")
            done = subprocess.run(command, shell=True, cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
            got = done.stdout.replace(os.path.realpath(folder) + "/", "")
            if TIME.sub("T", got) != TIME.sub("T", wanted):
                sys.exit(f"$ {command}\nprints:\n{got}README.md says:\n{wanted}")
    print(f"{len(steps)} commands print what README.md says")


if __name__ == "__main__":
    main()
