/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Egress NAT for a family: what leaves by a device, and what comes in by it. */

/* The incoming entry may be gone while the outgoing one lives: it is made anew, unless somebody else has the port by now. */
static __noinline void DP(dp_repair)(const struct DP(dp_flow_key) *out, const struct DP(dp_flow) *flow)
{
	struct DP(dp_flow_key) in = DP(dp_reverse_of)(out, &flow->address, flow->port, out->protocol == DP(DP_ICMP));
	struct DP(dp_flow) entry = *flow;

	entry.address = out->source;
	entry.port = out->source_port;
	entry.seen = 0;
	if (!bpf_map_update_elem(&DP(dp_flows), &in, &entry, BPF_NOEXIST))
		dp_nat_count(DP_NAT_REPAIRED);
}

/* The other way round: the outgoing entry may be gone while answers come. */
static __noinline void DP(dp_repair_out)(const struct DP(dp_flow_key) *in, const struct DP(dp_flow) *flow)
{
	struct DP(dp_flow_key) out = DP(dp_origin_of)(in, flow);
	struct DP(dp_flow) entry = *flow;

	entry.address = in->destination;
	entry.port = in->destination_port;
	entry.seen = 0;
	if (!bpf_map_update_elem(&DP(dp_flows), &out, &entry, BPF_NOEXIST))
		dp_nat_count(DP_NAT_REPAIRED);
}

/* A packet of the machine itself whose answer would go to a pod is given a port of its own. */
static __noinline int DP(dp_is_in_the_way)(const struct DP(dp_packet) *packet, const struct DP(dp_flow_key) *out)
{
	struct DP(dp_flow_key) in = DP(dp_reverse_of)(out, &packet->source, packet->facts.source_port, out->protocol == DP(DP_ICMP));

	return bpf_map_lookup_elem(&DP(dp_flows), &in) != NULL;
}

static __always_inline int DP(dp_translate_out)(struct __sk_buff *skb, struct DP(dp_packet) *packet, const struct DP(dp_flow) *flow)
{
	if (DP(dp_rewrite)(skb, packet, DP_END_SOURCE, &flow->address, flow->port))
		return dp_nat_refuse(DP_NAT_REFUSED_MALFORMED);
	return TC_ACT_UNSPEC;
}

/*
 * TCP in the midst of a connection that nobody knows. If it looks like a client's (from a port that machines give to clients, to one that they do
 * not), the connection goes on with the port it had, for that is what it is given first; if not it is the answer to a connection from outside, as
 * what accepts a connection always is.
 */
static __always_inline int DP(dp_is_orphan)(const struct DP(dp_packet) *packet)
{
	return packet->facts.protocol == IPPROTO_TCP && packet->facts.seen & DP_SEEN_DATA &&
	       (packet->facts.seen & DP_SEEN_SYN ||
		!(bpf_ntohs(packet->facts.source_port) >= 32768 && bpf_ntohs(packet->facts.destination_port) < 32768));
}

/* Whether a flow that begins is translated, and to which address: TC_ACT_OK if so, otherwise what becomes of its packet. */
static __noinline int DP(dp_judge)(struct __sk_buff *skb, const struct DP(dp_packet) *packet, const struct DP(dp_flow_key) *out,
				   const struct dp_nat_device *device, struct DP(dp_ip) *address)
{
	struct dp_kept kept = { .made_at = bpf_ktime_get_coarse_ns() };
	struct dp_nat_state *state;
	__u32 index = 0;
	__u32 choice, generation;

	state = bpf_map_lookup_elem(&dp_nat_state, &index);
	if (!state || bpf_map_lookup_elem(&DP(dp_kept), out))
		return TC_ACT_UNSPEC;
	generation = READ_ONCE(state->generation);
	choice = DP(dp_decide)(skb, packet, generation);
	if (choice && packet->facts.kind == DP_PACKET_LOST)
		return dp_nat_refuse(DP_NAT_REFUSED_FRAGMENT);
	if (!choice || DP(dp_is_orphan)(packet)) {
		if (choice)
			dp_nat_count(DP_NAT_ORPHAN);
		if (skb->ingress_ifindex && packet->facts.kind == DP_PACKET_FLOW)
			bpf_map_update_elem(&DP(dp_kept), out, &kept, BPF_ANY);
		return TC_ACT_UNSPEC;
	}
	if (packet->facts.kind == DP_PACKET_OTHER && dp_nat_others != DP_NAT_OTHERS_ADDRESS)
		return dp_nat_others == DP_NAT_OTHERS_PASS ? TC_ACT_UNSPEC : dp_nat_refuse(DP_NAT_REFUSED_PROTOCOL);
	DP(dp_choose_address)(skb, packet, device, generation, choice, address);
	return DP(dp_fold_ip)(address) ? TC_ACT_OK : dp_nat_refuse(DP_NAT_REFUSED_NO_ADDRESS);
}

/* Apart from the packets that follow, whose flow is elsewhere. */
static __noinline int DP(dp_translate_first)(struct __sk_buff *skb, struct DP(dp_packet) *packet, const struct DP(dp_flow) *flow)
{
	return DP(dp_translate_out)(skb, packet, flow);
}

