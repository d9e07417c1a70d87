// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// RUN: verify          EXPECT: reject
#include <raw.h>
#include <tn/exception.h>

struct tn_dropped_by(file_close) file {
	u64 handle;
};
u64 closed;
tn_destructor static void file_close(struct file *f, u64 how) { closed += f->handle + how; }

SEC("raw") u64 f(struct raw_context *ctx)
{
	tn_scoped(struct file, f, {1}); // ERROR: E0137 does not take a pointer to it
	return f.handle;
}
