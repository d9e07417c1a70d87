// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// RUN: verify          EXPECT: reject
#include <raw.h>
#include <tn/exception.h>

struct tn_dropped_by(file_close) tn_dropped_by(file_remove) file {
	u64 handle;
};
u64 closed;
tn_destructor static void file_close(struct file *f) { closed += f->handle; }
tn_destructor static void file_remove(struct file *f) { closed -= f->handle; }

SEC("raw") u64 f(struct raw_context *ctx)
{
	tn_scoped(struct file, f, {1}); // ERROR: E0137 is declared twice
	return f.handle;
}
