// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
#include "shop.h"

volatile u64 rounds;

SEC("sale") u64 sell(u32 id, u32 cents)
{
	struct order *o = order_find(id);
	s32 paid;

	if (!o)
		return 2;
	order_lock(o);
	while (cents == 666)   // stopped while it holds an order and its lock: both are given back
		rounds++;
	paid = order_pay(o, cents);
	order_unlock(o);
	if (paid < 0) {
		order_put(o);
		return 1;
	}
	order_ship(o);   // takes the order; had it not been paid, this line would be refused
	return 0;
}
