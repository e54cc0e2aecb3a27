// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Drops IPv4 packets that have few hops left. */
#include "gallery.h"

struct bpf_dynptr {
	__u64 opaque[2];
} __attribute__((aligned(8)));

struct sk_buff;

struct bpf_nf_ctx {
	const void *state;
	struct sk_buff *skb;
};

extern int bpf_dynptr_from_skb(struct sk_buff *skb, __u64 flags, struct bpf_dynptr *dynptr) SEC(".ksyms");
extern void *bpf_dynptr_slice(const struct bpf_dynptr *dynptr, __u32 offset, void *buffer, __u32 size) SEC(".ksyms");

const volatile __u8 least = 2;
__u64 dropped;

SEC("netfilter")
int hops(struct bpf_nf_ctx *ctx)
{
	struct bpf_dynptr packet;
	struct ipv4 buffer, *ip;

	if (bpf_dynptr_from_skb(ctx->skb, 0, &packet))
		return 1;
	ip = bpf_dynptr_slice(&packet, 0, &buffer, sizeof(buffer));
	if (!ip || ip->version != 4 || ip->hops >= least)
		return 1;
	__sync_fetch_and_add(&dropped, 1);
	return 0;
}

LICENSE;
