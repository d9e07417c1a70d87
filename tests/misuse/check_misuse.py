#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A file of misuse must compile as it is, and must not compile with -DMISUSE, for the reason on its `// ERROR:` line."""
import pathlib
import re
import subprocess
import sys


def compile_file(compiler, flags, path):
    return subprocess.run([compiler, *flags, "-fsyntax-only", str(path)], capture_output=True, text=True, env={"LC_ALL": "C", "PATH": "/usr/bin:/bin"})


def main():
    compiler, path, *flags = sys.argv[1:]
    reason = re.search(r"// ERROR: (.*)", pathlib.Path(path).read_text()).group(1).strip()
    good = compile_file(compiler, flags, path)
    if good.returncode != 0:
        print(f"the proper use does not compile:\n{good.stderr}")
        return 1
    bad = compile_file(compiler, [*flags, "-DMISUSE"], path)
    if bad.returncode == 0:
        print("the misuse compiles")
        return 1
    if reason not in bad.stderr:
        print(f"the misuse fails for another reason than '{reason}':\n{bad.stderr}")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
