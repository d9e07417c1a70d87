// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// Globals live as long as the extension.
// RUN: run          EXPECT: return 10
// ARGS: --repeat 10
#include <raw.h>

u64 runs;

SEC("raw") u64 state_between_runs(struct raw_context *ctx)
{
	return ++runs;
}
