// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// Each full handle is a handle.
// RUN: verify          EXPECT: accept
// INTERFACE: kinds
#include <kinds.h>

SEC("begin") u64 first(struct job *ctx)
{
	struct Full *full = full_get(ctx->id);
	if (!full) return 0;
	u64 result = handle_id((struct Handle *)full) + full_rank(full) + ((u32 *)full)[1];
	handle_put((struct Handle *)full);
	return result;
}
