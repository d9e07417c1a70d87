// SPDX-License-Identifier: Apache-2.0
// Names that the kernel gives: settings, functions, variables; what its structures and maps hold.
#include "seed.h"

#define weak __attribute__((weak))
#define tag(text) __attribute__((btf_decl_tag(text)))
#define __array(name, val) typeof(val) *name[]
extern int LINUX_KERNEL_VERSION SEC(".kconfig");
extern char CONFIG_NAME[6] weak SEC(".kconfig");
extern u64 CONFIG_STRONG SEC(".kconfig");
extern u64 maybe(u64 a, const char *b) weak SEC(".ksyms") tag("tenon:fn maybe(a: u64)");
extern const int variable SEC(".ksyms");
extern const void typeless weak SEC(".ksyms");

struct bpf_spin_lock { u32 val; };
struct bpf_list_head { u64 a[2]; };
struct bpf_list_node { u64 a[3]; };
struct task_struct;
struct item { struct bpf_list_node node; u64 data; };
struct value { struct bpf_spin_lock lock; struct task_struct __attribute__((btf_type_tag("kptr"))) *task; struct bpf_list_head head tag("contains:item:node"); };
struct inner { __uint(type, 1); __uint(max_entries, 4); __type(key, u32); __type(value, struct value); } in SEC(".maps");
struct { __uint(type, 12); __uint(max_entries, 2); __type(key, u32); __array(values, struct inner); } outer SEC(".maps") = { .values = { [1] = &in } };
u64 jump(u64 *ctx);
struct { __uint(type, 3); __uint(max_entries, 2); __type(key, u32); __array(values, u64(u64 *)); } jumps SEC(".maps") = { .values = { [1] = jump } };
struct ops { u64 (*jump)(u64 *); char name[8]; };
struct item use;

SEC("raw/jump") u64 jump(u64 *ctx) { return (u64)&in + (u64)&outer; }
SEC("raw") tag("exception_callback:thrown") u64 prog(u64 *ctx tag("arg:ctx"))
{
	return (maybe ? maybe(1, "x") : 0) + (u64)&variable + (u64)&typeless + LINUX_KERNEL_VERSION + CONFIG_NAME[*ctx % 6] + (u64)&jumps;
}
SEC("?raw") u64 needs(u64 *ctx) { return CONFIG_STRONG; }
noinline u64 thrown(u64 cookie) { return cookie; }
SEC(".struct_ops") struct ops ops = { .jump = jump, .name = "x" };
