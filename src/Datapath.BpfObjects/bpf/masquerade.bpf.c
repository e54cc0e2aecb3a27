// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Egress NAT at a device: what leaves through it by the rules gets an address of the machine, and what comes back finds its way. It runs beside
 * other programs of the device and depends on none.
 */
#include "dp/nat/kernel_iterators.h"
#include "dp/nat/link.h"
#include "dp/nat/nat.h"

#define DP_FAMILY 4
#include "dp/nat/packet_family.h"
#include "dp/nat/scratch_family.h"
#include "dp/nat/rewrite_family.h"
#include "dp/nat/rules_family.h"
#include "dp/nat/addresses_family.h"
#include "dp/nat/flow_family.h"
#include "dp/nat/mapping_family.h"
#include "dp/nat/error_family.h"
#include "dp/nat/nat_family.h"
#include "dp/nat/known_family.h"
#undef DP_FAMILY

#define DP_FAMILY 6
#include "dp/nat/packet_family.h"
#include "dp/nat/scratch_family.h"
#include "dp/nat/rewrite_family.h"
#include "dp/nat/rules_family.h"
#include "dp/nat/addresses_family.h"
#include "dp/nat/flow_family.h"
#include "dp/nat/mapping_family.h"
#include "dp/nat/error_family.h"
#include "dp/nat/nat_family.h"
#include "dp/nat/known_family.h"
#undef DP_FAMILY

#include "dp/nat/held.h"

#define DP_FAMILY 4
#include "dp/nat/held_family.h"
#include "dp/nat/go_on_family.h"
#undef DP_FAMILY

#define DP_FAMILY 6
#include "dp/nat/held_family.h"
#include "dp/nat/go_on_family.h"
#undef DP_FAMILY

/* As many bytes as the headers of most packets, those of an error with what it quotes among them. */
#define DP_HEADERS 128

/* A packet whose IP header is not found although it may have one does not leave, if others that the machine forwards are translated. */
static __always_inline int dp_refuse_tagged(struct __sk_buff *skb, __u8 direction)
{
	struct dp_flow_key4 unknown = { .direction = direction };
	struct dp_nat_state *state;
	__u32 index = 0;

	state = bpf_map_lookup_elem(&dp_nat_state, &index);
	if (direction == DP_FLOW_IN || !skb->ingress_ifindex || !state || !dp_translates(READ_ONCE(state->generation)))
		return TC_ACT_UNSPEC;
	return dp_refuse4(skb, &unknown, DP_NAT_REFUSED_TAGGED);
}

/* What a first look did not settle. */
static __always_inline int dp_nat_closer(struct __sk_buff *skb, __u8 direction, int way)
{
	__u32 index = skb->ifindex;
	struct dp_nat_device *device = bpf_map_lookup_elem(&dp_nat_devices, &index);
	__u32 headers, ip;
	__be16 protocol;

	if (!device || device->link_header > DP_NAT_LINK_HEADER)
		return TC_ACT_UNSPEC;
	headers = skb->len < DP_HEADERS ? skb->len : DP_HEADERS;
	if (unlikely((void *)(long)skb->data + headers > (void *)(long)skb->data_end))
		bpf_skb_pull_data(skb, headers);
	ip = device->link_header;
	protocol = skb->protocol;
	if (unlikely(dp_is_tagged(protocol))) {
		__u32 behind = dp_read_tags(skb, protocol, ip);

		protocol = behind;
		ip = behind >> 16;
	}
	if (protocol == bpf_htons(ETH_P_IP)) {
		way = direction == DP_FLOW_OUT ? dp_nat_out4(skb, device, way, ip) : dp_nat_in4(skb, device, way, ip);
		return likely(way >= TC_ACT_UNSPEC) ? way : dp_go_on4(skb, direction, way);
	}
	if (protocol == bpf_htons(ETH_P_IPV6)) {
		way = direction == DP_FLOW_OUT ? dp_nat_out6(skb, device, way, ip) : dp_nat_in6(skb, device, way, ip);
		return likely(way >= TC_ACT_UNSPEC) ? way : dp_go_on6(skb, direction, way);
	}
	return dp_is_tagged(protocol) ? dp_refuse_tagged(skb, direction) : TC_ACT_UNSPEC;
}

/* Each direction apart, so that neither program has what is for the other. */
DP_VERIFIED_ALONE int dp_nat_closer_out(struct __sk_buff *skb, int way)
{
	return dp_nat_closer(skb, DP_FLOW_OUT, way);
}

DP_VERIFIED_ALONE int dp_nat_closer_in(struct __sk_buff *skb, int way)
{
	return dp_nat_closer(skb, DP_FLOW_IN, way);
}

static __always_inline int dp_nat(struct __sk_buff *skb, __u8 direction)
{
	int way;

	if (skb->protocol == bpf_htons(ETH_P_IP))
		way = dp_known4(skb, direction);
	else if (skb->protocol == bpf_htons(ETH_P_IPV6))
		way = dp_known6(skb, direction);
	else
		way = dp_is_tagged(skb->protocol) ? DP_NAT_CLOSER : TC_ACT_UNSPEC;
	if (likely(way > DP_NAT_CLOSER))
		return way;
	return direction == DP_FLOW_OUT ? dp_nat_closer_out(skb, way) : dp_nat_closer_in(skb, way);
}

SEC("tc")
int dp_nat_egress(struct __sk_buff *skb)
{
	return dp_nat(skb, DP_FLOW_OUT);
}

SEC("tc")
int dp_nat_ingress(struct __sk_buff *skb)
{
	return dp_nat(skb, DP_FLOW_IN);
}

/* Gives up held fragments whose first did not come in time. */
SEC("iter/bpf_map_elem")
int dp_sweep_held(struct bpf_iter__bpf_map_elem *ctx)
{
	__u64 now = bpf_ktime_get_ns(); /* programs of this kind have no coarse clock; it is a few milliseconds behind */
	struct dp_held *held;
	__u32 index;
	__u64 turn;

	if (!ctx->key || !ctx->value)
		return 0;
	index = *(__u32 *)ctx->key;
	held = bpf_map_lookup_elem(&dp_held, &index);
	if (!held)
		return 0;
	turn = READ_ONCE(held->turn);
	if ((turn & DP_HELD_STATES) != DP_HELD_FULL || !dp_is_late(held, now) || !dp_change_turn(held, turn, turn - DP_HELD_FULL + DP_HELD_BUSY))
		return 0;
	dp_lose_held(held, DP_NAT_REFUSED_FRAGMENT_EXPIRED, now);
	dp_set_turn(held, DP_HELD_FREE);
	return 0;
}

char _license[] SEC("license") = "Dual BSD/GPL";
