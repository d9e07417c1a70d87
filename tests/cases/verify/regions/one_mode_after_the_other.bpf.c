// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// RUN: verify          EXPECT: accept
// INTERFACE: docs
#include <docs.h>

SEC("page") s32 first(struct page_context *p)
{
	draw_begin();
	draw_end();
	print_begin();
	print_end();
	return 0;
}
