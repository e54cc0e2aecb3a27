// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Reads a map's value without asking whether there is one, which the verifier refuses. */
#include "kernel.h"

struct {
	__uint(type, 1); /* BPF_MAP_TYPE_HASH */
	__type(key, __u32);
	__type(value, __u32);
	__uint(max_entries, 1);
} values SEC(".maps");

SEC("tc")
int refused(void *ctx)
{
	__u32 key = 0;
	__u32 *value = bpf_map_lookup_elem(&values, &key);

	(void)ctx;
	return *value;
}

char _license[] SEC("license") = "GPL";
