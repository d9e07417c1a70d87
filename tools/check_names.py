#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The verifier knows no hook, function, type or struct of any interface by name: none that a .tni file or the built-in text declares stands in src/verify."""
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
DECLARED = re.compile(r'\b(?:fn|hook|type|struct)\s+"?([A-Za-z_][\w#]*)"?')
COMMENT = re.compile(r"//.*")


def declared_names():
    sources = [p for p in ROOT.rglob("*.tni") if not {"build", "fuzz"} & set(p.relative_to(ROOT).parts)]
    names = {}
    for path in [*sorted(sources), ROOT / "include/tenon/language/builtin.hpp"]:
        for line in path.read_text().splitlines():
            for name in DECLARED.findall(COMMENT.sub("", line)):
                names[name] = path.relative_to(ROOT)
    return names


def main() -> int:
    names = declared_names()
    if len(names) < 10:
        print(f"only {len(names)} declared names found: this check looks in the wrong place")
        return 1
    words = re.compile(r"(?<![\w#])(" + "|".join(map(re.escape, names)) + r")(?![\w#])")
    bad = []
    for path in sorted((ROOT / "src/verify").rglob("*.[ch]pp")):
        for number, line in enumerate(path.read_text().splitlines(), 1):
            for name in words.findall(COMMENT.sub("", line)):
                bad.append(f"{path.relative_to(ROOT)}:{number}: '{name}' is declared in {names[name]}")
    print("\n".join(bad) if bad else f"names: src/verify has none of {len(names)} declared names")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
