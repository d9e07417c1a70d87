// Takes VLAN tags off in XDP, and pushes or pops them in tc.
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/pkt_cls.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

struct vlan { __be16 tci, proto; };

struct { __uint(type, BPF_MAP_TYPE_ARRAY); __uint(max_entries, 4096); __type(key, __u32); __type(value, __u32); } wanted SEC(".maps");

SEC("xdp") int strip(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	struct ethhdr *eth = data, copy;
	struct vlan *vlan = (void *)(eth + 1);
	if ((void *)(vlan + 1) > end) return XDP_PASS;
	if (eth->h_proto != bpf_htons(ETH_P_8021Q) && eth->h_proto != bpf_htons(ETH_P_8021AD)) return XDP_PASS;
	__u32 id = bpf_ntohs(vlan->tci) & 0xfff, *keep = bpf_map_lookup_elem(&wanted, &id);
	if (!keep || !*keep) return XDP_DROP;
	__builtin_memcpy(&copy, eth, sizeof(copy));
	copy.h_proto = vlan->proto;
	if (bpf_xdp_adjust_head(ctx, sizeof(*vlan))) return XDP_ABORTED;
	eth = (void *)(long)ctx->data;
	end = (void *)(long)ctx->data_end;
	if ((void *)(eth + 1) > end) return XDP_ABORTED;
	__builtin_memcpy(eth, &copy, sizeof(copy));
	return XDP_PASS;
}

SEC("tc") int tag(struct __sk_buff *skb)
{
	if (skb->vlan_present) {
		if ((skb->vlan_tci & 0xfff) != 1) return TC_ACT_OK;
		return bpf_skb_vlan_pop(skb) ? TC_ACT_SHOT : TC_ACT_OK;
	}
	__u32 id = skb->mark & 0xfff;
	if (!id) return TC_ACT_OK;
	if (bpf_skb_vlan_push(skb, bpf_htons(ETH_P_8021Q), id)) return TC_ACT_SHOT;
	skb->priority = id >> 8;
	return TC_ACT_OK;
}

char LICENSE[] SEC("license") = "GPL";
