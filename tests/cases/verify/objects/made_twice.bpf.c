// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// RUN: verify          EXPECT: reject
// INTERFACE: docs
#include <docs.h>

SEC("page") s32 first(struct page_context *p)
{
	struct Scratch { u64 opaque[2]; } scratch;

	scratch_begin((void *)&scratch, 4);
	scratch_begin((void *)&scratch, 4); // ERROR: E0228
	scratch_end((void *)&scratch);
	return 0;
}
