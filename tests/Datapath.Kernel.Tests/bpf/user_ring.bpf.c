// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Takes records that user space has written. Each starts with its own length and ends with its number, 8 bytes each. */
#include "kernel.h"

struct record; /* a view of one, the kernel's own */

static long (*const bpf_dynptr_read)(void *to, __u64 length, const struct record *record, __u64 offset, __u64 flags) = (void *)201;
static long (*const bpf_user_ringbuf_drain)(void *ring, void *callback, void *context, __u64 flags) = (void *)209;

/* What user space asks, and what it is told. */
struct job {
	__u64 most; /* stop after so many records */
	__u64 count;
	__u64 bytes;
	__u64 last; /* number of the last record */
	__u64 disorder; /* records whose number is not one more than that before */
	__s64 result; /* of the call */
};

struct {
	__uint(type, 31); /* BPF_MAP_TYPE_USER_RINGBUF */
	__uint(max_entries, 4096);
} commands SEC(".maps");

static long take(const struct record *record, void *context)
{
	struct job *job = context;
	__u64 length = 0, number = 0;

	if (bpf_dynptr_read(&length, sizeof(length), record, 0, 0) || bpf_dynptr_read(&number, sizeof(number), record, length - 8, 0))
		return 1;
	if (number != job->last + 1)
		job->disorder++;
	job->last = number;
	job->bytes += length;
	job->count++;
	return job->count >= job->most ? 1 : 0;
}

SEC("syscall")
int take_all(struct job *ctx)
{
	struct job job = *ctx;

	job.result = bpf_user_ringbuf_drain(&commands, take, &job, 0);
	*ctx = job;
	return 0;
}

char _license[] SEC("license") = "Dual BSD/GPL";
