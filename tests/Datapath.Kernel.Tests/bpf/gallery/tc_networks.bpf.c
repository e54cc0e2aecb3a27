// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Counts packets by the longest network that holds their source, through up to two VLAN tags. */
#include "gallery.h"

struct network {
	__u32 length;
	__u8 address[16];
};

struct {
	__uint(type, LPM_TRIE);
	__uint(map_flags, NO_PREALLOC);
	__uint(max_entries, 1024);
	__type(key, struct network);
	__type(value, __u64);
} networks SEC(".maps");

SEC("tc")
int count(struct __sk_buff *skb)
{
	void *end = (void *)(long)skb->data_end;
	struct ethernet *ethernet = (void *)(long)skb->data;
	void *next = ethernet + 1;
	struct network key = { .length = 128, .address = { [10] = 0xff, [11] = 0xff } };
	__u64 *packets;
	__be16 type;

	if (next > end)
		return 0;
	type = ethernet->type;
#pragma unroll
	for (int i = 0; i < 2; i++) {
		struct vlan *vlan = next;

		if (type != be16(ETH_VLAN))
			break;
		if ((void *)(vlan + 1) > end)
			return 0;
		type = vlan->type;
		next = vlan + 1;
	}
	if (type == be16(ETH_IPV4)) {
		struct ipv4 *ip = next;

		if ((void *)(ip + 1) > end)
			return 0;
		__builtin_memcpy(key.address + 12, &ip->from, 4);
	} else if (type == be16(ETH_IPV6)) {
		struct ipv6 *ip = next;

		if ((void *)(ip + 1) > end)
			return 0;
		__builtin_memcpy(key.address, ip->from, 16);
	} else {
		return 0;
	}
	packets = bpf_map_lookup_elem(&networks, &key);
	if (packets)
		__sync_fetch_and_add(packets, 1);
	return 0;
}

LICENSE;
