#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""How many BPF programs in Debian packages does tenon decode?

Downloads packages with apt-get (nothing is installed or kept), takes every BPF object in them, also those that libbpf's skeletons embed in executables,
and asks `tenon verify` for each. A program counts as decoded when no diagnostic of the object layer (E01xx) is about it; what the interface and the
verifier then say of it is another question. A second use checks objects that are there already: --objects DIRECTORY.
"""
import argparse
import collections
import json
import pathlib
import struct
import subprocess
import sys
import tempfile

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


def is_of_object_layer(diagnostic: dict) -> bool:
    return diagnostic["code"].startswith("E01")


class Count:
    def __init__(self):
        self.objects = self.programs = self.decoded = 0
        self.reasons = collections.Counter()

    def add(self, name: str, answer: dict, show: bool):
        self.objects += 1
        for program in answer["programs"]:
            self.programs += 1
            refused = [d for d in program["diagnostics"] if is_of_object_layer(d)]
            if refused:
                self.refuse(f"{name}: {program['name']} ({program['section']})", refused[0], show)
            else:
                self.decoded += 1
        if not answer["programs"] and answer["diagnostics"]:
            self.refuse(name, answer["diagnostics"][0], show)

    def refuse(self, what: str, diagnostic: dict, show: bool):
        self.reasons[diagnostic["code"]] += 1
        if show:
            print(f"  {what}: {diagnostic['code']} {diagnostic['message']}")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("tenon", help="the command, built")
    parser.add_argument("--interface", default="raw")
    parser.add_argument("--btf", help="types of a kernel (default: this machine's)")
    parser.add_argument("--packages", nargs="*", default=PACKAGES)
    parser.add_argument("--objects", type=pathlib.Path, help="a directory to search instead of packages")
    parser.add_argument("--quiet", action="store_true", help="only the table")
    arguments = parser.parse_args()
    options = ["--interface", arguments.interface] + (["--btf", arguments.btf] if arguments.btf else [])

    with tempfile.TemporaryDirectory() as scratch:
        folder = pathlib.Path(scratch)
        total = Count()
        rows = []
        for source in [arguments.objects] if arguments.objects else arguments.packages:
            root = source if arguments.objects else folder / source
            if not arguments.objects and not unpack(source, root):
                print(f"{source}: not available")
                continue
            count = Count()
            one = folder / "one.o"
            for path in sorted(p for p in root.rglob("*") if p.is_file() and not p.is_symlink() and p.suffix != ".deb"):
                for name, data in objects_in(path):
                    one.write_bytes(data)
                    count.add(name, verify(arguments.tenon, options, one), not arguments.quiet)
            rows.append((str(source), count))
            for field in ("objects", "programs", "decoded"):
                setattr(total, field, getattr(total, field) + getattr(count, field))
            total.reasons += count.reasons
        print(f"{'package':36} objects programs decoded  refused by")
        for name, count in rows + [("total", total)]:
            reasons = ", ".join(f"{code} {n}x" for code, n in sorted(count.reasons.items()))
            print(f"{name:36} {count.objects:7} {count.programs:8} {count.decoded:7}  {reasons}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
