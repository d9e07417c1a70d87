// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// RUN: run          EXPECT: cancelled bad_call
#include <raw.h>

u64 (*function)(u64) = (u64 (*)(u64))77777;

SEC("raw") u64 bad_function_value(struct raw_context *ctx)
{
	return function(1); // STOPS
}
