// Follows TCP connections by the kernel's tracepoint of their states; events go to a ring buffer.
#include <linux/bpf.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>

struct in6_addr { union { __u8 u6_addr8[16]; __be32 u6_addr32[4]; } in6_u; } __attribute__((preserve_access_index));
struct sock_common {
	union { struct { __be32 skc_daddr; __be32 skc_rcv_saddr; }; };
	union { struct { __be16 skc_dport; __u16 skc_num; }; };
	unsigned short skc_family;
	struct in6_addr skc_v6_daddr;
} __attribute__((preserve_access_index));
struct sock { struct sock_common __sk_common; } __attribute__((preserve_access_index));

struct event { __u64 at_ns, lasted_ns; __u32 pid, from_state, to_state; __be32 source, target; __u16 source_port, target_port, family, unused; char comm[16]; };

struct { __uint(type, BPF_MAP_TYPE_RINGBUF); __uint(max_entries, 1 << 18); } events SEC(".maps");
struct { __uint(type, BPF_MAP_TYPE_LRU_HASH); __uint(max_entries, 8192); __type(key, __u64); __type(value, __u64); } since SEC(".maps");
struct { __uint(type, BPF_MAP_TYPE_ARRAY); __uint(max_entries, 1); __type(key, __u32); __type(value, __u64); } lost SEC(".maps");

SEC("raw_tp/inet_sock_set_state") int state_changes(struct bpf_raw_tracepoint_args *ctx)
{
	struct sock *sk = (struct sock *)ctx->args[0];
	__u32 from = ctx->args[1], to = ctx->args[2], zero = 0;
	__u64 key = (__u64)sk, now = bpf_ktime_get_ns(), *before = bpf_map_lookup_elem(&since, &key);
	__u64 lasted = before ? now - *before : 0;
	struct event *event = bpf_ringbuf_reserve(&events, sizeof(*event), 0);
	if (!event) {
		__u64 *n = bpf_map_lookup_elem(&lost, &zero);
		if (n) __sync_fetch_and_add(n, 1);
		return 0;
	}
	event->at_ns = now;
	event->lasted_ns = lasted;
	event->pid = bpf_get_current_pid_tgid() >> 32;
	event->from_state = from;
	event->to_state = to;
	event->source = BPF_CORE_READ(sk, __sk_common.skc_rcv_saddr);
	event->target = BPF_CORE_READ(sk, __sk_common.skc_daddr);
	event->source_port = BPF_CORE_READ(sk, __sk_common.skc_num);
	event->target_port = BPF_CORE_READ(sk, __sk_common.skc_dport);
	event->family = BPF_CORE_READ(sk, __sk_common.skc_family);
	event->unused = 0;
	bpf_get_current_comm(event->comm, sizeof(event->comm));
	bpf_ringbuf_submit(event, 0);
	if (to == 7) bpf_map_delete_elem(&since, &key);
	else bpf_map_update_elem(&since, &key, &now, BPF_ANY);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
