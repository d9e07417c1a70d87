// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// RUN: verify          EXPECT: reject
#include <raw.h>
#include <tn/exception.h>

struct tn_dropped_by(file_close) file {
	u64 handle;
};
tn_destructor static u64 file_close(struct file *f) { return f->handle; }

SEC("raw") u64 f(struct raw_context *ctx)
{
	tn_scoped(struct file, f, {1}); // ERROR: E0137 return nothing
	return f.handle;
}
