#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Switches off each refusal of the verifier, and each statement that its soundness rests on (verifier_mutants.py), one at a time: a test has to notice.

One build of a scratch copy holds all mutants; TENON_MUTANT says which one is on. A refusal that is off lets the path end as if the check were not there.
A mutant is noticed when a rejected case (tests/cases/verify, tests/linux/hostile) is not rejected as it says, else when verify_test fails, else when
the random programs of fuzz/interfaces fail. verifier_mutants.py also names those that nothing can notice, and argues why.

  tools/mutate_verifier.py [--only TEXT] [--fuzz SEEDS]     builds in build/mutants; exit code 1 when a mutant is neither noticed nor argued, or both
"""
import argparse
import dataclasses
import os
import pathlib
import re
import subprocess
import sys
import tempfile

from verifier_mutants import ARGUED, EDITS

ROOT = pathlib.Path(__file__).resolve().parent.parent
SCRATCH = ROOT / "build" / "mutants"
TREE, OUT = SCRATCH / "tree", SCRATCH / "build"
FAIL = re.compile(r'\bfail\("(E\d{4})"')
FUNCTION = re.compile(r"^\S.*?\b(?:\w+::)?(\w+)\(")
SWITCH = """#pragma once
#include <cstdlib>
namespace tenon::verify {
inline bool mutant(int number) {
  static const int on = std::getenv("TENON_MUTANT") ? std::atoi(std::getenv("TENON_MUTANT")) : 0;
  return number == on;
}
}  // namespace tenon::verify
"""
SHORT = "-Word*:Number*:Linear*:Random*"  # unit tests that take no second
LONG = {name: "Word*:Number*" for name in ("number.cpp", "number_sync.cpp", "tnum.cpp", "word.cpp", "word_sync.cpp")} | {"linear.cpp": "Linear*"}
RANDOM = "RandomPointers*"
SECONDS = 300


@dataclasses.dataclass
class Mutant:
    number: int
    name: str
    code: str = ""


def run(command, **options):
    return subprocess.run([str(c) for c in command], capture_output=True, text=True, **options)


def edit_statements(sources, mutants):
    """Each statement or expression gets its mutation beside it, behind a switch."""
    places = {}
    for name, marked, new, _ in EDITS:
        before, old, after = re.fullmatch(r"(.*)⟦(.*)⟧(.*)", marked, re.S).groups() if "⟦" in marked else ("", marked, "")
        if sources[name].count(before + old + after) != 1:
            sys.exit(f"{name}: '{before + old + after}' stands there {sources[name].count(before + old + after)} times")
        number = len(mutants) + 1
        statement = old.endswith(";") or old.startswith("if (")
        both = f"{{ if (mutant({number})) {{ {new} }} else {{ {old} }} }}" if statement else f"(mutant({number}) ? ({new}) : ({old}))"
        at = sources[name].index(before + old + after) + len(before)
        places.setdefault(name, []).append((at, at + len(old), both))
        mutants.append(Mutant(number, f"{name}: {' '.join(marked.split())} -> {new or 'nothing'}"))
    for name in places:
        for begin, end, both in sorted(places[name], reverse=True):
            sources[name] = sources[name][:begin] + both + sources[name][end:]


def edit_refusals(sources, mutants):
    for name in sorted(sources):
        function, seen, lines = "", {}, sources[name].splitlines()
        for at, line in enumerate(lines):
            if (begins := FUNCTION.match(line)) and not line.startswith(("//", "#", "constexpr", "using")):
                function = begins.group(1)
            for code in FAIL.findall(line):
                seen[function, code] = nth = seen.get((function, code), 0) + 1
                mutants.append(Mutant(len(mutants) + 1, f"{name} {function} {code} #{nth}", code))
                lines[at] = line.replace(f'fail("{code}"', f'fail("{code}#{len(mutants)}"')
        sources[name] = "\n".join(lines) + "\n"
    body = "std::vector<Note> notes) {\n"
    switch = "  if (mutant(std::atoi(code.c_str() + 6))) return Flow::dead;\n  code.resize(5);\n"
    sources["explain.cpp"] = sources["explain.cpp"].replace(body, body + switch, 1)


def write_tree(sources):
    """The tree with the mutants in it; what is there already as it should be is not touched, so that nothing is compiled in vain."""
    listed = run(["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], cwd=ROOT).stdout.split("\0")
    wanted = {name: (ROOT / name).read_bytes() for name in listed if name and (ROOT / name).is_file()}
    wanted["src/verify/mutant.hpp"] = SWITCH.encode()
    wanted |= {f"src/verify/{name}": f'#include "verify/mutant.hpp"\n{text}'.encode() for name, text in sources.items()}
    for path in [p for p in TREE.rglob("*") if p.is_file() and str(p.relative_to(TREE)) not in wanted]:
        path.unlink()
    for name, content in wanted.items():
        path = TREE / name
        if path.is_file() and path.read_bytes() == content:
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        path.chmod((ROOT / name).stat().st_mode if (ROOT / name).exists() else 0o644)


def list_mutants():
    """The sources with all of them, and what they are."""
    sources = {path.name: path.read_text() for path in (ROOT / "src" / "verify").glob("*.cpp")}
    mutants = []
    edit_statements(sources, mutants)
    edit_refusals(sources, mutants)
    return sources, mutants


def build():
    sources, mutants = list_mutants()
    write_tree(sources)
    for command in (["cmake", "-S", TREE, "-B", OUT, "-G", "Ninja", "-DCMAKE_BUILD_TYPE=RelWithDebInfo"],
                    ["nice", "ninja", "-k", "0", "-C", OUT, "tenon", "verify_test", "interfaces_fuzz", "case_headers"]):
        done = run(command)
        if done.returncode != 0:
            sys.exit(done.stdout + done.stderr)
    return mutants


class Tests:
    def __init__(self, fuzz_seeds):
        self.fuzz_seeds = fuzz_seeds
        sys.path.insert(0, str(TREE / "tests" / "cases"))
        sys.path.insert(0, str(TREE / "tests" / "linux"))
        import programs_test
        import run_cases
        self.run_cases, self.linux = run_cases, programs_test
        self.runner = run_cases.Runner(argparse.Namespace(tenon=str(OUT / "tenon"), clang="clang-19", headers=str(OUT / "tests" / "cases" / "headers")))
        self.folder = tempfile.TemporaryDirectory()
        self.cases, self.hostile = [], []
        for path in sorted((TREE / "tests" / "cases" / "verify").glob("*/*")):
            case = run_cases.Case(path)
            if case.expect == ["reject"] and not case.xfail:
                place = pathlib.Path(self.folder.name) / path.parent.name
                place.mkdir(exist_ok=True)
                self.cases.append((case, self.runner.compile(case, place)))
        for path in sorted((TREE / "tests" / "linux" / "hostile").glob("*.bpf.c")):
            self.hostile.append((path, programs_test.compile_to("clang-19", path, self.folder.name)))

    def miss(self, mutant):
        """Which test misses what the mutant lacks, or None."""
        os.environ["TENON_MUTANT"] = str(mutant.number)
        likely = [c for c in self.cases if c[0].error[0] == mutant.code]
        others = [c for c in self.cases if c not in likely]
        return self.case_misses(likely) or self.unit_test_misses(SHORT) or self.case_misses(others) or self.linux_misses() or \
            self.fuzzer_misses("replay", TREE / "fuzz" / "interfaces" / "seeds", TREE / "fuzz" / "interfaces" / "holes") or \
            self.unit_test_misses(LONG.get(mutant.name.split(":")[0], RANDOM)) or (self.fuzzer_misses("fuzz", 0, self.fuzz_seeds, self.folder.name) if self.fuzz_seeds else None)

    def case_misses(self, cases):
        for case, built in cases:
            try:
                self.runner.verify(case, built)
            except (self.run_cases.Mismatch, subprocess.TimeoutExpired) as mismatch:
                return f"{case.path.parent.name}/{case.path.name}: {str(mismatch).splitlines()[0][:100]}"
        return None

    def linux_misses(self):
        for path, built in self.hostile:
            try:
                programs, unusable = self.linux.ask_tenon(OUT / "tenon", built)
            except RuntimeError:
                return f"hostile/{path.name}: tenon fails"
            if problems := self.linux.judge(path, programs, unusable, self.linux.expected_error(path)):
                return f"hostile/{path.name}: {problems[0][:100]}"
        return None

    def unit_test_misses(self, which):
        try:
            done = run([OUT / "verify_test", f"--gtest_filter={which}", "--gtest_fail_fast"], timeout=SECONDS)
        except subprocess.TimeoutExpired:
            return "verify_test: takes too long"
        failed = re.findall(r"FAILED  \] (\S+?),?\s", done.stdout)
        return f"verify_test: {failed[0] if failed else done.returncode}" if done.returncode != 0 else None

    def fuzzer_misses(self, *arguments):
        try:
            done = run([OUT / "interfaces_fuzz", *arguments], timeout=SECONDS)
        except subprocess.TimeoutExpired:
            return f"interfaces_fuzz {arguments[0]}: takes too long"
        return f"interfaces_fuzz {arguments[0]}" if done.returncode != 0 else None


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--only", default="", help="mutants whose name holds this text")
    parser.add_argument("--fuzz", type=int, default=0, help="so many random programs for a mutant that no test notices")
    options = parser.parse_args()
    mutants = build()
    unknown = [name for name in ARGUED if name not in {m.name for m in mutants}]
    tests = Tests(options.fuzz)
    if missed := tests.miss(Mutant(0, "")):
        sys.exit(f"without any mutant: {missed}")
    survivors, noticed = [], []
    for mutant in mutants:
        if options.only not in mutant.name:
            continue
        missed = tests.miss(mutant)
        print(f"{mutant.name}\n    {missed or ('argued' if mutant.name in ARGUED else 'NO TEST NOTICES IT')}", flush=True)
        if missed is None and mutant.name not in ARGUED:
            survivors.append(mutant.name)
        if missed is not None and mutant.name in ARGUED:
            noticed.append(mutant.name)
    print(f"{len(mutants)} mutants, {len(ARGUED)} argued, {len(survivors)} noticed by no test")
    for name in noticed:
        print(f"argued, yet noticed: {name}")
    for name in unknown:
        print(f"argued, but there is no such mutant: {name}")
    return 1 if survivors or noticed or unknown else 0


if __name__ == "__main__":
    sys.exit(main())
