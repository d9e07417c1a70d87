/* Made by `tenon interface header` from tests/packaging/foreign/shop.tni. */
#pragma once

#include <tn/builtin.h>

struct order;

extern struct order *order_find(u32 id) __attribute__((btf_decl_tag("tenon:fn order_find(id: u32) -> ?own order<'o @Open>")));
extern void order_put(struct order *o) __attribute__((btf_decl_tag("tenon:fn order_put(o: own order<'o>)")));
extern void order_lock(struct order *o) __attribute__((btf_decl_tag("tenon:fn order_lock(o: &order<'o>) acquires lock('o.lock)")));
extern void order_unlock(struct order *o) __attribute__((btf_decl_tag("tenon:fn order_unlock(o: &order<'o>) releases lock('o.lock)")));
extern s32 order_pay(struct order *o, u32 cents) __attribute__((btf_decl_tag("tenon:fn order_pay(o: &order<'o @Open => Paid>, cents: u32) -> s32 requires lock('o.lock) on ret < 0 : o@Open")));
extern void order_ship(struct order *o) __attribute__((btf_decl_tag("tenon:fn order_ship(o: own order<'o @Paid>)")));

/* u64 NAME(u32 id, u32 cents); 0 when it is cancelled */
#define SEC_sale SEC("sale")
