#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Every error code in src/ and include/ has a section in docs/diagnostics.md, every section a code, and the sections stand in order."""
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
CODE = re.compile(r'"(E0\d{3})"')
SECTION = re.compile(r"^## (E0\d{3}): \S", re.M)


def main() -> int:
    used = {}
    for path in sorted(p for folder in ("src", "include") for p in (ROOT / folder).rglob("*.[ch]pp")):
        for number, line in enumerate(path.read_text().splitlines(), 1):
            for code in CODE.findall(line):
                used.setdefault(code, f"{path.relative_to(ROOT)}:{number}")
    sections = SECTION.findall((ROOT / "docs/diagnostics.md").read_text())
    bad = [f"{used[code]}: {code} has no section in docs/diagnostics.md" for code in sorted(used) if code not in sections]
    bad += [f"docs/diagnostics.md: nothing gives {code}" for code in sections if code not in used]
    if sections != sorted(set(sections)):
        bad.append("docs/diagnostics.md: sections are not in numeric order, or one stands twice")
    print("\n".join(bad) if bad else f"diagnostics: {len(used)} codes, each documented")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
