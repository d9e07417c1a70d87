// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// RUN: run          EXPECT: cancelled fault
#include <raw.h>

u64 *nowhere;

SEC("raw") u64 null(struct raw_context *ctx)
{
	return *nowhere; // STOPS
}
