// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Maps of packets' ways, sockets, events and stacks, defined by the types of their keys and values as is usual. */
#include "gallery.h"

#define MAP(kind, name, key_type, value_type) \
	struct {                              \
		__uint(type, kind);           \
		__uint(max_entries, 4);       \
		__type(key, key_type);        \
		__type(value, value_type);    \
	} name SEC(".maps")

enum { PERF_EVENT_ARRAY = 4, CGROUP_ARRAY = 8, DEVMAP = 14, SOCKMAP = 15, CPUMAP = 16, XSKMAP = 17, SOCKHASH = 18, REUSEPORT_SOCKARRAY = 20, DEVMAP_HASH = 25 };

struct device {
	__u32 interface, program;
};

struct frames {
	__u64 addresses[127];
};

MAP(DEVMAP, devices, __u32, __u32);
MAP(DEVMAP_HASH, devices_by_key, __u32, struct device);
MAP(CPUMAP, processors, __u32, __u32);
MAP(XSKMAP, user_queues, __u32, __u32);
MAP(PERF_EVENT_ARRAY, events, __u32, __u32);
MAP(CGROUP_ARRAY, groups, __u32, __u32);
MAP(SOCKMAP, sockets, __u32, __u64);
MAP(SOCKHASH, sockets_by_key, __u32, __u64);
MAP(REUSEPORT_SOCKARRAY, listeners, __u32, __u64);
MAP(STACK_TRACE, stacks, __u32, struct frames);
MAP(PROG_ARRAY, stages, __u32, __u32);

static long (*const bpf_perf_event_output)(void *ctx, void *events, __u64 flags, const void *data, __u64 size) = (void *)25;
static long (*const bpf_skb_under_cgroup)(void *skb, void *groups, __u32 index) = (void *)33;
static long (*const bpf_redirect_map)(void *map, __u64 key, __u64 flags) = (void *)51;

SEC("xdp")
int forward(struct xdp_md *packet)
{
	switch (packet->rx_queue_index & 3) {
	case 0:
		return bpf_redirect_map(&devices, 0, 0);
	case 1:
		return bpf_redirect_map(&devices_by_key, 0, 0);
	case 2:
		return bpf_redirect_map(&processors, 0, 0);
	default:
		return bpf_redirect_map(&user_queues, 0, 0);
	}
}

SEC("tc")
int report(struct __sk_buff *packet)
{
	__u32 length = packet->len;

	if (bpf_skb_under_cgroup(packet, &groups, 0) == 1)
		bpf_perf_event_output(packet, &events, 0xffffffff, &length, sizeof(length));
	bpf_tail_call(packet, &stages, 0);
	return 0;
}

SEC("perf_event")
int sample(void *ctx)
{
	bpf_get_stackid(ctx, &stacks, 0);
	return 0;
}

LICENSE;
