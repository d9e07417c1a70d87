/* Made by `tenon interface header` from kv.tni. */
#pragma once

#include <tn/builtin.h>

struct kv_request {
	const u8 *input;
	const u8 *input_end;
	u8 *output;
	u8 *output_end;
	u64 connection;
	u64 now;
	u32 datagram;
	u32 consumed;
	u32 produced;
	u32 worker;
};
_Static_assert(__builtin_offsetof(struct kv_request, input) == 0, "layout of kv_request");
_Static_assert(__builtin_offsetof(struct kv_request, input_end) == 8, "layout of kv_request");
_Static_assert(__builtin_offsetof(struct kv_request, output) == 16, "layout of kv_request");
_Static_assert(__builtin_offsetof(struct kv_request, output_end) == 24, "layout of kv_request");
_Static_assert(__builtin_offsetof(struct kv_request, connection) == 32, "layout of kv_request");
_Static_assert(__builtin_offsetof(struct kv_request, now) == 40, "layout of kv_request");
_Static_assert(__builtin_offsetof(struct kv_request, datagram) == 48, "layout of kv_request");
_Static_assert(__builtin_offsetof(struct kv_request, consumed) == 52, "layout of kv_request");
_Static_assert(__builtin_offsetof(struct kv_request, produced) == 56, "layout of kv_request");
_Static_assert(__builtin_offsetof(struct kv_request, worker) == 60, "layout of kv_request");
_Static_assert(sizeof(struct kv_request) == 64, "layout of kv_request");

struct kv_settings {
	u64 memory_bytes;
	u64 seed;
	u64 now;
};
_Static_assert(__builtin_offsetof(struct kv_settings, memory_bytes) == 0, "layout of kv_settings");
_Static_assert(__builtin_offsetof(struct kv_settings, seed) == 8, "layout of kv_settings");
_Static_assert(__builtin_offsetof(struct kv_settings, now) == 16, "layout of kv_settings");
_Static_assert(sizeof(struct kv_settings) == 24, "layout of kv_settings");

extern u64 kv_fact(u32 which) __attribute__((btf_decl_tag("tenon:fn kv_fact(which: u32) -> u64")));

/* s32 NAME(struct kv_settings *settings); 1 when it is cancelled */
#define SEC_kv_start SEC("kv_start")
/* s32 NAME(struct kv_request *request); 2 when it is cancelled */
#define SEC_kv_request SEC("kv_request")
/* s32 NAME(u64 connection); 0 when it is cancelled */
#define SEC_kv_closed SEC("kv_closed")
