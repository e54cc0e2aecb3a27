// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Walks over objects of the kernel, each of which writes a record for an object. */
#include "kernel.h"

static long (*const bpf_seq_write)(void *seq, const void *data, __u32 length) = (void *)127;

/* The types of the kernel, with the fields that matter; their places are found when a program is loaded. */
#define KERNEL_TYPE __attribute__((preserve_access_index))

struct task_struct {
	__s32 pid;
	__s32 tgid;
} KERNEL_TYPE;

struct kernfs_node {
	__u64 id;
} KERNEL_TYPE;

struct cgroup {
	struct kernfs_node *kn;
} KERNEL_TYPE;

struct sock_common {
	__u16 skc_num;
} KERNEL_TYPE;

struct sock {
	struct sock_common __sk_common;
} KERNEL_TYPE;

struct inet_sock {
	struct sock sk;
} KERNEL_TYPE;

struct udp_sock {
	struct inet_sock inet;
} KERNEL_TYPE;

struct walk {
	void *sequence;
};

struct {
	__uint(type, 24); /* BPF_MAP_TYPE_SK_STORAGE */
	__uint(map_flags, 1); /* BPF_F_NO_PREALLOC */
	__type(key, __u32);
	__type(value, __u64);
} marks SEC(".maps");

struct of_task {
	struct walk *walk;
	struct task_struct *task;
};

SEC("iter/task")
int tasks(struct of_task *ctx)
{
	struct { __s32 thread, process; } record;

	if (!ctx->task)
		return 0;
	record.thread = ctx->task->pid;
	record.process = ctx->task->tgid;
	bpf_seq_write(ctx->walk->sequence, &record, sizeof(record));
	return 0;
}

struct of_file {
	struct walk *walk;
	struct task_struct *task;
	__u32 descriptor;
	void *file;
};

SEC("iter/task_file")
int files(struct of_file *ctx)
{
	__u32 record = ctx->descriptor;

	if (ctx->file)
		bpf_seq_write(ctx->walk->sequence, &record, sizeof(record));
	return 0;
}

struct of_cgroup {
	struct walk *walk;
	struct cgroup *cgroup;
};

SEC("iter/cgroup")
int cgroups(struct of_cgroup *ctx)
{
	__u64 record;

	if (!ctx->cgroup)
		return 0;
	record = ctx->cgroup->kn->id;
	bpf_seq_write(ctx->walk->sequence, &record, sizeof(record));
	return 0;
}

struct of_udp {
	struct walk *walk;
	struct udp_sock *socket;
};

SEC("iter/udp")
int udp_sockets(struct of_udp *ctx)
{
	__u16 record;

	if (!ctx->socket)
		return 0;
	record = ctx->socket->inet.sk.__sk_common.skc_num;
	bpf_seq_write(ctx->walk->sequence, &record, sizeof(record));
	return 0;
}

struct of_storage {
	struct walk *walk;
	void *map;
	struct sock *socket;
	__u64 *value;
};

SEC("iter/bpf_sk_storage_map")
int marked_sockets(struct of_storage *ctx)
{
	struct { __u64 mark; __u64 port; } record;

	if (!ctx->socket || !ctx->value)
		return 0;
	record.mark = *ctx->value;
	record.port = ctx->socket->__sk_common.skc_num;
	bpf_seq_write(ctx->walk->sequence, &record, sizeof(record));
	return 0;
}

char _license[] SEC("license") = "GPL";
