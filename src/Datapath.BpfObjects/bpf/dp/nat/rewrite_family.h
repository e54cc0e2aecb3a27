/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Changing the addresses of a family. */

#if DP_FAMILY == 4
static __always_inline int dp_rewrite_address4(struct __sk_buff *skb, const struct dp_packet_facts *facts, enum dp_end end,
					       const struct dp_ip4 *old, const struct dp_ip4 *new)
{
	__u32 field = end == DP_END_SOURCE ? __builtin_offsetof(struct iphdr, saddr) : __builtin_offsetof(struct iphdr, daddr);
	__u32 check = dp_check_offset(facts->protocol);

	/* ICMP for IPv4 sums no addresses. */
	if (check && facts->protocol != IPPROTO_ICMP && !facts->is_later_fragment &&
	    bpf_l4_csum_replace(skb, facts->transport + check, old->word[0], new->word[0],
				dp_check_flags(facts->protocol) | BPF_F_PSEUDO_HDR | sizeof(*new)))
		return -1;
	if (bpf_l3_csum_replace(skb, facts->ip + __builtin_offsetof(struct iphdr, check), old->word[0], new->word[0], sizeof(*new)))
		return -1;
	return bpf_skb_store_bytes(skb, facts->ip + field, new, sizeof(*new), 0);
}
#else
static __always_inline int dp_rewrite_address6(struct __sk_buff *skb, const struct dp_packet_facts *facts, enum dp_end end,
					       const struct dp_ip6 *old, const struct dp_ip6 *new)
{
	__u32 field = end == DP_END_SOURCE ? __builtin_offsetof(struct ipv6hdr, saddr) : __builtin_offsetof(struct ipv6hdr, daddr);
	__u32 check = dp_check_offset(facts->protocol);

	if (check && !facts->is_later_fragment) {
		__s64 difference = bpf_csum_diff(old, sizeof(*old), new, sizeof(*new), 0);
		__u64 flags = dp_check_flags(facts->protocol) | BPF_F_PSEUDO_HDR;

		if (dp_knows_ipv6_sums)
			flags |= BPF_F_IPV6;
		if (bpf_l4_csum_replace(skb, facts->transport + check, 0, difference, flags))
			return -1;

		/*
		 * The sum of all bytes stays the same here, for address and checksum change by opposite amounts; without its flag
		 * the helper takes the address for one outside the sum, as it is with IPv4.
		 */
		if (!dp_knows_ipv6_sums)
			bpf_csum_update(skb, difference);
	}
	return bpf_skb_store_bytes(skb, facts->ip + field, new, sizeof(*new), 0);
}
#endif

/* Changes an address and, of packets that have one, a port. */
static __always_inline int DP(dp_rewrite)(struct __sk_buff *skb, struct DP(dp_packet) *packet, enum dp_end end, const struct DP(dp_ip) *address,
					  __be16 port)
{
	struct DP(dp_ip) old = end == DP_END_SOURCE ? packet->source : packet->destination;
	__be16 old_port = end == DP_END_SOURCE ? packet->facts.source_port : packet->facts.destination_port;

	if (!packet->facts.is_later_fragment && packet->facts.kind != DP_PACKET_OTHER && packet->facts.kind != DP_PACKET_ERROR &&
	    dp_rewrite_port(skb, &packet->facts, end, old_port, port))
		return -1;
	return DP(dp_rewrite_address)(skb, &packet->facts, end, &old, address);
}
