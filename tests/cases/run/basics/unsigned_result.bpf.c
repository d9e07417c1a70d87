// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// RUN: run          EXPECT: return 18446744073709551615
#include <raw.h>

SEC("raw") u64 unsigned_result(struct raw_context *ctx)
{
	return -1;
}
