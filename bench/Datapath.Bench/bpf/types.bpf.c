// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Reads some fields of the kernel's where it has them: what a program of a usual size asks of the kernel's types. */
#include "../../../src/Datapath.BpfObjects/bpf/dp/kernel.h"

#define CORE __attribute__((preserve_access_index))

struct mm_struct {
	unsigned long long total_vm;
	unsigned long long start_brk;
} CORE;

struct cred {
	unsigned int cap_bset_was_here;
} CORE;

struct signal_struct {
	int nr_threads;
} CORE;

struct task_struct {
	int pid;
	int tgid;
	unsigned int flags;
	int static_prio;
	unsigned long long start_boottime;
	struct task_struct *group_leader;
	struct mm_struct *mm;
	struct signal_struct *signal;
	const struct cred *cred;
} CORE;

struct bpf_iter__task {
	struct task_struct *task;
} CORE;

#define EXISTS(type, field) __builtin_preserve_field_info(((struct type *)0)->field, 2)

__u64 sum;

SEC("iter/task")
int types_read(struct bpf_iter__task *ctx)
{
	struct task_struct *task = ctx->task;
	struct mm_struct *mm;

	if (!task)
		return 0;
	sum += task->pid + task->tgid + task->flags + task->static_prio + task->start_boottime;
	sum += task->group_leader->pid;
	sum += task->signal->nr_threads;
	mm = task->mm;
	if (mm)
		sum += mm->total_vm + mm->start_brk;
	if (EXISTS(cred, cap_bset_was_here))
		sum += task->cred->cap_bset_was_here;
	return 0;
}

char _license[] SEC("license") = "Dual BSD/GPL";
