/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* ICMP errors: they quote a packet of a flow, and tell of it in the addresses that were on it where it failed. */

/* The quoted packet, whose end may be cut off behind its ports. */
struct DP(dp_quoted) {
	struct DP(dp_ip) source;
	struct DP(dp_ip) destination;
	__be16 source_port;
	__be16 destination_port;
	__u8 protocol;
	__u8 has_ports;
	__u32 ip;
	__u32 transport;
};

/* Where the address and the port of an end are, and what is there. */
struct DP(dp_quoted_end) {
	struct DP(dp_ip) address;
	__be16 port;
	__u32 address_at;
	__u32 port_at;
};

DP_VERIFIED_ALONE int DP(dp_read_quoted)(struct __sk_buff *skb, const struct dp_packet_facts *facts, struct DP(dp_quoted) *quoted)
{
	struct dp_ports *ports;
#if DP_FAMILY == 4
	struct iphdr *ip;
#else
	struct ipv6hdr *ip;
#endif

	if (!facts || !quoted)
		return 0; /* cannot be, but the verifier knows no caller */
	quoted->ip = facts->transport + ICMP_HEADER;
	ip = dp_look(skb, quoted->ip, sizeof(*ip));
#if DP_FAMILY == 4
	if (!ip || ip->version_and_length >> 4 != 4 || bpf_ntohs(ip->fragment) & IP_FRAGMENT_OFFSET)
		return 0;
	quoted->source.word[0] = ip->saddr;
	quoted->destination.word[0] = ip->daddr;
	quoted->protocol = ip->protocol;
	quoted->transport = quoted->ip + (ip->version_and_length & 15) * 4;
#else
	if (!ip)
		return 0;
	__builtin_memcpy(&quoted->source, ip->saddr, sizeof(quoted->source));
	__builtin_memcpy(&quoted->destination, ip->daddr, sizeof(quoted->destination));
	quoted->protocol = ip->nexthdr;
	quoted->transport = quoted->ip + sizeof(*ip);
	if (quoted->protocol == IPPROTO_FRAGMENT) {
		struct frag_hdr *fragment = dp_look(skb, quoted->transport, sizeof(*fragment));

		if (!fragment || bpf_ntohs(fragment->fragment) & IP6_FRAGMENT_OFFSET)
			return 0;
		quoted->protocol = fragment->nexthdr;
		quoted->transport += sizeof(*fragment);
	}
#endif
	if (quoted->protocol != IPPROTO_TCP && quoted->protocol != IPPROTO_UDP && quoted->protocol != DP(DP_ICMP))
		return 1; /* of a flow whose address alone is translated, if of any */
	ports = dp_look(skb, quoted->transport, 8);
	if (!ports)
		return 0;
	if (quoted->protocol != DP(DP_ICMP)) {
		quoted->source_port = ports->source;
		quoted->destination_port = ports->destination;
		quoted->has_ports = 1;
	} else if (*(__u8 *)ports == DP(DP_ECHO_REQUEST) || *(__u8 *)ports == DP(DP_ECHO_REPLY)) {
		quoted->source_port = quoted->destination_port = *(__be16 *)((__u8 *)ports + ICMP_IDENTIFIER);
		quoted->has_ports = 1;
	}
	return 1;
}

static __always_inline struct DP(dp_quoted_end) DP(dp_end_of)(const struct DP(dp_quoted) *quoted, enum dp_end end)
{
	int is_source = end == DP_END_SOURCE;
	__u32 port_at = quoted->protocol == DP(DP_ICMP) ? ICMP_IDENTIFIER : is_source ? 0 : 2;

#if DP_FAMILY == 4
	__u32 address_at = is_source ? __builtin_offsetof(struct iphdr, saddr) : __builtin_offsetof(struct iphdr, daddr);
#else
	__u32 address_at = is_source ? __builtin_offsetof(struct ipv6hdr, saddr) : __builtin_offsetof(struct ipv6hdr, daddr);
#endif
	return (struct DP(dp_quoted_end)){
		.address = is_source ? quoted->source : quoted->destination,
		.port = is_source ? quoted->source_port : quoted->destination_port,
		.address_at = quoted->ip + address_at,
		.port_at = quoted->transport + port_at,
	};
}

