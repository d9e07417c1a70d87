// Connections that are idle are forgotten by a timer in their entry; what a work item does may take longer.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#define CLOCK_MONOTONIC 1
#define IDLE_NS 30000000000ull

struct bpf_wq { __u64 opaque[2]; } __attribute__((aligned(8)));
extern int bpf_wq_init(struct bpf_wq *wq, void *map, unsigned int flags) __ksym;
extern int bpf_wq_set_callback_impl(struct bpf_wq *wq, int (*callback)(void *map, int *key, void *value), unsigned int flags, void *aux) __ksym;
extern int bpf_wq_start(struct bpf_wq *wq, unsigned int flags) __ksym;

struct flow { __u64 last_seen, packets; struct bpf_timer timer; };
struct job { struct bpf_wq work; __u64 runs; };

struct { __uint(type, BPF_MAP_TYPE_HASH); __uint(max_entries, 1024); __type(key, __u32); __type(value, struct flow); } flows SEC(".maps");
struct { __uint(type, BPF_MAP_TYPE_ARRAY); __uint(max_entries, 1); __type(key, __u32); __type(value, struct job); } jobs SEC(".maps");

static int forget(void *map, __u32 *key, struct flow *flow)
{
	__u64 now = bpf_ktime_get_ns();
	if (now - flow->last_seen > IDLE_NS)
		bpf_map_delete_elem(map, key);
	else
		bpf_timer_start(&flow->timer, IDLE_NS, 0);
	return 0;
}

SEC("tc") int track(struct __sk_buff *skb)
{
	__u32 key = skb->hash;
	struct flow *flow = bpf_map_lookup_elem(&flows, &key);
	if (flow) {
		flow->last_seen = bpf_ktime_get_ns();
		flow->packets++;
		return 0;
	}
	struct flow fresh = {.last_seen = bpf_ktime_get_ns(), .packets = 1};
	bpf_map_update_elem(&flows, &key, &fresh, BPF_NOEXIST);
	flow = bpf_map_lookup_elem(&flows, &key);
	if (!flow) return 0;
	if (bpf_timer_init(&flow->timer, &flows, CLOCK_MONOTONIC)) return 0;
	bpf_timer_set_callback(&flow->timer, forget);
	bpf_timer_start(&flow->timer, IDLE_NS, 0);
	return 0;
}

static int work(void *map, int *key, void *value)
{
	struct job *job = value;
	job->runs++;
	return 0;
}

SEC("tc") int queue(struct __sk_buff *skb)
{
	__u32 zero = 0;
	struct job *job = bpf_map_lookup_elem(&jobs, &zero);
	if (!job) return 0;
	if (bpf_wq_init(&job->work, &jobs, 0)) return 0;
	if (bpf_wq_set_callback_impl(&job->work, work, 0, 0)) return 0;
	bpf_wq_start(&job->work, 0);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
