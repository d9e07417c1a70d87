#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
import os
import pathlib
import subprocess
import sys
import tempfile

WANTED = "returned 43\ncancelled quantum visit.bpf.c\n"

SHOP = ("returned 0\nreturned 1\nreturned 0\nreturned 2\ncancelled 0\n"
        "uses 0, shipped 1, free\nuses 0, shipped 1, free\nuses 0, shipped 0, free\n")


def run(*command, **options):
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True, **options)
    if done.returncode != 0:
        sys.exit(f"{' '.join(map(str, command))} failed:\n{done.stdout}{done.stderr}")
    return done.stdout


def check(what, got, wanted=WANTED):
    if got != wanted:
        sys.exit(f"{what} printed:\n{got}instead of:\n{wanted}")
    print(f"{what}: as wanted")


def main():
    build, foreign, compiler = sys.argv[1:]
    with tempfile.TemporaryDirectory() as scratch:
        prefix, project = pathlib.Path(scratch, "prefix"), pathlib.Path(scratch, "build")
        run("cmake", "--install", build, "--prefix", prefix)
        run("cmake", "-G", "Ninja", "-S", foreign, "-B", project, f"-DCMAKE_PREFIX_PATH={prefix}", "-DCMAKE_BUILD_TYPE=Release")
        run("cmake", "--build", project)
        extension = project / "visit.bpf.o"
        check("find_package", run(project / "visitor", extension))
        check("objects, locks and states", run(project / "shop", project / "sell.bpf.o"), SHOP)

        pc = next(prefix.rglob("tenon.pc"))
        environment = {**os.environ, "PKG_CONFIG_PATH": str(pc.parent)}
        flags = run("pkg-config", "--cflags", "--libs", "tenon", env=environment).split()
        program = pathlib.Path(scratch, "visitor")
        library = pc.parent.parent
        run(compiler, "-std=c++23", pathlib.Path(foreign, "visitor.cpp"), "-o", program, *flags, f"-Wl,-rpath,{library}")
        check("pkg-config", run(program, extension))

        tenon = prefix / "bin" / "tenon"
        shown = run(tenon, "cc", "--show", "x.c")
        if str(prefix) not in shown:
            sys.exit(f"the installed `tenon cc` uses other headers than its own: {shown}")


if __name__ == "__main__":
    main()