/* Changes an end of the quoted packet, its checksums as far as they are quoted, and the checksum of the error, which sums all of it. */
static __always_inline int DP(dp_rewrite_quoted)(struct __sk_buff *skb, const struct dp_packet_facts *facts, const struct DP(dp_quoted) *quoted,
						 enum dp_end end, const struct DP(dp_ip) *address, __be16 port)
{
	struct DP(dp_quoted_end) old = DP(dp_end_of)(quoted, end);
	__u32 address_change = bpf_csum_diff(&old.address, sizeof(old.address), address, sizeof(*address), 0);
	__u32 check_at = dp_check_offset(quoted->protocol);
	__u64 all = dp_add_change16(0, old.port, port);
	__u64 summed = all;
	__u16 check, changed;

	/* ICMP for IPv4 sums no addresses. */
	if (quoted->protocol != IPPROTO_ICMP)
		summed += address_change;
	if (check_at && !bpf_skb_load_bytes(skb, check_at += quoted->transport, &check, sizeof(check)) && !(quoted->protocol == IPPROTO_UDP && !check)) {
		changed = dp_shift_check(check, summed);
		if (quoted->protocol == IPPROTO_UDP && !changed)
			changed = 0xffff;
		if (bpf_skb_store_bytes(skb, check_at, &changed, sizeof(changed), 0))
			return -1;
		all = dp_add_change16(all, check, changed);
	}
#if DP_FAMILY == 4
	check_at = quoted->ip + __builtin_offsetof(struct iphdr, check);
	if (bpf_skb_load_bytes(skb, check_at, &check, sizeof(check)))
		return -1;
	changed = dp_shift_check(check, address_change);
	if (bpf_skb_store_bytes(skb, check_at, &changed, sizeof(changed), 0))
		return -1;
	all = dp_add_change16(all, check, changed);
#endif
	if (bpf_skb_store_bytes(skb, old.address_at, address, sizeof(*address), 0))
		return -1;
	if (quoted->has_ports && bpf_skb_store_bytes(skb, old.port_at, &port, sizeof(port), 0))
		return -1;
	return bpf_l4_csum_replace(skb, facts->transport + ICMP_CHECK, 0, dp_fold32(all + address_change), 0);
}

/* An error that comes from outside, about a packet that left translated: it is for the source. DP_NAT_MALFORMED: it could not be changed. */
static __noinline int DP(dp_error_in)(struct __sk_buff *skb, struct DP(dp_packet) *packet)
{
	struct DP(dp_quoted) quoted = {};
	struct DP(dp_flow_key) in;
	struct DP(dp_flow) *flow;
	struct DP(dp_ip) address;
	__be16 port;

	if (!DP(dp_read_quoted)(skb, &packet->facts, &quoted))
		return TC_ACT_UNSPEC;
	in = (struct DP(dp_flow_key)){
		.source = quoted.destination,
		.destination = quoted.source,
		.source_port = quoted.destination_port,
		.destination_port = quoted.source_port,
		.protocol = quoted.protocol,
		.direction = DP_FLOW_IN,
	};
	flow = bpf_map_lookup_elem(&DP(dp_flows), &in);
	if (!flow)
		return TC_ACT_UNSPEC;
	address = flow->address;
	port = flow->port;
	if (DP(dp_rewrite_quoted)(skb, &packet->facts, &quoted, DP_END_SOURCE, &address, port) ||
	    DP(dp_rewrite)(skb, packet, DP_END_DESTINATION, &address, 0))
		return DP_NAT_MALFORMED;
	return TC_ACT_UNSPEC;
}

/* An error that a source, or a router before it, sends about an answer that it got; likewise. */
static __noinline int DP(dp_error_out)(struct __sk_buff *skb, struct DP(dp_packet) *packet)
{
	struct DP(dp_quoted) quoted = {};
	struct DP(dp_flow_key) out;
	struct DP(dp_flow) *flow;
	struct DP(dp_ip) address;
	__be16 port;

	if (!DP(dp_read_quoted)(skb, &packet->facts, &quoted))
		return TC_ACT_UNSPEC;
	out = (struct DP(dp_flow_key)){
		.source = quoted.destination,
		.destination = quoted.source,
		.source_port = quoted.destination_port,
		.destination_port = quoted.source_port,
		.protocol = quoted.protocol,
		.direction = DP_FLOW_OUT,
	};
	flow = bpf_map_lookup_elem(&DP(dp_flows), &out);
	if (!flow)
		return TC_ACT_UNSPEC;
	address = flow->address;
	port = flow->port;
	if (DP(dp_rewrite_quoted)(skb, &packet->facts, &quoted, DP_END_DESTINATION, &address, port) ||
	    DP(dp_rewrite)(skb, packet, DP_END_SOURCE, &address, 0))
		return DP_NAT_MALFORMED;
	return TC_ACT_UNSPEC;
}
