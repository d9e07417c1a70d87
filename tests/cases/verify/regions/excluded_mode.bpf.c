// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// RUN: verify          EXPECT: reject
// INTERFACE: docs
#include <docs.h>

SEC("page") s32 first(struct page_context *p)
{
	draw_begin();
	print_begin(); // ERROR: E0319
	print_end();
	draw_end();
	return 0;
}
