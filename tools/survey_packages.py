#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""How many BPF programs in Debian's packages does tenon accept, and does the running kernel?

Downloads packages with apt-get (nothing is installed or kept), takes every BPF object in them, also those that libbpf's skeletons embed in executables,
asks `tenon verify --interface linux` for each and, where programs may be loaded, the kernel, with Debian's libbpf. Prints what docs/precision.md shows. A
second use surveys objects that are there already: --objects DIRECTORY.
"""
import argparse
import json
import pathlib
import struct
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
PACKAGES = ["libbpf-tools", "xdp-tools", "xdp-tests", "libxdp1", "systemd", "bpftool", "ir-keytable", "qemu-system-x86", "libknot13", "suricata",
            "golang-github-cilium-ebpf-dev", "golang-github-iovisor-gobpf-dev", "linux-perf-6.1"]
EM_BPF = 247
ELF_HEADER = struct.Struct("<16sHHIQQQIHHHHHH")
SECTION_HEADER = struct.Struct("<IIQQQQIIQQ")
SHT_NOBITS = 8


def elf_length(data: bytes, at: int) -> int | None:
    """Bytes of the BPF object that begins at `at`; None when there is none."""
    if at + ELF_HEADER.size > len(data):
        return None
    header = ELF_HEADER.unpack_from(data, at)
    machine, table, entry_bytes, entries = header[2], header[6], header[11], header[12]
    if machine != EM_BPF or entry_bytes != SECTION_HEADER.size or at + table + entries * entry_bytes > len(data):
        return None
    end = table + entries * entry_bytes
    for i in range(entries):
        section = SECTION_HEADER.unpack_from(data, at + table + i * entry_bytes)
        if section[1] != SHT_NOBITS:
            end = max(end, section[4] + section[5])
    return end if at + end <= len(data) else None


def objects_in(path: pathlib.Path):
    """(name, bytes) of each little-endian BPF object in a file: the file itself, or what is embedded in it."""
    data = path.read_bytes()
    at = data.find(b"\x7fELF\x02\x01\x01")
    while at >= 0:
        length = elf_length(data, at)
        if length is not None:
            yield (path.name if at == 0 else f"{path.name}+{at:#x}"), data[at:at + length]
        at = data.find(b"\x7fELF\x02\x01\x01", at + max(length or 1, 1))


def unpack(package: str, folder: pathlib.Path) -> bool:
    folder.mkdir()
    if subprocess.run(["apt-get", "download", package], cwd=folder, capture_output=True).returncode != 0:
        return False
    for archive in folder.glob("*.deb"):
        subprocess.run(["dpkg-deb", "-x", archive, folder / "root"], check=True)
    return True


def verify(tenon: str, options: list[str], path: pathlib.Path) -> dict:
    answer = subprocess.run([tenon, "verify", "--json", *options, path], capture_output=True, text=True)
    return json.loads(answer.stdout)


class Count:
    def __init__(self):
        self.objects = self.programs = self.accepted = self.kernel = self.both = 0
        self.refused = []

    def add(self, name: str, answer: dict, verdicts: dict):
        self.objects += 1
        for program in answer["programs"]:
            self.programs += 1
            ok, log = verdicts.get(program["name"], (False, "not asked"))
            accepted = not program["diagnostics"]
            self.accepted += accepted
            self.kernel += ok
            self.both += accepted and ok
            if not accepted:
                first = program["diagnostics"][0]
                self.refused.append((f"{name}: {program['name']}", program["section"], first["code"], first["message"], "accepts" if ok else last_words(log)))

    def __iadd__(self, other):
        for field in ("objects", "programs", "accepted", "kernel", "both", "refused"):
            setattr(self, field, getattr(self, field) + getattr(other, field))
        return self


def last_words(log: str) -> str:
    """The kernel's reason: behind it stands only how much it looked at."""
    lines = [line for line in log.strip().splitlines() if not line.startswith("processed ")]
    return lines[-1][:120] if lines else "refuses"


def ask_kernel(path: pathlib.Path) -> dict:
    """In a process of its own: libbpf 1.1 ends on some objects."""
    asked = "import json, sys, kernel; print(json.dumps(kernel.Object(sys.argv[1]).verdicts()))"
    done = subprocess.run([sys.executable, "-c", asked, path], capture_output=True, text=True, cwd=ROOT / "tests" / "linux")
    return json.loads(done.stdout) if done.returncode == 0 else {}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("tenon", help="the command, built")
    parser.add_argument("--interface", default="linux")
    parser.add_argument("--btf", help="types of a kernel (default: this machine's)")
    parser.add_argument("--packages", nargs="*", default=PACKAGES)
    parser.add_argument("--objects", type=pathlib.Path, help="a directory to search instead of packages")
    arguments = parser.parse_args()
    options = ["--interface", arguments.interface] + (["--btf", arguments.btf] if arguments.btf else [])
    tenon = pathlib.Path(arguments.tenon).resolve()

    with tempfile.TemporaryDirectory() as scratch:
        folder = pathlib.Path(scratch)
        total = Count()
        rows = []
        for source in [arguments.objects] if arguments.objects else arguments.packages:
            root = source if arguments.objects else folder / source
            if not arguments.objects and not unpack(source, root):
                print(f"{source}: not available", file=sys.stderr)
                continue
            count = Count()
            one = folder / "one.o"
            for path in sorted(p for p in root.rglob("*") if p.is_file() and not p.is_symlink() and p.suffix != ".deb"):
                for name, data in objects_in(path):
                    one.write_bytes(data)
                    count.add(name, verify(tenon, options, one), ask_kernel(one))
            print(f"{source}: {count.accepted} of {count.programs} programs accepted", file=sys.stderr)
            if count.programs:
                rows.append((str(source), count))
            total += count
        print("| package | objects | programs | Tenon accepts | the kernel accepts | both |\n|---|---:|---:|---:|---:|---:|")
        for name, count in rows + [("all", total)]:
            print(f"| {name} | {count.objects} | {count.programs} | {count.accepted} | {count.kernel} | {count.both} |")
        print("\n| refused program | section | why | the kernel |\n|---|---|---|---|")
        for name, section, code, message, says in total.refused:
            print(f"| {name} | `{section}` | {code} {message} | {says} |")
    return 0


if __name__ == "__main__":
    sys.exit(main())
