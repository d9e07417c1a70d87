// A map for each service, in a map of services; sockets and devices are looked up in maps of their own kinds.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct backend { __u32 address, weight; };
struct inner { __uint(type, BPF_MAP_TYPE_ARRAY); __uint(max_entries, 16); __type(key, __u32); __type(value, struct backend); };
struct inner first SEC(".maps");
struct { __uint(type, BPF_MAP_TYPE_HASH_OF_MAPS); __uint(max_entries, 64); __type(key, __u32); __array(values, struct inner); } services SEC(".maps");
struct { __uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS); __uint(max_entries, 4); __type(key, __u32); __array(values, struct inner); } defaults SEC(".maps") = {
	.values = {[0] = &first},
};
struct { __uint(type, BPF_MAP_TYPE_SOCKHASH); __uint(max_entries, 64); __type(key, __u32); __type(value, __u64); } sockets SEC(".maps");
struct { __uint(type, BPF_MAP_TYPE_XSKMAP); __uint(max_entries, 64); __type(key, __u32); __type(value, __u32); } queues SEC(".maps");
struct { __uint(type, BPF_MAP_TYPE_DEVMAP); __uint(max_entries, 64); __type(key, __u32); __type(value, __u32); } ports SEC(".maps");

SEC("tc") int pick(struct __sk_buff *skb)
{
	__u32 service = skb->mark, slot = skb->hash & 15, zero = 0;
	void *backends = bpf_map_lookup_elem(&services, &service);
	if (!backends) backends = bpf_map_lookup_elem(&defaults, &zero);
	if (!backends) return 2;
	struct backend *backend = bpf_map_lookup_elem(backends, &slot);
	if (!backend) return 2;
	skb->mark = backend->address;
	backend->weight++;
	return 0;
}

SEC("tc") int owner(struct __sk_buff *skb)
{
	__u32 key = skb->mark;
	struct bpf_sock *socket = bpf_map_lookup_elem(&sockets, &key);
	if (!socket) return 0;
	__u32 port = socket->src_port;
	bpf_sk_release(socket);
	return port == 80 ? 0 : 2;
}

SEC("xdp") int steer(struct xdp_md *ctx)
{
	__u32 queue = ctx->rx_queue_index, port = 1;
	if (bpf_map_lookup_elem(&queues, &queue)) return bpf_redirect_map(&queues, queue, 0);
	__u32 *device = bpf_map_lookup_elem(&ports, &port);
	return device && *device != ctx->ingress_ifindex ? bpf_redirect_map(&ports, port, 0) : XDP_PASS;
}

char LICENSE[] SEC("license") = "GPL";
