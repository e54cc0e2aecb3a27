// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Turns one UDP or TCP port into another and mends the checksum. */
#include "gallery.h"

const volatile __u16 from_port = 8080;
const volatile __u16 to_port = 80;

enum { L3 = sizeof(struct ethernet), L4 = L3 + sizeof(struct ipv4) };

SEC("tc")
int rewrite(struct __sk_buff *skb)
{
	__be16 was = be16(from_port), is = be16(to_port);
	struct ports ports;
	__u32 checksum;
	__u64 flags = 2; /* the field has two bytes */
	__u8 protocol;

	if (skb->protocol != be16(ETH_IPV4) || bpf_skb_load_bytes(skb, L3 + 9, &protocol, 1) || bpf_skb_load_bytes(skb, L4, &ports, sizeof(ports)))
		return 0;
	if (ports.to != was)
		return 0;
	switch (protocol) {
	case IP_TCP:
		checksum = L4 + 16;
		break;
	case IP_UDP:
		checksum = L4 + 6;
		flags |= 0x20; /* a UDP checksum of 0 stays 0 */
		break;
	default:
		return 0;
	}
	bpf_l4_csum_replace(skb, checksum, was, is, flags);
	bpf_skb_store_bytes(skb, L4 + 2, &is, sizeof(is), 0);
	return 0;
}

LICENSE;
