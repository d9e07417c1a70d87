# SPDX-License-Identifier: Apache-2.0
# The front door. `make demo` and `make test` do their own set-up; nothing here needs a step before it.
BUILD ?= build
JOBS  ?= $(shell nproc)

.PHONY: all setup configure demo test bench check format clean install

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

format:
	@git ls-files '*.cpp' '*.hpp' | xargs clang-format-19 -i

install: all
	@cmake --install $(BUILD)

clean:
	@rm -rf $(BUILD)
