#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Every test that docs/safety-contract.md names exists, and every path that a document names."""
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
FOLDERS = "src|include|ext|tests|docs|tools|hosts|extensions|bench|fuzz|interfaces|cmake"
QUOTED_PATH = re.compile(r"`((?:" + FOLDERS + r")/[\w./-]+)`")
QUOTED_TEST = re.compile(r"`([A-Z]\w+)\.([A-Z]\w+)`")
DEFINED_TEST = re.compile(r"\bTEST(?:_F|_P)?\((\w+),\s*(\w+)\)")


def main() -> int:
    defined = set()
    for path in (ROOT / "tests/unit").rglob("*_test.cpp"):
        defined.update(DEFINED_TEST.findall(path.read_text()))
    bad = []
    for document in [*ROOT.glob("*.md"), *sorted((ROOT / "docs").rglob("*.md"))]:
        text = document.read_text()
        name = document.relative_to(ROOT)
        bad += [f"{name}: {path} does not exist" for path in QUOTED_PATH.findall(text) if not (ROOT / path).exists()]
        if document.name == "safety-contract.md":
            bad += [f"{name}: there is no test {suite}.{test}" for suite, test in QUOTED_TEST.findall(text) if (suite, test) not in defined]
            bad += [f"{name}: a promise without a test: {line}" for line in text.splitlines() if line.startswith("| ") and line.count("`") < 2 and "promise" not in line]
    print("\n".join(bad) if bad else "contract: every test and path that the documents name exists")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
