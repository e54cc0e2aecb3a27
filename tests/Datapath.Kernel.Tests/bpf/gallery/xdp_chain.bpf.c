// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* One program for each header, chained by tail calls. */
#include "gallery.h"

struct {
	__uint(type, PROG_ARRAY);
	__uint(max_entries, 2);
	__uint(key_size, 4);
	__uint(value_size, 4);
} chain SEC(".maps");

__u32 reached;

SEC("xdp")
int start(struct xdp_md *ctx)
{
	void *end = (void *)(long)ctx->data_end;
	struct ethernet *ethernet = (void *)(long)ctx->data;

	if ((void *)(ethernet + 1) > end)
		return XDP_ABORTED;
	reached = 1;
	bpf_tail_call(ctx, &chain, ethernet->type == be16(ETH_IPV6));
	return XDP_PASS; /* nobody there for this kind */
}

SEC("xdp")
int ipv4(struct xdp_md *ctx)
{
	(void)ctx;
	reached = 4;
	return XDP_DROP;
}

SEC("xdp")
int ipv6(struct xdp_md *ctx)
{
	(void)ctx;
	reached = 6;
	return XDP_TX;
}

LICENSE;
