// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// RUN: verify          EXPECT: reject
#include <raw.h>
#include <tn/exception.h>

struct tn_dropped_by(file_close) file {
	u64 handle;
};
tn_destructor static void file_close(struct file *f) { bpf_assert(f->handle < 100); }

SEC("raw") u64 f(struct raw_context *ctx)
{
	tn_scoped(struct file, f, {1}); // ERROR: E0323 may neither acquire nor throw
	return f.handle;
}
