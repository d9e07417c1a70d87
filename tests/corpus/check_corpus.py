#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Every object of accepted/ is still accepted. Its name says the interface: NET.topic.case.o is about tests/cases/interfaces/NET.tni, RAW of the built-in one."""
import concurrent.futures
import json
import os
import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
INTERFACES = HERE.parent / "cases" / "interfaces"


def refusal(tenon, path):
    """None when it is accepted."""
    name = path.name.split(".")[0]
    interface = "raw" if name == "raw" else str(INTERFACES / f"{name}.tni")
    done = subprocess.run([tenon, "verify", str(path), "--interface", interface, "--json"], capture_output=True, text=True, timeout=60)
    answer = json.loads(done.stdout) if done.returncode in (0, 1) else {"accepted": False, "diagnostics": [done.stderr]}
    return None if answer["accepted"] else f"{path.name}: {answer['diagnostics']}"


def main():
    tenon = sys.argv[1]
    objects = sorted((HERE / "accepted").glob("*.o"))
    if len(objects) < 50:
        sys.exit(f"only {len(objects)} objects: this looks in the wrong place")
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        refused = [text for text in pool.map(lambda path: refusal(tenon, path), objects) if text]
    print("\n".join(refused) if refused else f"corpus: {len(objects)} objects, all accepted")
    return 1 if refused else 0


if __name__ == "__main__":
    sys.exit(main())
