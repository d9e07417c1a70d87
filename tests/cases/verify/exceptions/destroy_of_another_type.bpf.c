// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// RUN: verify          EXPECT: reject
#include <raw.h>
#include <tn/exception.h>

struct folder {
	u64 handle[8];
};
struct tn_dropped_by(folder_close) file {
	u64 handle;
};
u64 closed;
tn_destructor static void folder_close(struct folder *f) { closed += f->handle[7]; }

SEC("raw") u64 f(struct raw_context *ctx)
{
	tn_scoped(struct file, f, {1}); // ERROR: E0137 does not take a pointer to it
	return f.handle;
}
