/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What there is to do with a packet of a family beyond changing its headers. */

/* Drops a packet that cannot be changed. */
static __noinline int DP(dp_refuse_malformed)(struct __sk_buff *skb, const struct DP(dp_packet) *packet, __u8 direction)
{
	struct DP(dp_flow_key) key = DP(dp_key_of)(packet, direction);

	return DP(dp_refuse)(skb, &key, DP_NAT_REFUSED_MALFORMED);
}

/* By what a look at the packet has come to: a verdict of tc. The steps are called from here one after the other, for the sake of the stack. */
static __always_inline int DP(dp_go_on)(struct __sk_buff *skb, __u8 direction, int way)
{
	struct DP(dp_scratch) *scratch;
	__u32 index = 0;

	scratch = bpf_map_lookup_elem(&DP(dp_nat_scratch), &index);
	if (!scratch)
		return TC_ACT_SHOT;
	if (way == DP_NAT_HOLD || way == DP_NAT_RELEASE)
		return DP(dp_reorder)(skb, scratch, direction, way);
	if (way == DP_NAT_ERROR)
		way = direction == DP_FLOW_OUT ? DP(dp_error_out)(skb, &scratch->packet) : DP(dp_error_in)(skb, &scratch->packet);
	return way == DP_NAT_MALFORMED ? DP(dp_refuse_malformed)(skb, &scratch->packet, direction) : way;
}
