#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# `make demo`: what tools/demo.py says. The build directory is the argument.
set -eu
exec python3 "$(dirname "$0")/demo.py" "${1:-build}"
