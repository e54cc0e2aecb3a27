// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* A table of ports for each tenant, held by a table of tenants. */
#include "gallery.h"

struct ports_of {
	__uint(type, HASH);
	__uint(max_entries, 64);
	__type(key, __u32);
	__type(value, __u32);
};

struct {
	__uint(type, HASH_OF_MAPS);
	__uint(max_entries, 16);
	__type(key, __u32);
	__array(values, struct ports_of);
} tenants SEC(".maps");

SEC("tc")
int classify(struct __sk_buff *skb)
{
	__u32 tenant = skb->mark, length = skb->len, *class;
	void *ports = bpf_map_lookup_elem(&tenants, &tenant);

	if (!ports)
		return 0;
	class = bpf_map_lookup_elem(ports, &length);
	if (!class)
		return 2;
	skb->priority = *class;
	return 1;
}

LICENSE;
