// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// RUN: verify          EXPECT: accept
// INTERFACE: net
#include <net.h>

SEC("tick") u64 on_tick(u64 now)
{
	u8 *record = (u8 *)record_new(64);

	if (!record)
		return 0;
	record[0] = now;
	record[63] = 1;
	record_send((struct Record *)record);
	return 0;
}
