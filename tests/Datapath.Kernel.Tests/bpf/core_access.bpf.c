// SPDX-License-Identifier: GPL-2.0-only
/* Reads and writes fields of the kernel's that are elsewhere and of other sizes than the declarations here say. */
#include "kernel.h"

#define CORE __attribute__((preserve_access_index))

struct task_struct {
	char comm[8]; /* 16 in the kernel: what counts is the size of an element */
	unsigned int start_boottime; /* 64 bits in the kernel: the load grows */
	unsigned long long flags; /* 32 bits in the kernel: the load shrinks */
	struct task_struct *group_leader;
	int static_prio;
	int tgid;
	int pid;
} CORE;

struct seq_file;

struct bpf_iter_meta {
	int before;
	struct seq_file *seq;
} CORE;

struct bpf_iter__task {
	struct task_struct *task;
	struct bpf_iter_meta *meta;
} CORE;

struct bpf_sock_addr {
	unsigned long long user_ip4; /* 32 bits in the kernel: the store shrinks */
	unsigned short user_port; /* 32 bits in the kernel, which takes no narrower store: it must grow */
	unsigned char user_family; /* 32 bits in the kernel: the load grows */
} CORE;

static __u64 (*const bpf_get_current_pid_tgid)(void) = (void *)14;
static long (*const bpf_seq_write)(struct seq_file *seq, const void *data, __u32 length) = (void *)127;

struct seen {
	__u64 start;
	__u64 flags;
	__u32 pid;
	__u32 leader;
	__u32 expected;
	__s32 static_prio;
	char comm[8];
};

/* The process that reads the iterator. */
SEC("iter/task")
int see(struct bpf_iter__task *ctx)
{
	struct task_struct *task = ctx->task;
	struct seen seen = {};

	seen.expected = bpf_get_current_pid_tgid() >> 32;
	if (!task || (__u32)task->pid != seen.expected)
		return 0;
	seen.start = task->start_boottime;
	seen.flags = task->flags;
	seen.pid = task->pid;
	seen.leader = task->group_leader->tgid;
	seen.static_prio = task->static_prio;
#pragma unroll
	for (int i = 0; i < 8; i++)
		seen.comm[i] = task->comm[i];
	bpf_seq_write(ctx->meta->seq, &seen, sizeof(seen));
	return 0;
}

/* Whoever dials comes to 127.0.0.2:12345. */
SEC("cgroup/connect4")
int redirect(struct bpf_sock_addr *ctx)
{
	if (ctx->user_family != 2)
		return 1;
	ctx->user_ip4 = 0x0200007f;
	ctx->user_port = 0x3930;
	return 1;
}

char _license[] SEC("license") = "GPL";
