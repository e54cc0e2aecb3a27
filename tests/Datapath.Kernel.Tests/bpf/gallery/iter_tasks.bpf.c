// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* A line for each process: pid, parent and name. */
#include "gallery.h"

struct task_struct {
	struct task_struct *real_parent;
	char comm[16];
	int tgid;
	int pid;
} CORE;

struct bpf_iter_meta {
	void *seq;
	__u64 session_id, seq_num;
} CORE;

struct context {
	struct bpf_iter_meta *meta;
	struct task_struct *task;
};

SEC("iter/task")
int processes(struct context *ctx)
{
	static const char head[] = "  pid parent name\n", line[] = "%5d %6d %s\n";
	struct task_struct *task = ctx->task;
	__u64 arguments[3];

	if (!task || task->pid != task->tgid)
		return 0;
	if (ctx->meta->seq_num == 0)
		bpf_seq_printf(ctx->meta->seq, head, sizeof(head), NULL, 0);
	arguments[0] = task->tgid;
	arguments[1] = task->real_parent->tgid;
	arguments[2] = (__u64)task->comm;
	bpf_seq_printf(ctx->meta->seq, line, sizeof(line), arguments, sizeof(arguments));
	return 0;
}

LICENSE;
