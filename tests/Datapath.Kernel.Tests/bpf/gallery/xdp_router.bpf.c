// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Forwards IPv4 packets by the kernel's own routing table. */
#include "gallery.h"

struct fib {
	__u8 family, protocol;
	__be16 from_port, to_port;
	__u16 total;
	__u32 ifindex;
	__u8 service, pad[3];
	__be32 from[4], to[4];
	__be16 vlan_protocol, vlan_tag;
	__u8 own_mac[6], next_mac[6];
};

SEC("xdp")
int route(struct xdp_md *ctx)
{
	void *end = (void *)(long)ctx->data_end;
	struct ethernet *ethernet = (void *)(long)ctx->data;
	struct ipv4 *ip = (void *)(ethernet + 1);
	struct fib fib = { .family = 2 };
	__u32 sum;

	if ((void *)(ip + 1) > end || ethernet->type != be16(ETH_IPV4) || ip->hops <= 1)
		return XDP_PASS;
	fib.service = ip->service;
	fib.protocol = ip->protocol;
	fib.total = be16(ip->total);
	fib.from[0] = ip->from;
	fib.to[0] = ip->to;
	fib.ifindex = ctx->ingress_ifindex;
	if (bpf_fib_lookup(ctx, &fib, sizeof(fib), 0))
		return XDP_PASS;
	sum = ip->checksum + be16(0x0100);
	ip->checksum = sum + (sum >= 0xffff);
	ip->hops--;
	__builtin_memcpy(ethernet->to, fib.next_mac, 6);
	__builtin_memcpy(ethernet->from, fib.own_mac, 6);
	return bpf_redirect(fib.ifindex, 0);
}

LICENSE;
