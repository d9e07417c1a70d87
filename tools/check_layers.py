#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Checks that includes point down only (docs/architecture.md). Prints each offending line and exits 1."""
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent

# What each layer may include besides itself, include/tenon and base.
ALLOWED = {
    "base": set(),
    "isa": set(),
    "interface": set(),
    "abi": {"isa"},
    "ir": {"isa"},
    "object": {"isa", "ir"},
    "verify": {"isa", "ir", "interface"},
    "instrument": {"isa", "ir", "interface", "verify"},
    "interp": {"isa", "ir", "interface", "verify", "instrument", "abi"},
    "codegen": {"isa", "ir", "interface", "verify", "instrument", "abi"},
    "runtime": {"abi", "interface"},
    "engine": {"isa", "ir", "interface", "abi", "object", "verify", "instrument", "interp", "codegen", "runtime"},
}
ALLOWED["cli"] = ALLOWED["engine"] | {"engine"}

MAX_LLVM_UNITS = 4
INCLUDE = re.compile(r'^\s*#\s*include\s*(["<])([^">]+)[">]')


def main() -> int:
    bad = []
    llvm_units = []
    for path in sorted((ROOT / "src").rglob("*.[ch]pp")):
        layer = path.relative_to(ROOT / "src").parts[0]
        if layer not in ALLOWED:
            bad.append(f"{path.relative_to(ROOT)}: unknown layer '{layer}'")
            continue
        includes_llvm = False
        for number, line in enumerate(path.read_text().splitlines(), 1):
            match = INCLUDE.match(line)
            if not match:
                continue
            target = match.group(2)
            includes_llvm |= target.startswith(("llvm/", "llvm-c/"))
            if match.group(1) != '"':
                continue
            first = target.split("/")[0]
            if first in ALLOWED and first not in ALLOWED[layer] | {layer, "base"}:
                bad.append(f"{path.relative_to(ROOT)}:{number}: {layer} must not include {target}")
            elif first not in ALLOWED:
                bad.append(f"{path.relative_to(ROOT)}:{number}: include of ours must name its layer: {target}")
        if includes_llvm:
            llvm_units.append(path.relative_to(ROOT))
    for path in sorted((ROOT / "include").rglob("*.hpp")):
        for number, line in enumerate(path.read_text().splitlines(), 1):
            match = INCLUDE.match(line)
            if match and match.group(1) == '"':
                bad.append(f"{path.relative_to(ROOT)}:{number}: public headers include nothing of ours but <tenon/...>")
    if len(llvm_units) > MAX_LLVM_UNITS:
        bad.append(f"{len(llvm_units)} files include LLVM headers, at most {MAX_LLVM_UNITS} may: " + ", ".join(map(str, llvm_units)))
    print("\n".join(bad) if bad else "layers: every include points down")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
