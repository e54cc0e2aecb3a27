// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Lets every dial go on and counts it. */
#include "kernel.h"

struct {
	__uint(type, 2); /* BPF_MAP_TYPE_ARRAY */
	__type(key, __u32);
	__type(value, __u64);
	__uint(max_entries, 1);
} dials SEC(".maps");

SEC("cgroup/connect4")
int proceed(void *ctx)
{
	__u32 index = 0;
	__u64 *count = bpf_map_lookup_elem(&dials, &index);

	(void)ctx;
	if (count)
		__sync_fetch_and_add(count, 1);
	return 1;
}

char _license[] SEC("license") = "Dual BSD/GPL";
