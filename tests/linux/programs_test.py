# SPDX-License-Identifier: Apache-2.0
"""programs/*.bpf.c are accepted by Tenon and, where it can be asked, by the kernel; hostile/*.bpf.c are refused by both, by Tenon with the code and on the
line that the source says: `// ERROR: E0204`. A program that Tenon does not take yet says so in its second line: `// TENON: E0225`, and why.

usage: programs_test.py TENON CLANG [--table]"""

import json
import pathlib
import re
import subprocess
import sys
import tempfile

import kernel

HERE = pathlib.Path(__file__).parent
FLAGS = ["-O2", "-g", "-target", "bpf", "-mcpu=v4", "-I/usr/include/x86_64-linux-gnu", "-Wall", "-Werror"]
SKIPPED = 77


def compile_to(clang, source, folder):
    made = pathlib.Path(folder) / source.with_suffix("").with_suffix(".o").name
    subprocess.run([clang, *FLAGS, "-c", source, "-o", made], check=True)
    return made


def ask_tenon(tenon, made):
    """{program: diagnostics}, and what is wrong with the object as a whole."""
    done = subprocess.run([tenon, "verify", "--interface", "linux", "--json", made], capture_output=True, text=True)
    if done.returncode not in (0, 1):
        raise RuntimeError(f"tenon verify {made}: exit {done.returncode}: {done.stderr}")
    answer = json.loads(done.stdout)
    programs = {program["name"]: program["diagnostics"] for program in answer["programs"]}
    return programs, [] if programs else answer["diagnostics"]


def expected_error(source):
    """(code, line) of `// ERROR:`; (code, None) of `// TENON:`; None when Tenon should accept."""
    for number, line in enumerate(source.read_text().splitlines(), 1):
        if found := re.search(r"// (ERROR|TENON): (E\d+)", line):
            return found[2], number if found[1] == "ERROR" else None
    return None


def place(diagnostic):
    return diagnostic["code"], diagnostic.get("line")


def judge(source, tenon_says, unusable, wanted):
    problems = []
    found = [place(d) for diagnostics in tenon_says.values() for d in diagnostics] + [place(d) for d in unusable]
    if wanted is None and found:
        problems = [f"refused: {d['code']} line {d.get('line')}: {d['message']}" for ds in [*tenon_says.values(), unusable] for d in ds]
    elif wanted and wanted[1] is None:
        problems = [] if any(code == wanted[0] for code, _ in found) else [f"expected {wanted[0]}, found {found or 'accepted'}"]
    elif wanted:
        problems = [] if found == [wanted] else [f"expected {wanted}, found {found or 'accepted'}"]
    return problems


def main():
    tenon, clang = sys.argv[1:3]
    ask_kernel = kernel.may_load()
    failures = []
    with tempfile.TemporaryDirectory() as folder:
        for source in sorted([*HERE.glob("programs/*.bpf.c"), *HERE.glob("hostile/*.bpf.c")]):
            hostile = source.parent.name == "hostile"
            made = compile_to(clang, source, folder)
            programs, unusable = ask_tenon(tenon, made)
            problems = judge(source, programs, unusable, expected_error(source))
            if hostile and expected_error(source) is None:
                problems.append("says no error that is expected")
            verdicts = kernel.Object(str(made)).verdicts() if ask_kernel else {}
            problems += [f"the kernel refuses {name}: {log.strip().splitlines()[-2:]}" for name, (ok, log) in verdicts.items() if not ok and not hostile and log != kernel.FORBIDDEN]
            if hostile and verdicts and all(ok for ok, _ in verdicts.values()):
                problems.append("the kernel accepts it")
            if "--table" in sys.argv:
                for name in programs:
                    kernel_says = {True: "accept", False: "refuse", None: "-"}[verdicts.get(name, (None,))[0]]
                    codes = " ".join(sorted({d["code"] for d in programs[name]}))
                    print(f"{source.parent.name}/{source.name.split('.')[0]:28} {name:20} kernel {kernel_says:7} tenon {codes or 'accept'}")
            failures += [f"{source.parent.name}/{source.name}: {problem}" for problem in problems]
    print("\n".join(failures) or "all as expected")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
