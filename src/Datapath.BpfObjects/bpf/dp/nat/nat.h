/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What egress NAT keeps and counts, for both families. */
#ifndef DP_NAT_H
#define DP_NAT_H

#include "events.h"
#include "kernel_buffers.h"
#include "rewrite.h"
#include "used.h"

/* The longest link header of a device. */
#define DP_NAT_LINK_HEADER 64

/* What a look at a packet comes to, beside the verdicts of tc. */
enum dp_nat_way {
	DP_NAT_CLOSER = -2,     /* there is more to it than to change it */
	DP_NAT_NO_FLOW = -3,    /* it is plain, and of no flow that is known */
	DP_NAT_HOLD = -4,       /* a fragment that is to wait for its first */
	DP_NAT_RELEASE = -5,    /* a first fragment that others wait for */
	DP_NAT_OTHER_PORT = -6, /* it keeps its address, but a flow that is translated to that has its port */
	DP_NAT_ERROR = -7,      /* an ICMP error about a packet of a flow */
	DP_NAT_MALFORMED = -8,  /* it cannot be changed as it should be */
};

/* What becomes of protocols whose ports cannot be changed, or that have none. */
enum dp_nat_others {
	DP_NAT_OTHERS_DROP = 0,
	DP_NAT_OTHERS_PASS = 1,    /* as they are, with the source's own address */
	DP_NAT_OTHERS_ADDRESS = 2, /* the address alone is changed: one source at a time for each peer */
};

DP_CONFIG(__u8, dp_nat_others, "enum dp_nat_others") = DP_NAT_OTHERS_DROP;

DP_CONFIG(__u8, dp_nat_independent, "whether a source's datagrams leave by one port, whoever they are for") = 0;

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__type(key, __u32);
	__type(value, struct dp_nat_device);
	__uint(max_entries, 1024);
	__uint(map_flags, BPF_F_RDONLY_PROG);
} dp_nat_devices SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__type(key, __u32);
	__type(value, struct dp_nat_table);
	__uint(max_entries, DP_NAT_GENERATIONS);
	__uint(map_flags, BPF_F_MMAPABLE);
} dp_nat_table SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__type(key, __u32);
	__type(value, struct dp_nat_choice);
	__uint(max_entries, DP_NAT_GENERATIONS * DP_NAT_CHOICES);
	__uint(map_flags, BPF_F_MMAPABLE);
} dp_nat_choices SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__type(key, __u32);
	__type(value, struct dp_nat_ports);
	__uint(max_entries, 1);
	__uint(map_flags, BPF_F_MMAPABLE);
} dp_nat_ports SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__type(key, __u32);
	__type(value, __u64);
	__uint(max_entries, DP_NAT_COUNTERS);
} dp_nat_counters SEC(".maps");

static __always_inline void dp_nat_count(__u32 counter)
{
	__u64 *count = bpf_map_lookup_elem(&dp_nat_counters, &counter);

	if (count)
		++*count;
}

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__type(key, struct dp_nat_interface_key);
	__type(value, struct dp_nat_class);
	__uint(max_entries, 8192);
	__uint(map_flags, BPF_F_NO_PREALLOC | BPF_F_RDONLY_PROG);
} dp_nat_interfaces SEC(".maps");

/* The class of what has none by its source's address. */
static __always_inline __u32 dp_class_by_origin(const struct dp_nat_table *table, __u32 generation, __u32 ingress)
{
	struct dp_nat_interface_key key = { .generation = generation, .index = ingress };
	struct dp_nat_class *class;

	if (!ingress)
		return table->host_class;
	class = bpf_map_lookup_elem(&dp_nat_interfaces, &key);
	return class ? class->number : table->forwarded_class;
}

/* Whether some packets are translated. */
static __always_inline int dp_translates(__u32 generation)
{
	__u32 index = generation % DP_NAT_GENERATIONS;
	struct dp_nat_table *table = generation ? bpf_map_lookup_elem(&dp_nat_table, &index) : NULL;
	__u64 translated = 0;

	for (__u32 i = 0; table && i < DP_NAT_CLASSES / 64; i++)
		translated |= table->translated[i];
	return !!translated;
}

static __always_inline int dp_is_taken(__u16 port)
{
	__u32 index = 0;
	struct dp_nat_ports *ports = bpf_map_lookup_elem(&dp_nat_ports, &index);

	return ports && ports->taken[port >> 6] & 1ULL << (port & 63);
}

#endif
