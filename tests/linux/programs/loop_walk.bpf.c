// Looks through a packet of any size, block by block, for a byte string.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#define BLOCK 64

struct search { struct xdp_md *ctx; __u32 length, hits; __u64 hash; };

volatile const __u64 wanted = 0xdeadbeef;
__u64 found;

static long look(__u64 index, void *context)
{
	struct search *search = context;
	__u8 block[BLOCK];
	__u32 offset = index * BLOCK;
	if (offset + BLOCK > search->length) return 1;
	if (bpf_xdp_load_bytes(search->ctx, offset, block, sizeof(block)) < 0) return 1;
	for (int i = 0; i < BLOCK; ++i) search->hash = search->hash * 31 + block[i];
	if (search->hash == wanted) search->hits++;
	return 0;
}

SEC("xdp.frags") int scan(struct xdp_md *ctx)
{
	struct search search = {.ctx = ctx, .length = bpf_xdp_get_buff_len(ctx)};
	bpf_loop(1024, look, &search, 0);
	if (search.hits) __sync_fetch_and_add(&found, 1);
	return search.hits ? XDP_DROP : XDP_PASS;
}

char LICENSE[] SEC("license") = "GPL";
