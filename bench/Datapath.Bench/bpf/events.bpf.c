// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Writes as many events into a ring buffer as user space asks for, when user space runs it. */
#include "../../../src/Datapath.BpfObjects/bpf/dp/kernel.h"


struct event {
	__u64 words[8];
};

/* What user space asks, and what it is told. */
struct order {
	__u64 next; /* number of the next event */
	__u64 end; /* where to stop */
	__u64 lost;
	__u64 count; /* of tries; 64 bits, because the kernel compares all of the register with its limit where it puts the loop in line */
	__u64 flags; /* of the submission */
};

struct {
	__uint(type, 27); /* BPF_MAP_TYPE_RINGBUF */
	__uint(max_entries, 1 << 22);
} events SEC(".maps");

static long write_event(__attribute__((unused)) __u32 index, void *context)
{
	struct order *order = context;
	struct event *event;

	if (order->next >= order->end)
		return 1;
	event = bpf_ringbuf_reserve(&events, sizeof(*event), 0);
	if (!event) {
		order->lost++;
		return 0;
	}
	for (int i = 0; i < 8; i++)
		event->words[i] = order->next;
	order->next++;
	bpf_ringbuf_submit(event, order->flags);
	return 0;
}

SEC("syscall")
int events_write(struct order *ctx)
{
	struct order order = *ctx;

	bpf_loop(order.count, write_event, &order, 0);
	ctx->next = order.next;
	ctx->lost = order.lost;
	return 0;
}

char _license[] SEC("license") = "Dual BSD/GPL";
