# SPDX-License-Identifier: Apache-2.0
"""interfaces/linux/*.tni against the machine: layouts and prototypes against the kernel's BTF and libbpf's header, and, where programs may be loaded, which
hooks may call what and which fields they may read and write, against the kernel's own verifier. A declaration that says more than the kernel allows is an
error; what the kernel allows and nobody declared is none.

usage: interface_test.py TENON INTERFACES_DIR"""

import pathlib
import re
import subprocess
import sys
import tempfile

import kernel

HEADER = pathlib.Path("/usr/include/bpf/bpf_helper_defs.h")
SKIPPED = 77

# hook: (program type, attach type, load flags)
HOOKS = {
    "xdp": (6, 0, 0), "xdp_devmap": (6, 33, 0), "tc": (3, 0, 0), "socket": (1, 0, 0), "cgroup_skb": (8, 0, 0), "cgroup_skb_egress": (8, 1, 0), "sk_skb": (14, 5, 0), "sk_msg": (16, 0, 0),
    "sk_reuseport": (21, 0, 0), "raw_tracepoint": (17, 0, 0), "syscall": (31, 0, kernel.SLEEPABLE), "kprobe": (2, 0, 0), "tracepoint": (5, 0, 0),
    "perf_event": (7, 0, 0), "tp_btf": (26, 23, 0), "fentry": (26, 24, 0), "fexit": (26, 25, 0), "fmod_ret": (26, 26, 0), "lsm": (29, 27, 0),
    "lirc_mode2": (20, 0, 0),
}
# programs that trace: what they are loaded for
TRACED = {"tp_btf": "btf_trace_sched_switch", "fentry": "vfs_read", "fexit": "vfs_read", "fmod_ret": "bpf_modify_return_test", "lsm": "bpf_lsm_file_open"}
MOV, EXIT, CALL = 0xB7, 0x95, 0x85
LOAD = {1: 0x71, 2: 0x69, 4: 0x61, 8: 0x79}
STORE = {1: 0x73, 2: 0x6B, 4: 0x63, 8: 0x7B}
END = kernel.insn(MOV) + kernel.insn(EXIT)
NONE_LEFT = kernel.insn(0x55, off=2)  # if r0 != 0 go on behind the END that follows


class Failures(list):
    def expect(self, right, message):
        if not right:
            self.append(message)


