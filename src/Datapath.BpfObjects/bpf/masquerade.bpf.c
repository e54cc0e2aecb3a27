// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Egress NAT at a device: what leaves through it by the rules gets an address of the machine, and what comes back finds its way. It runs beside
 * other programs of the device and depends on none.
 */
#include "dp/nat/nat.h"

#define DP_FAMILY 4
#include "dp/nat/packet_family.h"
#include "dp/nat/scratch_family.h"
#include "dp/nat/rewrite_family.h"
#include "dp/nat/rules_family.h"
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
#include "dp/nat/flow_family.h"
#include "dp/nat/mapping_family.h"
#include "dp/nat/error_family.h"
#include "dp/nat/nat_family.h"
#include "dp/nat/known_family.h"
#undef DP_FAMILY

/* As many bytes as the headers of most packets, those of an error with what it quotes among them. */
#define DP_HEADERS 128

/* What a first look did not settle. */
static __always_inline int dp_nat_closer(struct __sk_buff *skb, __u8 direction, int way)
{
	__u32 index = skb->ifindex;
	struct dp_nat_device *device = bpf_map_lookup_elem(&dp_nat_devices, &index);
	__u32 headers;

	if (!device || device->link_header > DP_NAT_LINK_HEADER)
		return TC_ACT_UNSPEC;
	headers = skb->len < DP_HEADERS ? skb->len : DP_HEADERS;
	if (unlikely((void *)(long)skb->data + headers > (void *)(long)skb->data_end))
		bpf_skb_pull_data(skb, headers);
	if (skb->protocol == bpf_htons(ETH_P_IP))
		return direction == DP_FLOW_OUT ? dp_nat_out4(skb, device, way) : dp_nat_in4(skb, device, way);
	return direction == DP_FLOW_OUT ? dp_nat_out6(skb, device, way) : dp_nat_in6(skb, device, way);
}

static __always_inline int dp_nat(struct __sk_buff *skb, __u8 direction)
{
	int way;

	if (skb->protocol == bpf_htons(ETH_P_IP))
		way = dp_known4(skb, direction);
	else if (skb->protocol == bpf_htons(ETH_P_IPV6))
		way = dp_known6(skb, direction);
	else
		return TC_ACT_UNSPEC;
	return likely(way > DP_NAT_CLOSER) ? way : dp_nat_closer(skb, direction, way);
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

char _license[] SEC("license") = "Dual BSD/GPL";
