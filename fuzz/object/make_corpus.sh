#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Compiles seeds/*.c at every -mcpu into corpus/, without DWARF, which the reader skips. Run it after changing a seed.
set -eu
cd "$(dirname "$0")"
for source in seeds/*.c; do
	for cpu in v1 v4; do
		object=corpus/$(basename "$source" .c)_$cpu.elf
		clang-19 -target bpf -mcpu=$cpu -O2 -g -fno-builtin -fcommon -Wno-everything -ffile-prefix-map="$PWD"=. -c "$source" -o "$object"
		llvm-strip-19 --strip-debug "$object"
	done
done
