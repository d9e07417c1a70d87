// Looks at tasks and control groups by their numbers, and keeps a set of processors.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct task_struct { int pid; } __attribute__((preserve_access_index));
struct cgroup { int level; } __attribute__((preserve_access_index));
struct cpumask { unsigned long bits[1]; } __attribute__((preserve_access_index));
struct bpf_cpumask { struct cpumask cpumask; } __attribute__((preserve_access_index));
extern struct task_struct *bpf_task_from_pid(int pid) __ksym;
extern void bpf_task_release(struct task_struct *p) __ksym;
extern struct cgroup *bpf_cgroup_from_id(__u64 cgid) __ksym;
extern void bpf_cgroup_release(struct cgroup *cgrp) __ksym;
extern long bpf_task_under_cgroup(struct task_struct *task, struct cgroup *ancestor) __ksym;
extern struct bpf_cpumask *bpf_cpumask_create(void) __ksym;
extern void bpf_cpumask_set_cpu(__u32 cpu, struct bpf_cpumask *cpumask) __ksym;
extern __u32 bpf_cpumask_weight(const struct cpumask *cpumask) __ksym;
extern void bpf_cpumask_release(struct bpf_cpumask *cpumask) __ksym;

struct question { int pid; __u32 unused; __u64 group; __u64 processors; __u32 members, weight; };

SEC("syscall") int ask(struct question *question)
{
	__u64 processors = question->processors;
	struct bpf_cpumask *mask = bpf_cpumask_create();
	if (!mask) return -12;
	for (__u32 cpu = 0; cpu < 64; ++cpu) {
		if (processors >> cpu & 1) bpf_cpumask_set_cpu(cpu, mask);
	}
	question->weight = bpf_cpumask_weight((const struct cpumask *)mask);
	bpf_cpumask_release(mask);
	struct task_struct *task = bpf_task_from_pid(question->pid);
	if (!task) return -3;
	struct cgroup *group = bpf_cgroup_from_id(question->group);
	if (group) {
		question->members = bpf_task_under_cgroup(task, group);
		bpf_cgroup_release(group);
	}
	bpf_task_release(task);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
