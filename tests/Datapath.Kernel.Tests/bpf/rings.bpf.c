// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Programs that user space runs to write records of any size into two ring buffers, and to hold a record back. */
#include "kernel.h"

static long (*const bpf_ringbuf_output)(void *ring, void *data, __u64 size, __u64 flags) = (void *)130;
static void *(*const bpf_ringbuf_reserve)(void *ring, __u64 size, __u64 flags) = (void *)131;
static void (*const bpf_ringbuf_submit)(void *data, __u64 flags) = (void *)132;
static long (*const bpf_loop)(__u64 count, void *callback, void *context, __u64 flags) = (void *)181;

#define ROOM 8192

/* What user space asks, and what it is told. */
struct job {
	__u64 next; /* number of the next record: its first 8 bytes */
	__u64 lost;
	__u64 size; /* bytes of each record */
	__u64 count;
};

/* Shared with user space while a program runs. */
struct hold {
	__u32 is_held;
	__u32 is_released;
};

struct buffer {
	__u64 number;
	char rest[ROOM - 8];
};

struct {
	__uint(type, 27); /* BPF_MAP_TYPE_RINGBUF */
	__uint(max_entries, 4096);
} small SEC(".maps");

struct {
	__uint(type, 27);
	__uint(max_entries, 1 << 17);
} large SEC(".maps");

struct {
	__uint(type, 2); /* BPF_MAP_TYPE_ARRAY */
	__type(key, __u32);
	__type(value, struct buffer);
	__uint(max_entries, 1);
} buffers SEC(".maps");

struct {
	__uint(type, 2);
	__uint(map_flags, 1024); /* BPF_F_MMAPABLE */
	__type(key, __u32);
	__type(value, struct hold);
	__uint(max_entries, 1);
} holds SEC(".maps");

#define WRITE(ring)                                                                         \
	static long ring##_one(__attribute__((unused)) __u32 index, void *context)          \
	{                                                                                   \
		struct job *job = context;                                                  \
		__u64 size = job->size;                                                     \
		__u32 zero = 0;                                                             \
		struct buffer *buffer = bpf_map_lookup_elem(&buffers, &zero);               \
                                                                                            \
		if (!buffer || size > ROOM)                                                 \
			return 1;                                                           \
		buffer->number = job->next;                                                 \
		if (bpf_ringbuf_output(&ring, buffer, size, 0))                             \
			job->lost++;                                                        \
		else                                                                        \
			job->next++;                                                        \
		return 0;                                                                   \
	}                                                                                   \
                                                                                            \
	SEC("syscall")                                                                      \
	int write_##ring(struct job *ctx)                                                   \
	{                                                                                   \
		struct job job = *ctx;                                                      \
                                                                                            \
		bpf_loop(job.count, ring##_one, &job, 0);                                   \
		ctx->next = job.next;                                                       \
		ctx->lost = job.lost;                                                       \
		return 0;                                                                   \
	}

WRITE(small)
WRITE(large)

static long until_released(__attribute__((unused)) __u32 index, void *context)
{
	struct hold **hold = context;

	return *(volatile __u32 *)&(*hold)->is_released ? 1 : 0;
}

static long for_long(__attribute__((unused)) __u32 index, void *context)
{
	struct hold **hold = context;

	bpf_loop(1 << 20, until_released, context, 0);
	return *(volatile __u32 *)&(*hold)->is_released ? 1 : 0;
}

/* Reserves a record and commits it when user space says so; should user space be gone, after some seconds. */
SEC("syscall")
int hold_small(struct job *ctx)
{
	__u32 zero = 0;
	struct hold *hold = bpf_map_lookup_elem(&holds, &zero);
	__u64 *record;

	if (!hold)
		return 1;
	record = bpf_ringbuf_reserve(&small, 64, 0);
	if (!record)
		return 2;
	*record = ctx->next;
	*(volatile __u32 *)&hold->is_held = 1;
	bpf_loop(1 << 12, for_long, &hold, 0);
	bpf_ringbuf_submit(record, 0);
	return 0;
}

char _license[] SEC("license") = "Dual BSD/GPL";
