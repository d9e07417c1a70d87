# SPDX-License-Identifier: Apache-2.0
"""What the running kernel says: its BTF, and its verifier's verdict on a few instructions or on an object. Attaches nothing."""

import ctypes
import ctypes.util
import errno
import struct

BTF_FILE = "/sys/kernel/btf/vmlinux"
SLEEPABLE = 1 << 4
PROG_LOAD = 5
SYS_BPF = 321  # x86-64
FORBIDDEN = "EPERM"  # all that the kernel says of programs that nobody may load here

MAPS_WITHOUT_SIZE = (19, 21, 24, 28, 29, 32)  # storage that belongs to sockets, tasks, control groups and files
RING_BUFFERS = (27, 31)  # their size is in bytes, whole pages

_libc = ctypes.CDLL(None, use_errno=True)


class Btf:
    """The kernel's type information, as far as layouts and prototypes need it."""

    INT, PTR, ARRAY, STRUCT, UNION, ENUM, FWD, TYPEDEF, VOLATILE, CONST, RESTRICT, FUNC, PROTO, VAR, DATASEC, FLOAT, DECL_TAG, TYPE_TAG, ENUM64 = range(1, 20)

    def __init__(self, path=BTF_FILE):
        data = open(path, "rb").read()
        _, _, _, header, type_off, type_len, str_off, str_len = struct.unpack_from("<HBBIIIII", data)
        self.strings = data[header + str_off : header + str_off + str_len]
        self.types = [(0, "void", 0, 0, ())]
        self.by_name = {}
        at, end = header + type_off, header + type_off + type_len
        while at < end:
            name_off, info, size = struct.unpack_from("<III", data, at)
            at += 12
            kind, count = info >> 24 & 31, info & 0xFFFF
            items, at = self._items(data, at, kind, count)
            self.by_name.setdefault((kind, self._string(name_off)), len(self.types))
            self.types.append((kind, self._string(name_off), size, info >> 31, items))

    def _string(self, offset):
        return self.strings[offset : self.strings.index(b"\0", offset)].decode()

    def _items(self, data, at, kind, count):
        width = {self.STRUCT: 3, self.UNION: 3, self.ENUM: 2, self.PROTO: 2, self.DATASEC: 3, self.ENUM64: 3}.get(kind)
        if width is None:
            single = {self.INT: 1, self.ARRAY: 3, self.VAR: 1, self.DECL_TAG: 1}.get(kind, 0)
            return struct.unpack_from(f"<{single}I", data, at), at + 4 * single
        rows = tuple(struct.unpack_from(f"<{width}I", data, at + 4 * width * n) for n in range(count))
        return rows, at + 4 * width * count

    def resolve(self, index):
        """Without typedefs and qualifiers."""
        while self.types[index][0] in (self.TYPEDEF, self.VOLATILE, self.CONST, self.RESTRICT, self.TYPE_TAG):
            index = self.types[index][2]
        return index

    def size(self, index):
        kind, _, size, _, items = self.types[self.resolve(index)]
        if kind == self.PTR:
            return 8
        if kind == self.ARRAY:
            return self.size(items[0]) * items[2]
        return size

    def is_pointer(self, index):
        return self.types[self.resolve(index)][0] in (self.PTR, self.ARRAY)

    def members(self, struct_name, base=0, index=None):
        """{name: (offset, bytes)}; members of unnamed structs and unions count as the outer one's."""
        index = self.by_name.get((self.STRUCT, struct_name)) if index is None else index
        found = {}
        if index is None:
            return found
        _, _, _, is_bitfields, items = self.types[index]
        for name_off, member, offset in items:
            bits = offset & 0xFFFFFF if is_bitfields else offset
            name, at = self._string(name_off), base + bits // 8
            if name:
                found[name] = (at, self.size(member))
            elif self.types[self.resolve(member)][0] in (self.STRUCT, self.UNION):
                found |= self.members("", at, self.resolve(member))
        return found

    def prototype(self, function):
        """(result type, [parameter types]) of a kernel function, or None."""
        index = self.by_name.get((self.FUNC, function))
        if index is None:
            return None
        _, _, result, _, items = self.types[self.types[index][2]]
        return result, [parameter for _, parameter in items]

    def enumerators(self, enum):
        index = self.by_name.get((self.ENUM, enum))
        return {} if index is None else {self._string(name): value for name, value in self.types[index][4]}

    def kfuncs(self):
        tags = (t for t in self.types if t[0] == self.DECL_TAG and t[1] == "bpf_kfunc")
        return {self.types[t[2]][1] for t in tags}


