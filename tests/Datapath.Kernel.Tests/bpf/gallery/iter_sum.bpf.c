// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Sums the values of a hash. */
#include "gallery.h"

struct {
	__uint(type, HASH);
	__uint(max_entries, 100);
	__type(key, __u32);
	__type(value, __u64);
} values SEC(".maps");

struct context {
	void *meta, *map;
	__u32 *key;
	__u64 *value;
};

struct {
	__u64 sum, elements;
} result;

SEC("iter/bpf_map_elem")
int add(struct context *ctx)
{
	if (!ctx->key || !ctx->value)
		return 0;
	result.sum += *ctx->value;
	result.elements++;
	return 0;
}

LICENSE;
