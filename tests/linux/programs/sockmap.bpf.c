// Splices TCP streams: messages begin with their length, and go to the socket that belongs to their port.
#include <linux/bpf.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

struct peer { __u32 local_ip, remote_ip, local_port, remote_port; };

struct { __uint(type, BPF_MAP_TYPE_SOCKMAP); __uint(max_entries, 64); __type(key, __u32); __type(value, __u32); } upstreams SEC(".maps");
struct { __uint(type, BPF_MAP_TYPE_SOCKHASH); __uint(max_entries, 4096); __type(key, struct peer); __type(value, __u32); } sockets SEC(".maps");
struct { __uint(type, BPF_MAP_TYPE_HASH); __uint(max_entries, 64); __type(key, __u32); __type(value, __u32); } routes SEC(".maps");

SEC("sk_skb/stream_parser") int message_length(struct __sk_buff *skb)
{
	void *data = (void *)(long)skb->data, *end = (void *)(long)skb->data_end;
	__be32 *length = data;
	if ((void *)(length + 1) > end) return 0;
	__u32 whole = bpf_ntohl(*length) + sizeof(*length);
	return whole > 1 << 20 ? -1 : whole;
}

SEC("sk_skb/stream_verdict") int route(struct __sk_buff *skb)
{
	__u32 port = skb->local_port, *index = bpf_map_lookup_elem(&routes, &port);
	if (!index) return SK_DROP;
	return bpf_sk_redirect_map(skb, &upstreams, *index, 0);
}

SEC("sk_msg") int splice(struct sk_msg_md *msg)
{
	if (msg->family != 2) return SK_PASS;
	struct peer other = {.local_ip = msg->remote_ip4, .remote_ip = msg->local_ip4, .local_port = bpf_ntohl(msg->remote_port), .remote_port = msg->local_port};
	if (bpf_msg_pull_data(msg, 0, 4, 0)) return SK_DROP;
	__u8 *data = msg->data, *end = msg->data_end;
	if (data + 4 > end || data[0] == 0xff) return SK_DROP;
	return bpf_msg_redirect_hash(msg, &sockets, &other, BPF_F_INGRESS);
}

char LICENSE[] SEC("license") = "GPL";