def insn(op, dst=0, src=0, off=0, imm=0):
    return struct.pack("<BBhi", op, src << 4 | dst, off, imm)


def load(prog_type, code, attach_type=0, flags=0, attach_btf=0):
    """(accepted, the verifier's log or the error) for instructions. `attach_btf`: of what a tracing program is for."""
    text, license_, log = ctypes.create_string_buffer(code, len(code)), ctypes.create_string_buffer(b"GPL"), ctypes.create_string_buffer(1 << 17)
    attr = bytearray(144)
    struct.pack_into("<IIQQIIQII", attr, 0, prog_type, len(code) // 8, ctypes.addressof(text), ctypes.addressof(license_), 1, len(log),
                     ctypes.addressof(log), 0, flags)
    struct.pack_into("<I", attr, 68, attach_type)
    struct.pack_into("<I", attr, 108, attach_btf)
    block = ctypes.create_string_buffer(bytes(attr), len(attr))
    fd = _libc.syscall(SYS_BPF, PROG_LOAD, block, len(attr))
    if fd >= 0:
        _libc.close(fd)
        return True, log.value.decode(errors="replace")
    error = ctypes.get_errno()
    return False, log.value.decode(errors="replace") or errno.errorcode.get(error, str(error))


def may_load():
    """Whether this process may load programs at all."""
    return load(1, insn(0xB7) + insn(0x95))[0]


class Object:
    """Loads the programs of an object, each by itself, with Debian's libbpf."""

    def __init__(self, path):
        self.lib = ctypes.CDLL(ctypes.util.find_library("bpf") or "libbpf.so.1", use_errno=True)
        for name in ("bpf_object__open_file", "bpf_object__next_program", "bpf_program__name", "bpf_program__section_name", "bpf_object__next_map"):
            getattr(self.lib, name).restype = ctypes.c_void_p
        self.path = path

    def _open(self):
        self.lib.libbpf_set_print(None)
        opened = self.lib.bpf_object__open_file(self.path.encode(), None)
        return ctypes.c_void_p(opened) if opened else None

    def _programs(self, opened):
        program = self.lib.bpf_object__next_program(opened, None)
        while program:
            yield ctypes.c_void_p(program)
            program = self.lib.bpf_object__next_program(opened, ctypes.c_void_p(program))

    def _name(self, program):
        return ctypes.cast(self.lib.bpf_program__name(program), ctypes.c_char_p).value.decode()

    def verdicts(self, log_level=1):
        """{program: (accepted, log)}; {} when libbpf cannot read the object."""
        opened = self._open()
        if opened is None:
            return {}
        names = [self._name(p) for p in self._programs(opened)]
        self.lib.bpf_object__close(opened)
        return {name: self._load_only(name, log_level) for name in names}

    def _give_sizes(self, opened):
        """Maps whose size their loader chooses."""
        map_ = self.lib.bpf_object__next_map(opened, None)
        while map_:
            kind = self.lib.bpf_map__type(ctypes.c_void_p(map_))
            if self.lib.bpf_map__max_entries(ctypes.c_void_p(map_)) == 0 and kind not in MAPS_WITHOUT_SIZE:
                self.lib.bpf_map__set_max_entries(ctypes.c_void_p(map_), 4096 if kind in RING_BUFFERS else 64)
            map_ = self.lib.bpf_object__next_map(opened, ctypes.c_void_p(map_))

    def _load_only(self, wanted, log_level):
        opened, log = self._open(), ctypes.create_string_buffer(1 << 22)
        self._give_sizes(opened)
        for program in self._programs(opened):
            mine = self._name(program) == wanted
            self.lib.bpf_program__set_autoload(program, ctypes.c_bool(mine))
            if mine:
                self.lib.bpf_program__set_log_buf(program, log, ctypes.c_size_t(len(log)))
                self.lib.bpf_program__set_log_level(program, log_level)
        result = self.lib.bpf_object__load(opened)
        self.lib.bpf_object__close(opened)
        text = log.value.decode(errors="replace")
        return result == 0, text or errno.errorcode.get(-result, str(result))
