// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* At every dial, writes as many 64-byte events into a ring buffer as user space has asked for. */
#include "kernel.h"

static void *(*const bpf_ringbuf_reserve)(void *ring, __u64 size, __u64 flags) = (void *)131;
static void (*const bpf_ringbuf_submit)(void *data, __u64 flags) = (void *)132;
static void (*const bpf_ringbuf_discard)(void *data, __u64 flags) = (void *)133;

struct event {
	__u64 number;
	__u64 rest[7];
};

struct order {
	__u64 next;	/* number of the next event */
	__u32 count;	/* events at each dial, at most 256 */
	__u32 keep_one_of;	/* of so many, the first is submitted and the others discarded; 0 submits all */
};

struct {
	__uint(type, 27); /* BPF_MAP_TYPE_RINGBUF */
	__uint(max_entries, 4096);
} ring SEC(".maps");

struct {
	__uint(type, 2); /* BPF_MAP_TYPE_ARRAY */
	__uint(map_flags, 1024); /* BPF_F_MMAPABLE */
	__type(key, __u32);
	__type(value, struct order);
	__uint(max_entries, 1);
} orders SEC(".maps");

struct {
	__uint(type, 6); /* BPF_MAP_TYPE_PERCPU_ARRAY */
	__type(key, __u32);
	__type(value, __u64);
	__uint(max_entries, 1);
} lost SEC(".maps");

SEC("cgroup/connect4")
int produce(void *ctx)
{
	__u32 index = 0;
	struct order *order = bpf_map_lookup_elem(&orders, &index);
	__u64 *count = bpf_map_lookup_elem(&lost, &index);

	(void)ctx;
	if (!order || !count)
		return 1;
	for (__u32 i = 0; i < 256 && i < order->count; i++) {
		struct event *event = bpf_ringbuf_reserve(&ring, sizeof(*event), 0);

		if (!event) {
			*count += 1;
			continue;
		}
		event->number = order->next++;
		for (int j = 0; j < 7; j++)
			event->rest[j] = event->number;
		if (order->keep_one_of > 1 && event->number % order->keep_one_of)
			bpf_ringbuf_discard(event, 0);
		else
			bpf_ringbuf_submit(event, 0);
	}
	return 1;
}

char _license[] SEC("license") = "Dual BSD/GPL";
