// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// RUN: run          EXPECT: return 5
#include <raw.h>

const char *names[] = {"one", "three"};

SEC("raw") u64 strings(struct raw_context *ctx)
{
	const char *name = names[1];
	u64 n = 0;

	while (name[n])
		n++;
	return n;
}
