// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Keeps only questions for names: datagrams to port 53, nothing else. For packet sockets without link headers (SOCK_DGRAM). */
#include "gallery.h"

SEC("socket")
int names(struct __sk_buff *skb)
{
	struct ports ports;
	__u8 first, protocol;

	if (bpf_skb_load_bytes(skb, 0, &first, 1) || (first & 0xf0) != 0x40 || bpf_skb_load_bytes(skb, 9, &protocol, 1) || protocol != IP_UDP)
		return 0;
	if (bpf_skb_load_bytes(skb, (first & 0xf) * 4, &ports, sizeof(ports)))
		return 0;
	return ports.to == be16(53) ? -1 : 0;
}

LICENSE;
