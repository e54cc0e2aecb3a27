// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Maps that hold maps and programs from the start, and a map that is shared by name. */
#include "kernel.h"

static void (*const bpf_tail_call)(void *ctx, void *map, __u32 index) = (void *)12;

int second(void *ctx);
int optional(void *ctx);

struct inner {
	__uint(type, 2); /* BPF_MAP_TYPE_ARRAY */
	__type(key, __u32);
	__type(value, __u64);
	__uint(max_entries, 2);
} shown SEC(".maps");

static struct inner hidden SEC(".maps");

struct {
	__uint(type, 12); /* BPF_MAP_TYPE_ARRAY_OF_MAPS */
	__type(key, __u32);
	__uint(max_entries, 4);
	__array(values, struct inner);
} outer SEC(".maps") = {
	.values = { [1] = &shown, [3] = (void *)&hidden },
};

struct {
	__uint(type, 13); /* BPF_MAP_TYPE_HASH_OF_MAPS */
	__type(key, __u32);
	__uint(max_entries, 4);
	__array(values, struct inner);
} by_key SEC(".maps") = {
	.values = { [2] = &shown },
};

struct {
	__uint(type, 3); /* BPF_MAP_TYPE_PROG_ARRAY */
	__uint(key_size, 4);
	__uint(max_entries, 3);
	__array(values, int (void *));
} jumps SEC(".maps") = {
	.values = { [0] = &second, [2] = &optional },
};

struct {
	__uint(type, 1); /* BPF_MAP_TYPE_HASH */
	__type(key, __u32);
	__type(value, __u64);
	__uint(max_entries, 16);
	__uint(map_flags, 1); /* BPF_F_NO_PREALLOC */
	__uint(numa_node, 0);
	__uint(pinning, 1); /* LIBBPF_PIN_BY_NAME */
} shared SEC(".maps");

SEC("tc")
int first(void *ctx)
{
	bpf_tail_call(ctx, &jumps, 0);
	return 1;
}

SEC("tc")
int second(void *ctx)
{
	__u32 key = 3;
	__u64 *value, number = 7;
	void *map = bpf_map_lookup_elem(&outer, &key);

	(void)ctx;
	if (!map)
		return 2;
	bpf_map_update_elem(&shared, &key, &number, 0);
	key = 1;
	value = bpf_map_lookup_elem(map, &key);
	if (!value)
		return 3;
	*value = 100;
	value = bpf_map_lookup_elem(&hidden, &key);
	return value ? *value : 4;
}

SEC("?tc")
int optional(void *ctx)
{
	(void)ctx;
	return 5;
}

char _license[] SEC("license") = "GPL";
