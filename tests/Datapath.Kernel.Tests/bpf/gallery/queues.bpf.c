// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Deals the places of a queue to dials, and lets the last ones be seen on a stack. */
#include "gallery.h"

struct {
	__uint(type, QUEUE);
	__uint(max_entries, 16);
	__uint(key_size, 0);
	__uint(value_size, 4);
} places SEC(".maps");

struct {
	__uint(type, STACK);
	__uint(max_entries, 8);
	__uint(key_size, 0);
	__uint(value_size, 4);
} dealt SEC(".maps");

SEC("cgroup/connect4")
int deal(void *ctx)
{
	__u32 place;

	(void)ctx;
	if (bpf_map_pop_elem(&places, &place))
		return 0;
	bpf_map_push_elem(&dealt, &place, 2 /* the oldest goes if it is full */);
	bpf_map_push_elem(&places, &place, 0);
	return 1;
}

LICENSE;
