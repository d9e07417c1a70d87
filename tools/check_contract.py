#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Every row of docs/safety-contract.md has its own test in tests/promises, every test there a row; every test and path that a document names exists."""
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
FOLDERS = "src|include|ext|tests|docs|tools|hosts|extensions|bench|fuzz|interfaces|cmake"
QUOTED_PATH = re.compile(r"`((?:" + FOLDERS + r")/[\w./-]+)`")
QUOTED_TEST = re.compile(r"`([A-Z]\w+)\.([A-Z]\w+)`")
DEFINED_TEST = re.compile(r"\bTEST(?:_F|_P)?\((\w+),\s*(\w+)\)")
ROW = re.compile(r"^\| (.*?) \| (.*?) \| (.*?) \|$")


def tests_in(folder):
    return [test for path in sorted((ROOT / folder).rglob("*_test.cpp")) for test in DEFINED_TEST.findall(path.read_text())]


def contract_mismatches(text):
    """Rows and attacks that are not one to one, tests that do not exist."""
    attacks, inside = tests_in("tests/promises"), set(tests_in("tests/unit"))
    used = []
    for line in text.splitlines():
        if not line.startswith("| ") or line.startswith("| promise "):
            continue
        row = ROW.match(line)
        named = QUOTED_TEST.findall(row.group(2)) if row else []
        if len(named) != 1 or named[0] not in attacks:
            yield f"a promise without one attack in tests/promises: {line}"
            continue
        used += named
        if "`" not in row.group(3):
            yield f"a promise that nothing defends inside: {line}"
        yield from (f"there is no test {suite}.{test}" for suite, test in QUOTED_TEST.findall(row.group(3)) if (suite, test) not in inside)
    yield from (f"{suite}.{test} is the attack of {used.count((suite, test))} rows, not of one" for suite, test in attacks if used.count((suite, test)) != 1)


def main() -> int:
    bad = []
    for document in [*ROOT.glob("*.md"), *sorted((ROOT / "docs").rglob("*.md"))]:
        text = document.read_text()
        name = document.relative_to(ROOT)
        bad += [f"{name}: {path} does not exist" for path in QUOTED_PATH.findall(text) if not (ROOT / path).exists()]
        if document.name == "safety-contract.md":
            bad += [f"{name}: {mismatch}" for mismatch in contract_mismatches(text)]
    print("\n".join(bad) if bad else "contract: every row has its attack, and every test and path that the documents name exists")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
