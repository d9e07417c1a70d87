#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Takes each refusal of the verifier away, one at a time, and reports those that no test misses.

In a scratch copy of the tree Analyzer::fail() asks the environment whether it is called from the place that is switched off; then the path just ends, as if
the check were not there. Per place it runs the cases under tests/cases/verify and tests/linux/hostile that expect its code, then verify_test, then the examples of the pages in docs/.

  tools/mutate_verifier.py [--only E0205]        builds in build/mutants; exit code 1 when a refusal is missed by no test
"""
import argparse
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
SCRATCH = ROOT / "build" / "mutants"
FAIL = re.compile(r'\bfail\("(E\d{4})"')


def run(command, **options):
    return subprocess.run([str(c) for c in command], capture_output=True, text=True, **options)


def replace(path, old, new):
    text = path.read_text()
    assert old in text, f"{path}: no '{old}'"
    path.write_text(text.replace(old, new, 1))


def build():
    tree = SCRATCH / "tree"
    shutil.rmtree(tree, ignore_errors=True)
    tree.mkdir(parents=True)
    files = run(["git", "ls-files", "-z"], cwd=ROOT).stdout.split("\0")
    for name in filter(None, files):
        (tree / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / name, tree / name)
    verify = tree / "src" / "verify"
    replace(verify / "analyzer.hpp", "std::vector<Note> notes = {});",
            "std::vector<Note> notes = {},\n            std::source_location from = std::source_location::current());")
    replace(verify / "analyzer.hpp", "#include <optional>", "#include <optional>\n#include <source_location>")
    replace(verify / "explain.cpp", "std::vector<Note> notes) {",
            "std::vector<Note> notes, std::source_location from) {\n"
            "  const char* off = getenv(\"TENON_MUTANT\");\n"
            "  const std::string file = from.file_name();\n"
            "  if (off && fmt::format(\"{}:{}\", file.substr(file.rfind('/') + 1), from.line()) == off) return Flow::dead;")
    replace(verify / "explain.cpp", "#include <fmt/format.h>", "#include <fmt/format.h>\n\n#include <cstdlib>")
    out = SCRATCH / "build"
    for command in (["cmake", "-S", tree, "-B", out, "-G", "Ninja", "-DCMAKE_BUILD_TYPE=RelWithDebInfo"], ["ninja", "-C", out, "tenon", "verify_test", "case_headers"]):
        done = run(command)
        if done.returncode != 0:
            sys.exit(done.stdout + done.stderr)
    return tree, out


def places(tree):
    """(code, file:line) of every refusal."""
    found = []
    for path in sorted((tree / "src" / "verify").glob("*.cpp")):
        for number, line in enumerate(path.read_text().splitlines(), 1):
            found += [(match.group(1), f"{path.name}:{number}") for match in FAIL.finditer(line)]
    return found


def compile_cases(tree, out):
    """Objects of the cases that are rejected, by expected code."""
    objects, headers = SCRATCH / "objects", out / "tests" / "cases" / "headers"
    objects.mkdir(exist_ok=True)
    by_code = {}
    for case in sorted((tree / "tests" / "cases" / "verify").glob("*/*")):
        text = case.read_text()
        code = re.search(r"//\s*ERROR:\s*(E\d{4})", text)
        if not code or "XFAIL" in text:
            continue
        target = objects / f"{case.parent.name}_{case.name}.o"
        command = ["clang-19", "-target", "bpf", "-mcpu=v4", "-c", case, "-o", target] if case.suffix == ".s" else \
            [out / "tenon", "cc", case, "-I", headers, "-o", target]
        if run(command).returncode != 0:
            sys.exit(f"{case} does not compile")
        arguments = re.findall(r"//\s*ARGS:\s*(.*)", text)
        interface = re.search(r"//\s*INTERFACE:\s*(\w+)", text)
        named = ["--interface", tree / "tests" / "cases" / "interfaces" / f"{interface.group(1)}.tni"] if interface else []
        by_code.setdefault(code.group(1), []).append((target, [*" ".join(arguments).split(), *named]))
    for case in sorted((tree / "tests" / "linux" / "hostile").glob("*.bpf.c")):
        code, target = re.search(r"//\s*ERROR:\s*(E\d{4})", case.read_text()), objects / f"linux_{case.name}.o"
        flags = ["-O2", "-g", "-target", "bpf", "-mcpu=v4", "-I/usr/include/x86_64-linux-gnu"]
        if run(["clang-19", *flags, "-c", case, "-o", target]).returncode != 0:
            sys.exit(f"{case} does not compile")
        by_code.setdefault(code.group(1), []).append((target, ["--interface", "linux"]))
    return by_code


def missed_by_cases(out, cases, environment):
    for target, arguments in cases:
        done = run([out / "tenon", "verify", target, "--json", *arguments], env=environment)
        if json.loads(done.stdout or "{}").get("accepted"):
            return target.name
    return None


def missed_by_pages(tree, out, environment):
    """The examples in docs/ that must be refused."""
    for page in ("diagnostics.md", "accepted-programs.md"):
        command = ["python3", tree / "tests" / "docs" / "check_examples.py", tree / "docs" / page, "--tenon", out / "tenon", "--clang", "clang-19",
                   "--headers", out / "tests" / "cases" / "headers", "--interfaces", tree / "tests" / "cases" / "interfaces", "--ext", tree / "ext" / "include"]
        if run(command, env=environment).returncode != 0:
            return f"docs/{page}"
    return None


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--only", help="this code only")
    options = parser.parse_args()
    tree, out = build()
    by_code = compile_cases(tree, out)
    survivors = []
    for code, place in places(tree):
        if options.only and code != options.only:
            continue
        environment = {**os.environ, "TENON_MUTANT": place}
        seen = missed_by_cases(out, by_code.get(code, []), environment)
        if seen is None and run([out / "verify_test", "--gtest_filter=-Word*:Number*:Linear*:Wto*:RandomLoops*"], env=environment).returncode != 0:
            seen = "verify_test"
        seen = seen or missed_by_pages(tree, out, environment)
        print(f"{place:24} {code}  {'missed by ' + seen if seen else 'NO TEST MISSES IT'}", flush=True)
        if seen is None:
            survivors.append(place)
    print(f"{len(survivors)} refusals are missed by no test")
    return 1 if survivors else 0


if __name__ == "__main__":
    sys.exit(main())