static __noinline int DP(dp_nat_out)(struct __sk_buff *skb, const struct dp_nat_device *device, __u32 ip)
{
	struct DP(dp_packet) packet = { .facts = { .ip = ip } };
	struct DP(dp_flow_key) out;
	struct DP(dp_flow) *flow;
	struct DP(dp_flow) made;
	struct DP(dp_ip) address;
	int is_host, verdict;
	__u64 now;

	DP(dp_read_packet)(skb, &packet, DP_FLOW_OUT);
	if (packet.facts.kind == DP_PACKET_OWN || packet.facts.kind == DP_PACKET_REPLY || packet.facts.kind == DP_PACKET_MALFORMED)
		return TC_ACT_UNSPEC;
	if (packet.facts.kind == DP_PACKET_ERROR)
		return DP(dp_error_out)(skb, &packet);
	out = DP(dp_key_of)(&packet, DP_FLOW_OUT);
	flow = bpf_map_lookup_elem(&DP(dp_flows), &out);
	if (likely(flow)) {
		now = bpf_ktime_get_coarse_ns();
		if (unlikely(now - flow->used_at > DP_NAT_REFRESH))
			DP(dp_repair)(&out, flow);
		DP(dp_touch)(flow, packet.facts.seen, now);
		return DP(dp_translate_out)(skb, &packet, flow);
	}

	is_host = !skb->ingress_ifindex && DP(dp_same_ip)(&packet.source, &device->DP(address));
	if (is_host && !DP(dp_is_in_the_way)(&packet, &out))
		return TC_ACT_UNSPEC;

	/* The steps by which a flow begins are called from here one after the other: all calls together have 512 bytes of stack. */
	address = packet.source;
	if (!is_host) {
		verdict = DP(dp_judge)(skb, &packet, &out, device, &address);
		if (verdict != TC_ACT_OK)
			return verdict;
	}
	verdict = DP(dp_allocate)(skb, &packet, &out, &address, &made);
	if (verdict)
		return dp_nat_refuse(verdict);
	if (is_host)
		dp_nat_count(DP_NAT_HOST_MOVED);
	return DP(dp_translate_first)(skb, &packet, &made);
}

/* What comes for a source itself, not for an address of ours: the answer to it is to be left alone. */
static __noinline int DP(dp_keep)(const struct DP(dp_packet) *packet)
{
	struct DP(dp_flow_key) out = {
		.source = packet->destination,
		.destination = packet->source,
		.source_port = packet->facts.destination_port,
		.destination_port = packet->facts.source_port,
		.protocol = packet->facts.protocol,
		.direction = DP_FLOW_OUT,
	};
	struct dp_kept kept = { .made_at = bpf_ktime_get_coarse_ns() };
	struct dp_nat_state *state;
	__u32 index = 0;

	state = bpf_map_lookup_elem(&dp_nat_state, &index);
	if (!state || !DP(dp_is_source)(&packet->destination, READ_ONCE(state->generation)))
		return TC_ACT_UNSPEC;
	if (!bpf_map_lookup_elem(&DP(dp_kept), &out) && !bpf_map_lookup_elem(&DP(dp_flows), &out))
		bpf_map_update_elem(&DP(dp_kept), &out, &kept, BPF_ANY);
	return TC_ACT_UNSPEC;
}

static __noinline int DP(dp_nat_in)(struct __sk_buff *skb, const struct dp_nat_device *device, __u32 ip)
{
	struct DP(dp_packet) packet = { .facts = { .ip = ip } };
	struct DP(dp_flow_key) in;
	struct DP(dp_flow) *flow;
	__u64 now;

	DP(dp_read_packet)(skb, &packet, DP_FLOW_IN);
	if (packet.facts.kind == DP_PACKET_OWN || packet.facts.kind == DP_PACKET_MALFORMED)
		return TC_ACT_UNSPEC;
	if (packet.facts.kind == DP_PACKET_ERROR)
		return DP(dp_error_in)(skb, &packet);
	in = DP(dp_key_of)(&packet, DP_FLOW_IN);
	flow = bpf_map_lookup_elem(&DP(dp_flows), &in);
	if (!flow) {
		if (DP(dp_same_ip)(&packet.destination, &device->DP(address))) {
			if (packet.facts.kind == DP_PACKET_LOST)
				dp_nat_count(DP_NAT_UNKNOWN_FRAGMENT);
			return TC_ACT_UNSPEC;
		}
		return packet.facts.kind == DP_PACKET_FLOW ? DP(dp_keep)(&packet) : TC_ACT_UNSPEC;
	}
	now = bpf_ktime_get_coarse_ns();
	if (unlikely(now - flow->used_at > DP_NAT_REFRESH))
		DP(dp_repair_out)(&in, flow);
	DP(dp_touch)(flow, packet.facts.seen, now);
	if (DP(dp_rewrite)(skb, &packet, DP_END_DESTINATION, &flow->address, flow->port))
		return dp_nat_refuse(DP_NAT_REFUSED_MALFORMED);
	return TC_ACT_UNSPEC;
}
