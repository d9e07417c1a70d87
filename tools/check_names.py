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
    """Names that hosts ship with; and those of the tests' own interfaces, which may be ordinary words."""
    shipped, others = {}, {}
    for path in sorted(p for p in ROOT.rglob("*.tni") if not {"build", "fuzz"} & set(p.relative_to(ROOT).parts)) + [ROOT / "include/tenon/language/builtin.hpp"]:
        names = others if path.relative_to(ROOT).parts[0] == "tests" else shipped
        for line in path.read_text().splitlines():
            for name in DECLARED.findall(COMMENT.sub("", line)):
                names[name] = path.relative_to(ROOT)
    return shipped, others


def main() -> int:
    shipped, others = declared_names()
    if len(shipped) < 10 or len(others) < 10:
        print(f"only {len(shipped)} and {len(others)} declared names found: this check looks in the wrong place")
        return 1
    alternatives = lambda names: "|".join(map(re.escape, names))
    words = re.compile(r"(?<![\w#])(" + alternatives(shipped) + r")(?![\w#])|\"(" + alternatives(others) + r")\"")
    bad = []
    for path in sorted((ROOT / "src/verify").rglob("*.[ch]pp")):
        for number, line in enumerate(path.read_text().splitlines(), 1):
            for found in words.finditer(COMMENT.sub("", line)):
                name = found.group(1) or found.group(2)
                bad.append(f"{path.relative_to(ROOT)}:{number}: '{name}' is declared in {(shipped | others)[name]}")
    print("\n".join(bad) if bad else f"names: src/verify has none of {len(shipped) + len(others)} declared names")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
