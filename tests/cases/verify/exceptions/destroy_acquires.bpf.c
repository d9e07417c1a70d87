// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// RUN: verify          EXPECT: reject
#include <raw.h>
#include <tn/exception.h>

struct tn_dropped_by(file_close) file {
	u64 handle;
};
tn_destructor static void file_close(struct file *f)
{
	struct token *t = token_get(f->handle);

	if (t)
		token_put(t);
}

SEC("raw") u64 f(struct raw_context *ctx)
{
	tn_scoped(struct file, f, {1}); // ERROR: E0323 may neither acquire nor throw
	return f.handle;
}