class Interface:
    """The canonical text that `tenon interface check` prints."""

    def __init__(self, text):
        self.structs, self.functions, self.hooks = {}, {}, {}
        for line in text.splitlines():
            if found := re.match(r"struct (\w+) \{ (.*) \};", line):
                self.structs[found[1]] = self._fields(found[2])
            elif found := re.match(r"fn (\w+)\(", line):
                name = found[1]
                while name in self.functions:  # a line for another kind of maps
                    name += "'"
                self.functions[name] = self._function(line[found.end() :])
            elif found := re.match(r"hook (\w+)\(\w+: &(\w+)\)", line):
                self.hooks[found[1]] = found[2]

    @staticmethod
    def _function(text):
        """(types of the parameters, type of the result, clauses) from behind the opening parenthesis."""
        depth, parts, at = 1, [""], 0
        while depth > 0:
            c = text[at]
            depth += (c in "(<") - (c == ")" or (c == ">" and text[at - 1] != "-"))
            if c == "," and depth == 1:
                parts.append("")
            elif depth > 0:
                parts[-1] += c
            at += 1
        parameters = [part.strip().split(": ", 1)[-1] for part in parts if part.strip()]
        found = re.match(r"(?: -> (.*?))?((?: helper| for| moves| ends| may_sleep| in [a-z]| enters| exits| acquires| releases| allowed_in| on).*)?;", text[at:])
        return parameters, found[1], found[2] or ""

    @staticmethod
    def _fields(text):
        """[(name, offset, bytes of one element, elements, access)]"""
        fields = []
        for part in re.split(r", (?=\w+(?::|\.\.))", text):
            name, rest = part.split(": ", 1)
            offsets = [int(n) for n in re.search(r"@([\d.]+)", rest)[1].split("..")]
            access = re.search(r"@[\d.]+ (\w+)", rest)
            if rest.startswith("traced"):
                continue
            if ".." in name:
                width = 4 if rest.endswith("u32") else 8
                fields += [(mark, offset, width, 1, "r") for mark, offset in zip(name.split(".."), offsets)]
                continue
            integer, elements = re.match(r"[us](\d+)", rest), re.search(r"\[(\d+)\]", rest)
            fields.append((name, offsets[0], int(integer[1]) // 8 if integer else 8, int(elements[1]) if elements else 1, access[1]))
        return fields

    def helper(self, name):
        found = re.search(r"helper (\d+)", self.functions[name][2])
        return int(found[1]) if found else None

    def hooks_of(self, name):
        found = re.search(r"for ([\w, ]+)", self.functions[name][2])
        return found[1].split(", ") if found else list(self.hooks)


def read_interface(tenon, folder):
    with tempfile.NamedTemporaryFile("w", suffix=".tni") as whole:
        for path in sorted(pathlib.Path(folder).glob("*.tni")):
            whole.write(path.read_text())
        whole.flush()
        return Interface(subprocess.run([tenon, "interface", "check", whole.name], check=True, capture_output=True, text=True).stdout)


def kernel_struct(name):
    """The struct of the kernel's that one of ours shows, or shows a part of."""
    return "__sk_buff" if name.startswith("sk_buff_") else "xdp_md" if name.startswith("xdp_md") else "bpf_sock" if name == "sock_common_fields" else name.removesuffix("_fields")


def check_layouts(interface, btf, failures):
    for name, fields in interface.structs.items():
        members = btf.members(kernel_struct(name))
        if kernel_struct(name) in (
            "raw_tracepoint_args", "syscall_args", "tracepoint_record", "pt_regs", "bpf_perf_event_data",
            "lirc_sample", "tracepoint_arguments", "entry_arguments", "exit_arguments", "lsm_arguments"):
            continue  # of no fixed size, or shown as a row of registers
        for field, offset, width, elements, _ in fields:
            failures.expect(field in members, f"{name}.{field}: the kernel's struct has no such field")
            at, size = members.get(field, (offset, width * elements))
            size = 4 if field == "dst_port" and size == 2 else size  # the kernel reads the bytes behind it as zero
            failures.expect((at, size) == (offset, width * elements), f"{name}.{field}: at {offset}, {width * elements} bytes; in BTF at {at}, {size} bytes")


def is_pointer(text):
    return text is not None and not re.match(r"[us]\d+|'", text)


def c_parameters(text):
    """[is a pointer] for the parameters of a C prototype; '...' is left out."""
    parts = [p.strip() for p in text.split(",")]
    return [] if parts == ["void"] else [bool("*" in p) for p in parts if p != "..."]


def check_helpers(interface, btf, failures):
    numbers = btf.enumerators("bpf_func_id")
    prototypes = {}
    if HEADER.exists():
        for found in re.finditer(r"static (.*?)\(\*(\w+)\)\((.*)\) = \(void \*\) (\d+);", HEADER.read_text()):
            prototypes[found[2]] = ("*" in found[1], c_parameters(found[3]), int(found[4]))
    for key, (parameters, result, _) in interface.functions.items():
        name, number = key.rstrip("'"), interface.helper(key)
        if number is None:
            continue
        failures.expect(numbers.get("BPF_FUNC_" + name.removeprefix("bpf_")) == number, f"{name}: helper {number}, the kernel has another number")
        if name not in prototypes:
            continue
        returns_pointer, pointers, in_header = prototypes[name]
        declared = [p for p in parameters if p != "..."]
        failures.expect(in_header == number, f"{name}: helper {number}, the header says {in_header}")
        failures.expect(len(declared) == len(pointers), f"{name}: {len(declared)} parameters, the header has {len(pointers)}")
        failures.expect(is_pointer(result) == returns_pointer, f"{name}: result '{result}'")
        for n, (text, pointer) in enumerate(zip(declared, pointers)):
            number_for_address = pointer and text in ("u64", "'c", "'address")  # what the helper does not follow blindly, or hands on
            failures.expect(is_pointer(text) == pointer or number_for_address, f"{name}: parameter {n + 1} is '{text}'")


def check_kfuncs(interface, btf, failures):
    known = btf.kfuncs()
    for key, (parameters, result, _) in interface.functions.items():
        name = key.rstrip("'")
        if interface.helper(key) is not None:
            continue
        prototype = btf.prototype(name)
        if name not in known or prototype is None:
            print(f"note: this kernel has no kfunc {name}")
            continue
        returned, types = prototype
        failures.expect(len(types) == len(parameters), f"{name}: {len(parameters)} parameters, BTF has {len(types)}")
        failures.expect(is_pointer(result) == btf.is_pointer(returned) or result == "u64", f"{name}: result '{result}'")
        if result and not btf.is_pointer(returned) and (width := re.match(r"[us](\d+)", result)):
            failures.expect(int(width[1]) == 8 * btf.size(returned), f"{name}: result '{result}', BTF has {btf.size(returned)} bytes")
        for n, (text, index) in enumerate(zip(parameters, types)):
            failures.expect(is_pointer(text) == btf.is_pointer(index) or (text == "u64" and btf.is_pointer(index)), f"{name}: parameter {n + 1} is '{text}'")
            if not is_pointer(text) and not btf.is_pointer(index):
                failures.expect(int(re.match(r"[us](\d+)", text)[1]) == 8 * btf.size(index), f"{name}: parameter {n + 1} is '{text}', BTF has {btf.size(index)} bytes")


def traced_by(btf, hook):
    """The BTF of what the programs of a hook trace, where they trace something."""
    name = TRACED.get(hook)
    return 0 if name is None else btf.by_name[(btf.TYPEDEF if name.startswith("btf_trace_") else btf.FUNC, name)]


def closed_hooks(interface, btf):
    """Those of which not even a program that does nothing is loaded, and the kernel's verifier does not say why: forbidden, or left out of it."""
    def is_closed(hook):
        prog_type, attach_type, flags = HOOKS[hook]
        accepted, log = kernel.load(prog_type, END, attach_type, flags, traced_by(btf, hook))
        return not accepted and re.fullmatch("E[A-Z]+", log)

    return {hook for hook in interface.hooks if is_closed(hook)}


def check_callers(interface, btf, failures):
    """A call without arguments: the kernel says first whether programs of the kind may make it."""
    closed = closed_hooks(interface, btf)
    if closed:
        print(f"note: this kernel takes no programs of these hooks here: {', '.join(sorted(closed))}")
    refusals = ("cannot use helper", "unknown func", "invalid func", "is not allowed", "must be sleepable")
    for name in interface.functions:
        number = interface.helper(name)
        kfunc = btf.by_name.get((btf.FUNC, name.rstrip("'"))) if number is None else None
        if number is None and kfunc is None:
            continue
        call = kernel.insn(CALL, imm=number) if number is not None else kernel.insn(CALL, src=2, imm=kfunc)
        for hook in interface.hooks_of(name):
            if hook in closed:
                continue
            prog_type, attach_type, flags = HOOKS[hook]
            _, log = kernel.load(prog_type, call + END, attach_type, flags, traced_by(btf, hook))
            failures.expect(not any(r in log for r in refusals), f"{name}: the kernel allows no call from '{hook}'")


SKB_SK = 168  # __sk_buff.sk, after which the kernel wants a test
OBJECTS = {  # fields of sockets, reached from a tc program
    "sock_common_fields": b"",
    "bpf_sock_fields": kernel.insn(CALL, imm=95),
    "bpf_tcp_sock_fields": kernel.insn(CALL, imm=96),
}


def check_fields(interface, btf, failures):
    def probe(hook, prefix, op, what):
        prog_type, attach_type, flags = HOOKS[hook]
        accepted, log = kernel.load(prog_type, prefix + op + END, attach_type, flags, traced_by(btf, hook))
        failures.expect(accepted, f"{what}: {log.strip().splitlines()[-2:] if log else ''}")

    def accesses(fields):
        for name, offset, width, elements, access in fields:
            for n in range(min(elements, 16)):
                if "r" in access:
                    yield name, LOAD[width], 0, 1, offset + n * width
                if "w" in access:
                    yield name, STORE[width], 1, 0, offset + n * width

    closed = closed_hooks(interface, btf)
    for hook, struct_name in interface.hooks.items():
        if hook in closed:
            continue
        fields = [field for field in interface.structs[struct_name] if hook not in TRACED]  # there the traced function decides
        for name, op, dst, src, offset in accesses(fields):
            probe(hook, kernel.insn(MOV, 0), kernel.insn(op, dst, src, offset), f"{hook}: {name} at {offset}")
    sk = kernel.insn(LOAD[8], 0, 1, SKB_SK) + NONE_LEFT + END + kernel.insn(0xBF, 1, 0)
    for struct_name, call in OBJECTS.items():
        prefix = sk + (call + NONE_LEFT + END if call else b"") + kernel.insn(0xBF, 1, 0)
        for name, op, dst, src, offset in accesses(interface.structs[struct_name]):
            probe("tc", prefix, kernel.insn(op, dst, src, offset), f"{struct_name}.{name} at {offset}")


def main():
    tenon, folder = sys.argv[1:3]
    interface = read_interface(tenon, folder)
    if not pathlib.Path(kernel.BTF_FILE).exists():
        print("no kernel BTF here")
        return SKIPPED
    btf, failures = kernel.Btf(), Failures()
    print(f"{len(interface.structs)} structs, {len(interface.functions)} functions, {len(interface.hooks)} hooks")
    check_layouts(interface, btf, failures)
    check_helpers(interface, btf, failures)
    check_kfuncs(interface, btf, failures)
    if kernel.may_load():
        check_callers(interface, btf, failures)
        check_fields(interface, btf, failures)
    else:
        print("programs may not be loaded here: callers and fields are not compared")
    print("\n".join(failures) or "all as the machine has it")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
