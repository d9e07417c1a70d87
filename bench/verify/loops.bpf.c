// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// Plain C loops that a verifier cannot run to their end: ROUNDS is 10, 1e5 or 1e9. The barrier keeps clang from computing the result.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#ifndef ROUNDS
#define ROUNDS 10
#endif
#define KEEP(x) asm volatile("" : "+r"(x))

/* The number of rounds is a constant. */
SEC("xdp") int bounded(struct xdp_md *ctx)
{
	__u64 sum = ctx->rx_queue_index;

	for (__u32 i = 0; i < ROUNDS; i++) {
		if (sum & 1)
			sum += i;
		else
			sum ^= 3 * i;
		KEEP(sum);
	}
	return sum & 1 ? XDP_PASS : XDP_DROP;
}

/* Three of them, one in the other. */
SEC("xdp") int nested(struct xdp_md *ctx)
{
	__u64 sum = ctx->rx_queue_index;

	for (__u32 i = 0; i < ROUNDS; i++) {
		for (__u32 j = 0; j < i; j++) {
			for (__u32 k = j; k < ROUNDS; k++) {
				sum += k ^ j;
				KEEP(sum);
			}
		}
	}
	return sum & 1 ? XDP_PASS : XDP_DROP;
}

/* The data decides when it ends. */
SEC("xdp") int early_exit(struct xdp_md *ctx)
{
	__u64 state = ctx->rx_queue_index;

	for (__u32 i = 0; i < ROUNDS; i++) {
		state = state * 6364136223846793005ull + 1442695040888963407ull;
		KEEP(state);
		if ((state >> 33) % 1000 == 7)
			return XDP_DROP;
	}
	return XDP_PASS;
}

/* The counter is an index into an array in the stack. */
SEC("xdp") int indexed(struct xdp_md *ctx)
{
	__u64 histogram[16] = {}, state = ctx->rx_queue_index;

	for (__u32 i = 0; i < ROUNDS; i++) {
		histogram[i % 16] += state;
		state = histogram[(state >> 3) & 15] + i;
		KEEP(state);
	}
	return histogram[3] & 1 ? XDP_PASS : XDP_DROP;
}

/* A pointer walks the packet, byte by byte, up to ROUNDS of them. */
SEC("xdp") int packet(struct xdp_md *ctx)
{
	__u8 *at = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	__u64 hash = 0;

	for (__u32 i = 0; i < ROUNDS && at + 1 <= end; i++) {
		hash = hash * 31 + *at++;
		KEEP(hash);
	}
	return hash & 1 ? XDP_PASS : XDP_DROP;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
