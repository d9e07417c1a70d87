// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// Which modes are active differs from path to path, and there are too many paths.
// RUN: verify          EXPECT: reject
// INTERFACE: docs
#include <docs.h>

SEC("page") s32 f(struct page_context *p)
{
	u32 way = p->length;
	for (u32 step = 0; step < 9; step++) {
		if (way >> step & 1)
			walk_begin();
		else
			draw_begin();
	}
	return 0; // ERROR: E0402
}
