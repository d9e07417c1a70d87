// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// RUN: verify          EXPECT: accept
#include <raw.h>
#include <tn/exception.h>

u64 open_files, sum;

struct tn_dropped_by(file_close) file {
	u64 handle;
};
typedef u64 counted tn_dropped_by(count_down);
union tn_dropped_by(either_drop) either {
	u64 a;
	u32 b;
};
tn_destructor static void file_close(struct file *f) { open_files -= f->handle; }
tn_destructor static void count_down(counted *n) { sum -= *n; }
tn_destructor static void either_drop(union either *e) { sum += e->b; }

static void body(void *arg)
{
	tn_scoped(struct file, f, {1});
	tn_scoped(counted, n, 2);
	struct token *t = token_get(1);

	sum += n;
	if (!t)
		bpf_throw(1);
	token_put(t);
}

SEC("raw") u64 f(struct raw_context *ctx)
{
	struct token *t = token_get(2);
	tn_scoped(union either, e, {.a = 3});

	for (u64 i = 0; i < 10; i++) {
		tn_scoped(struct file, f, {i});
		if (i == 5)
			break;
		sum += f.handle;
	}
	tn_try(body, 0);
	if (t)
		token_put(t);
	return sum + e.b;
}
