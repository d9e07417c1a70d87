# SPDX-License-Identifier: Apache-2.0
# The front door. `make demo` and `make test` do their own set-up; nothing here needs a step before it.
BUILD ?= build
JOBS  ?= $(shell nproc)

.PHONY: all setup configure demo test bench check tidy format clean install

all: configure
	@cmake --build $(BUILD) -j $(JOBS)

setup:
	@tools/setup.sh

configure: setup
	@test -f $(BUILD)/build.ninja || cmake --preset release -B $(BUILD)

demo: all
	@tools/demo.sh $(BUILD)

test: all
	@ctest --test-dir $(BUILD) --output-on-failure -j $(JOBS)

bench: all
	@cmake --build $(BUILD) --target bench_kernels

check: configure
	@.ci/run

# LLVM 19's ScopedPrinter.h, which image_reader.cpp needs, is no C++23 for clang.
tidy: all
	@git ls-files 'src/*.cpp' | grep -v src/codegen/image_reader.cpp | xargs -P $(JOBS) -n 1 clang-tidy-19 --quiet -p $(BUILD)

format:
	@git ls-files '*.cpp' '*.hpp' | xargs clang-format-19 -i

install: all
	@cmake --install $(BUILD)

clean:
	@rm -rf $(BUILD)
