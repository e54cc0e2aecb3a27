// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Walks over the flows of egress NAT that remove those which are over, and tell of it. It is time, by protocol and by what the flow has seen in both
 * directions, that ends a flow, or the loss of the address that it is translated to; a full table does not.
 */
#include "dp/config.h"
#include "dp/nat/packet.h"
#include "dp/nat/events.h"
#include "dp/nat/kernel_iterators.h"

DP_CONFIG(__u32, dp_tcp_opening, "seconds that a TCP flow lives without an answer") = 60;
DP_CONFIG(__u32, dp_tcp_established, "seconds that an idle TCP flow lives") = 7440;
DP_CONFIG(__u32, dp_tcp_closing, "seconds that a TCP flow lives after its end") = 10;
DP_CONFIG(__u32, dp_tcp_half_closed, "seconds that a TCP flow lives, idle, whose one side has ended") = 300;
DP_CONFIG(__u32, dp_one_way, "seconds that another flow lives without an answer") = 30;
DP_CONFIG(__u32, dp_two_way, "seconds that another idle flow lives") = 120;
DP_CONFIG(__u32, dp_icmp, "seconds that an idle echo lives") = 30;

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__type(key, __u32);
	__type(value, struct dp_sweep_order);
	__uint(max_entries, 1);
	__uint(map_flags, BPF_F_MMAPABLE);
} dp_sweep_order SEC(".maps");

/* Whether TCP has ended the flow: by a reset, or by both sides. */
static __always_inline int dp_is_closed(__u8 protocol, __u8 out, __u8 in)
{
	return protocol == IPPROTO_TCP && (out & DP_SEEN_RST || out & in & DP_SEEN_FIN);
}

static __always_inline __u32 dp_lifetime(__u8 protocol, __u8 out, __u8 in)
{
	if (protocol == IPPROTO_ICMP || protocol == IPPROTO_ICMPV6)
		return dp_icmp;
	if (protocol != IPPROTO_TCP)
		return in ? dp_two_way : dp_one_way;
	if (dp_is_closed(protocol, out, in))
		return dp_tcp_closing;
	if ((out | in) & DP_SEEN_FIN)
		return dp_tcp_half_closed;
	return in ? dp_tcp_established : dp_tcp_opening;
}

#define DP_FAMILY 4
#include "dp/nat/flow_maps_family.h"
#include "dp/nat/events_family.h"
#include "dp/nat/sweep_family.h"
#undef DP_FAMILY

#define DP_FAMILY 6
#include "dp/nat/flow_maps_family.h"
#include "dp/nat/events_family.h"
#include "dp/nat/sweep_family.h"
#undef DP_FAMILY

SEC("iter/bpf_map_elem")
int dp_sweep_flows4(struct bpf_iter__bpf_map_elem *ctx)
{
	return dp_sweep4(ctx);
}

SEC("iter/bpf_map_elem")
int dp_sweep_flows6(struct bpf_iter__bpf_map_elem *ctx)
{
	return dp_sweep6(ctx);
}

char _license[] SEC("license") = "Dual BSD/GPL";
