// SPDX-License-Identifier: Apache-2.0
// CO-RE relocations of every kind against types that are in the same object under another flavour.
#include "seed.h"

#define core __attribute__((preserve_access_index))
enum color { RED = 1, GREEN = 2 };
enum color___kernel { GREEN___k = 7, RED___k = -9 };
struct inner { int a; u64 b; } core;
struct task { int pid; struct inner in[3]; void *pointer; u64 bits : 7, more : 40; int gone; union { u64 x; struct { u32 y, z; }; }; } core;
struct task___kernel { u64 pad; int pid; u32 grown; struct inner in[3]; void *pointer; u64 bits : 9, more : 41; union { struct { u32 y, z; }; u64 x; }; };
typedef struct { int counter; } core atomic;
struct task___kernel use_task;
enum color___kernel use_color;
atomic use_atomic;

SEC("raw") u64 accesses(struct task *t) { return t->pid + t->in[2].b + (u64)t->pointer + t->x + t->z + ((atomic *)t)->counter; }
SEC("raw") u64 missing(struct task *t) { return __builtin_preserve_field_info(t->gone, 2) ? t->gone : 1; }
SEC("raw") u64 facts(struct task *t)
{
	return __builtin_preserve_field_info(t->more, 0) + __builtin_preserve_field_info(t->more, 1) + __builtin_preserve_field_info(t->pid, 3) +
	       __builtin_preserve_field_info(t->more, 4) + __builtin_preserve_field_info(t->more, 5) + __builtin_preserve_type_info(*(struct task *)0, 0) +
	       __builtin_preserve_type_info(*(struct task *)0, 1) + __builtin_preserve_type_info(*(struct task *)0, 2) + __builtin_btf_type_id(*t, 0) +
	       __builtin_btf_type_id(*t, 1) + __builtin_preserve_enum_value(*(enum color *)RED, 0) + __builtin_preserve_enum_value(*(enum color *)GREEN, 1);
}
