// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// Not each handle is a full one.
// RUN: verify          EXPECT: reject
// INTERFACE: kinds
#include <kinds.h>

SEC("begin") u64 first(struct job *ctx)
{
	struct Handle *handle = handle_get(ctx->id);
	if (!handle) return 0;
	u64 result = full_rank((struct Full *)handle);   // ERROR: E0302 Full
	handle_put(handle);
	return result;
}
