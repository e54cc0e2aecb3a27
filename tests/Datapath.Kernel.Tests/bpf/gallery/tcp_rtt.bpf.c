// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* A histogram of round-trip times by remote port, in powers of two of microseconds. */
#include "gallery.h"

enum { CONNECTED = 4, ACCEPTED = 5, ROUND_TRIP = 12, WANT_ROUND_TRIPS = 1 << 3 };

struct key {
	__u32 port;
	__u32 slot;
};

struct {
	__uint(type, LRU_HASH);
	__uint(max_entries, 4096);
	__type(key, struct key);
	__type(value, __u64);
} histogram SEC(".maps");

static long (*const bpf_sock_ops_cb_flags_set)(void *ctx, int flags) = (void *)59;

static __u32 log2(__u32 value)
{
	__u32 result = 0;

	for (int step = 16; step; step >>= 1)
		if (value >> step) {
			value >>= step;
			result += step;
		}
	return result;
}

SEC("sockops")
int measure(struct bpf_sock_ops *ctx)
{
	switch (ctx->op) {
	case CONNECTED:
	case ACCEPTED:
		bpf_sock_ops_cb_flags_set(ctx, ctx->bpf_sock_ops_cb_flags | WANT_ROUND_TRIPS);
		break;
	case ROUND_TRIP: {
		struct key key = { .port = be32(ctx->remote_port), .slot = log2(ctx->srtt_us >> 3) };
		__u64 one = 1, *seen = bpf_map_lookup_elem(&histogram, &key);

		if (seen)
			__sync_fetch_and_add(seen, 1);
		else
			bpf_map_update_elem(&histogram, &key, &one, 0);
		break;
	}
	}
	return 1;
}

LICENSE;
