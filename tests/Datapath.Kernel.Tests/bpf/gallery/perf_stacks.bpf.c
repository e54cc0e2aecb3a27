// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Counts the kernel's call stacks that a sampling clock finds. */
#include "gallery.h"

struct {
	__uint(type, STACK_TRACE);
	__uint(max_entries, 1024);
	__uint(key_size, 4);
	__uint(value_size, 127 * 8);
} stacks SEC(".maps");

struct {
	__uint(type, HASH);
	__uint(max_entries, 1024);
	__type(key, __u32);
	__type(value, __u64);
} counts SEC(".maps");

SEC("perf_event")
int sample(void *ctx)
{
	__s64 stack = bpf_get_stackid(ctx, &stacks, 0);
	__u32 key = stack;
	__u64 one = 1, *count;

	if (stack < 0)
		return 0;
	count = bpf_map_lookup_elem(&counts, &key);
	if (count)
		__sync_fetch_and_add(count, 1);
	else
		bpf_map_update_elem(&counts, &key, &one, 1);
	return 0;
}

LICENSE;
