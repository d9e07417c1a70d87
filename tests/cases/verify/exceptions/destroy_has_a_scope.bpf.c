// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// What destroys runs while the record is given back, so it has no scopes of its own.
// RUN: verify          EXPECT: reject
#include <raw.h>
#include <tn/exception.h>

struct tn_dropped_by(file_close) file {
	u64 handle;
};
tn_destructor static void file_close(struct file *f) { tn_scope_end(f->handle); }

SEC("raw") u64 f(struct raw_context *ctx)
{
	tn_scoped(struct file, f, {1}); // ERROR: E0323
	return f.handle;
}
