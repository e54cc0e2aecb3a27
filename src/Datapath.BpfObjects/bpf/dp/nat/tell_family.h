/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What the programs of devices tell of packets that do not go on as they should. */

/* Drops a packet that must not leave as it is. */
static __always_inline int DP(dp_refuse)(struct __sk_buff *skb, const struct DP(dp_flow_key) *key, __u32 reason)
{
	dp_nat_count(reason);
	DP(dp_tell)(key, NULL, skb->ifindex, dp_nat_what(DP_NAT_EVENT_REFUSED, reason), 0);
	return TC_ACT_SHOT;
}

/* Counts a packet that is left as it is, although it may belong to a flow. */
static __always_inline void DP(dp_pass)(struct __sk_buff *skb, const struct DP(dp_flow_key) *key, __u32 reason)
{
	dp_nat_count(reason);
	DP(dp_tell)(key, NULL, skb->ifindex, dp_nat_what(DP_NAT_EVENT_PASSED, reason), 0);
}
