// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// realloc keeps the contents while a string grows from a few bytes to many pages.
// RUN: run          EXPECT: return 100000
#include <raw.h>
#include <tn/heap.h>

SEC("raw") u64 strings(struct raw_context *ctx)
{
	u64 room = 0, length = 0, right = 0;
	u8 *text = NULL;

	while (length < 100000) {
		if (length == room) {
			room = room ? room * 2 : 8;
			text = realloc(text, room);
			if (!text)
				return 0;
		}
		text[length] = length * 31;
		length++;
	}
	for (u64 i = 0; i < length; i++)
		right += text[i] == (u8)(i * 31);
	free(text);
	return right;
}
