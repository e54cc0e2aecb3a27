// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* A mistake a program, each of which the verifier refuses. The line that is at fault ends with WRONG, for the test to find it, where
 * the verifier can know it. */
#include "kernel.h"

struct task_struct;

struct sk_buff_view { /* the start of struct __sk_buff */
	__u32 len;
	__u32 pkt_type;
	__u32 mark;
	__u32 unused[16];
	__u32 data;
	__u32 data_end;
};

struct xdp_view { /* the start of struct xdp_md */
	__u32 data;
	__u32 data_end;
};

struct tuple4 {
	__u32 saddr, daddr;
	__u16 sport, dport;
};

static void *(*const bpf_sk_lookup_tcp)(void *ctx, void *tuple, __u32 size, __u64 netns, __u64 flags) = (void *)84;
static void *(*const bpf_ringbuf_reserve)(void *ring, __u64 size, __u64 flags) = (void *)131;
static long (*const bpf_spin_lock)(void *lock) = (void *)93;
static long (*const bpf_bind)(void *ctx, void *addr, int length) = (void *)64;
static long (*const no_such_helper)(void) = (void *)9999;
static __u32 (*const bpf_get_prandom_u32)(void) = (void *)7;

struct {
	__uint(type, 1); /* BPF_MAP_TYPE_HASH */
	__type(key, __u32);
	__type(value, __u64);
	__uint(max_entries, 1);
} values SEC(".maps");

struct {
	__uint(type, 27); /* BPF_MAP_TYPE_RINGBUF */
	__uint(max_entries, 4096);
} ring SEC(".maps");

extern int bpf_task_release(struct task_struct *p) SEC(".ksyms");

SEC("?tc")
int unchecked_pointer(void *ctx)
{
	__u32 key = 0;
	__u64 *value = bpf_map_lookup_elem(&values, &key);

	(void)ctx;
	return *value; /* WRONG */
}

SEC("?tc")
int beyond_value(void *ctx)
{
	__u32 key = 0;
	__u64 *value = bpf_map_lookup_elem(&values, &key);

	(void)ctx;
	return value ? value[1] : 0; /* WRONG */
}

SEC("?xdp")
int beyond_packet(struct xdp_view *ctx)
{
	__u8 *data = (__u8 *)(long)ctx->data;

	return data[13]; /* WRONG */
}

SEC("?tc")
int beyond_context(struct sk_buff_view *ctx)
{
	return ((__u32 *)ctx)[1000]; /* WRONG */
}

SEC("?tc")
int unreleased_socket(struct sk_buff_view *ctx)
{
	struct tuple4 tuple = {};

	return bpf_sk_lookup_tcp(ctx, &tuple, sizeof(tuple), -1, 0) != NULL; /* WRONG */
}

SEC("?tc")
int unsubmitted_record(void *ctx)
{
	__u64 *record = bpf_ringbuf_reserve(&ring, sizeof(__u64), 0); /* WRONG */

	(void)ctx;
	if (record)
		*record = 1;
	return 0;
}

SEC("?xdp")
int helper_of_others(void *ctx)
{
	__u64 address = 0;

	return bpf_bind(ctx, &address, sizeof(address)); /* WRONG */
}

SEC("?tc")
int unknown_helper(void *ctx)
{
	(void)ctx;
	return no_such_helper(); /* WRONG */
}

SEC("?tc")
int wrong_argument(void *ctx)
{
	return bpf_map_lookup_elem(ctx, ctx) != NULL; /* WRONG */
}

SEC("?tc")
int endless(void *ctx)
{
	__u32 sum = 0;

	(void)ctx;
	while (bpf_get_prandom_u32() != 1)
		sum++;
	return sum;
}

SEC("?tc")
int too_many(void *ctx)
{
	__u32 sum = 0;

	(void)ctx;
	for (__u32 i = 0; i < 10000000; i++) {
		__asm__ volatile("" : "+r"(sum));
		sum += i; /* WRONG */
	}
	return sum;
}

SEC("?tc")
int unset_register(void *ctx)
{
	__u64 value;

	(void)ctx;
	__asm__ volatile("%0 = r9" : "=r"(value)); /* WRONG */
	return value;
}

SEC("?tc")
int misaligned(void *ctx)
{
	__u32 key = 0;
	char *value = bpf_map_lookup_elem(&values, &key);

	(void)ctx;
	if (value)
		__sync_fetch_and_add((__u32 *)(value + 1), 1); /* WRONG */
	return 0;
}

SEC("?tc")
int pointer_arithmetic(struct sk_buff_view *ctx)
{
	return *(__u32 *)((char *)ctx + (bpf_get_prandom_u32() & 4)); /* WRONG */
}

SEC("?tc")
int write_to_context(struct sk_buff_view *ctx)
{
	ctx->len = 1; /* WRONG */
	return 0;
}

SEC("?tc")
int kernel_function_of_others(void *ctx)
{
	return bpf_task_release(ctx); /* WRONG */
}

SEC("?tc")
int lock_outside_of_map(void *ctx)
{
	__u32 lock = 0;

	(void)ctx;
	return bpf_spin_lock(&lock); /* WRONG */
}

static __noinline int deep3(__u32 *seed)
{
	volatile __u64 buffer[40] = {};

	return buffer[*seed & 31];
}

static __noinline int deep2(__u32 *seed)
{
	volatile __u64 buffer[20] = {};

	*seed += buffer[1];
	return deep3(seed) + 1;
}

SEC("?tc")
int deep_stack(struct sk_buff_view *ctx)
{
	volatile __u64 buffer[20] = {};
	__u32 seed = ctx->len + buffer[2];

	return deep2(&seed) + 1;
}

SEC("?cgroup/connect4")
int bad_verdict(void *ctx)
{
	(void)ctx;
	return 7; /* WRONG */
}

char _license[] SEC("license") = "GPL";
