/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Changing packets, with their checksums: partial, complete, or zero, as the kernel's helpers know them. */
#ifndef DP_REWRITE_H
#define DP_REWRITE_H

#include "../config.h"
#include "packet.h"
#include "sums.h"

DP_CONFIG(__u8, dp_knows_ipv6_sums, "whether bpf_l4_csum_replace() takes BPF_F_IPV6, since Linux 6.16") = 0;

/* Which end of a packet is changed. */
enum dp_end {
	DP_END_SOURCE,
	DP_END_DESTINATION,
};

/* Where the checksum of a transport header is, from its start; 0: it has none that covers what is changed. */
static __always_inline __u32 dp_check_offset(__u8 protocol)
{
	switch (protocol) {
	case IPPROTO_TCP:
		return TCP_CHECK;
	case IPPROTO_UDP:
		return UDP_CHECK;
	case IPPROTO_ICMP:
	case IPPROTO_ICMPV6:
		return ICMP_CHECK;
	default:
		return 0;
	}
}

/* A zero in UDP's checksum says that there is none, and stays; one that comes out as zero is written as ones. */
static __always_inline __u64 dp_check_flags(__u8 protocol)
{
	return protocol == IPPROTO_UDP ? BPF_F_MARK_MANGLED_0 : 0;
}

/* Changes a port or an identifier. */
static __always_inline int dp_rewrite_port(struct __sk_buff *skb, const struct dp_packet_facts *facts, enum dp_end end, __be16 old, __be16 new)
{
	int is_icmp = facts->protocol == IPPROTO_ICMP || facts->protocol == IPPROTO_ICMPV6;
	__u32 offset = facts->transport + (is_icmp ? ICMP_IDENTIFIER : end == DP_END_SOURCE ? 0 : 2);

	if (old == new)
		return 0;
	if (bpf_l4_csum_replace(skb, facts->transport + dp_check_offset(facts->protocol), old, new, dp_check_flags(facts->protocol) | sizeof(old)))
		return -1;
	return bpf_skb_store_bytes(skb, offset, &new, sizeof(new), 0);
}

#endif
