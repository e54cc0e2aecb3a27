/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Egress NAT for a family: what leaves by a device, and what comes in by it. */

/* Now and then the two entries are held against each other. The incoming one may be gone: it is made anew, unless somebody else has the port by now. */
static __noinline void DP(dp_repair)(const struct DP(dp_flow_key) *out, const struct DP(dp_flow) *flow)
{
	struct DP(dp_flow_key) in = DP(dp_reverse_of)(out, &flow->address, flow->port, out->protocol == DP(DP_ICMP));
	struct DP(dp_flow) *twin = bpf_map_lookup_elem(&DP(dp_flows), &in);
	struct DP(dp_flow) entry;

	if (twin) {
		if (DP(dp_is_twin)(twin, out))
			DP(dp_catch_up)(twin, flow);
		return;
	}
	entry = *flow;
	entry.address = out->source;
	entry.port = out->source_port;
	entry.seen = 0;
	if (!bpf_map_update_elem(&DP(dp_flows), &in, &entry, BPF_NOEXIST))
		dp_nat_count(DP_NAT_REPAIRED);
}

/* A client's next connection by the same ports: what the last one ended with says nothing of it. */
static __noinline int DP(dp_begin_again)(const struct DP(dp_flow_key) *out, struct DP(dp_flow) *flow)
{
	struct DP(dp_flow_key) in = DP(dp_reverse_of)(out, &flow->address, flow->port, 0);
	struct DP(dp_flow) *twin = bpf_map_lookup_elem(&DP(dp_flows), &in);

	if (!(flow->seen & (DP_SEEN_DATA | DP_SEEN_FIN | DP_SEEN_RST)) && !(twin && twin->seen & DP_SEEN_FIN))
		return 0; /* the same packet once more */
	flow->seen = 0;
	flow->made_at = bpf_ktime_get_coarse_ns();
	flow->used_at = dp_used_now();
	if (twin) {
		twin->seen = 0;
		twin->made_at = flow->made_at;
		twin->used_at = flow->used_at;
	}
	return 0;
}

/* Whether answers to a flow go nowhere for now: another engine is about to take it, or this one has just taken it. 0.0.0.0 and ::1, as no source is. */
static __always_inline int DP(dp_is_sink)(const struct DP(dp_ip) *address)
{
#if DP_FAMILY == 4
	return !address->word[0];
#else
	return !(address->word[0] | address->word[1] | address->word[2]) && address->word[3] == bpf_htonl(1);
#endif
}

/*
 * The other way round: the outgoing entry may be gone while answers come. That entry is what a mapping's beginning and end are told of, so this is a
 * beginning: a packet between the two deletions of a flow that is over may have brought it back after its end was told.
 */
static __noinline int DP(dp_repair_out)(struct __sk_buff *skb, const struct DP(dp_flow_key) *in, const struct DP(dp_flow) *flow)
{
	struct DP(dp_flow_key) out = DP(dp_origin_of)(in, flow);
	struct DP(dp_flow) entry;

	if (DP(dp_is_sink)(&flow->address) || bpf_map_lookup_elem(&DP(dp_flows), &out))
		return 0;
	entry = *flow;
	entry.address = in->destination;
	entry.port = in->destination_port;
	entry.seen = 0;
	entry.made_at = bpf_ktime_get_coarse_ns();
	if (bpf_map_update_elem(&DP(dp_flows), &out, &entry, BPF_NOEXIST))
		return 0;
	dp_nat_count(DP_NAT_REPAIRED);
	return DP(dp_tell)(&out, &entry, skb->ifindex, dp_nat_what(DP_NAT_EVENT_MADE, 0), 0);
}

/* Whether the answer to a packet that is left alone would go to a flow that is translated: so the packet is given a port of its own. */
static __noinline int DP(dp_is_in_the_way)(const struct DP(dp_packet) *packet, const struct DP(dp_flow_key) *out)
{
	struct DP(dp_flow_key) in = DP(dp_reverse_of)(out, &packet->source, packet->facts.source_port, out->protocol == DP(DP_ICMP));

	return bpf_map_lookup_elem(&DP(dp_flows), &in) != NULL;
}

static __always_inline int DP(dp_translate_out)(struct __sk_buff *skb, struct DP(dp_packet) *packet, const struct DP(dp_flow) *flow)
{
	if (DP(dp_rewrite)(skb, packet, DP_END_SOURCE, &flow->address, flow->port))
		return DP_NAT_MALFORMED;
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

/*
 * Whether a flow that begins is translated, and to which address: TC_ACT_OK if so, otherwise what becomes of its packet. What is left alone may come from
 * an address that others get: of a pool, or one that was the device's before; or somebody else translated it, for a source of his own.
 */
static __noinline int DP(dp_judge)(struct __sk_buff *skb, const struct DP(dp_packet) *packet, const struct DP(dp_flow_key) *out,
				   const struct dp_nat_device *device, struct DP(dp_ip) *address)
{
	struct dp_nat_state *state;
	__u32 index = 0;
	__u32 choice, generation;

	state = bpf_map_lookup_elem(&dp_nat_state, &index);
	if (!state)
		return TC_ACT_UNSPEC;
	generation = READ_ONCE(state->generation);
	if (!generation || DP(dp_is_kept)(out, packet->facts.seen))
		return TC_ACT_UNSPEC; /* without rules nothing is decided that would last */
	choice = DP(dp_decide)(skb, packet, generation);
	if (choice && packet->facts.kind == DP_PACKET_LOST)
		return DP_NAT_HOLD;
	if (!choice || DP(dp_is_orphan)(packet)) {
		if (choice)
			DP(dp_pass)(skb, out, DP_NAT_ORPHAN);
		else if (DP(dp_is_in_the_way)(packet, out))
			return DP_NAT_OTHER_PORT;
		if (skb->ingress_ifindex && packet->facts.kind == DP_PACKET_FLOW)
			DP(dp_note_kept)(out);
		return TC_ACT_UNSPEC;
	}
	if (packet->facts.kind == DP_PACKET_MALFORMED)
		return DP(dp_refuse)(skb, out, DP_NAT_REFUSED_MALFORMED);
	if (packet->facts.kind == DP_PACKET_OTHER && dp_nat_others != DP_NAT_OTHERS_ADDRESS)
		return dp_nat_others == DP_NAT_OTHERS_PASS ? TC_ACT_UNSPEC : DP(dp_refuse)(skb, out, DP_NAT_REFUSED_PROTOCOL);
	DP(dp_choose_address)(skb, packet, device, generation, choice, address);
	return DP(dp_fold_ip)(address) ? TC_ACT_OK : DP(dp_refuse)(skb, out, DP_NAT_REFUSED_NO_ADDRESS);
}

/* Apart from the packets that follow, whose flow is elsewhere. */
static __noinline int DP(dp_translate_first)(struct __sk_buff *skb, struct DP(dp_packet) *packet, const struct DP(dp_flow) *flow)
{
	return DP(dp_translate_out)(skb, packet, flow);
}

/* A verdict of tc, or what is to be done beyond this: DP_NAT_HOLD, DP_NAT_RELEASE, DP_NAT_ERROR or DP_NAT_MALFORMED. */
static __noinline int DP(dp_nat_out)(struct __sk_buff *skb, const struct dp_nat_device *device, int way, __u32 ip)
{
	struct DP(dp_scratch) *scratch = DP(dp_new_packet)(ip);
	struct DP(dp_packet) *packet;
	struct DP(dp_flow_key) out;
	struct DP(dp_flow) *flow;
	struct DP(dp_ip) address;
	int is_moved, verdict;

	if (!scratch)
		return TC_ACT_SHOT;
	packet = &scratch->packet;
	DP(dp_read_packet)(skb, packet, DP_FLOW_OUT);
	if (packet->facts.kind == DP_PACKET_OWN || packet->facts.kind == DP_PACKET_REPLY || !packet->facts.transport)
		return TC_ACT_UNSPEC;
	if (packet->facts.kind == DP_PACKET_AWAITED)
		return DP_NAT_RELEASE;
	if (packet->facts.kind == DP_PACKET_ERROR)
		return DP_NAT_ERROR;
	out = DP(dp_key_of)(packet, DP_FLOW_OUT);
	flow = way == DP_NAT_NO_FLOW || packet->facts.kind == DP_PACKET_LOST ? NULL : bpf_map_lookup_elem(&DP(dp_flows), &out);
	if (flow) {
		if (dp_is_first(packet->facts.seen))
			DP(dp_begin_again)(&out, flow);
		DP(dp_note_sent)(flow, &packet->facts);
		if (!dp_is_used_now(flow->used_at)) {
			DP(dp_repair)(&out, flow);
			if (dp_nat_independent && packet->facts.protocol == IPPROTO_UDP)
				DP(dp_use_mapping)(&out, &flow->address);
			flow->used_at = dp_used_now();
		}
		DP(dp_touch)(flow, packet->facts.seen);
		return DP(dp_translate_out)(skb, packet, flow);
	}

	/* The machine's own packets from the device's address are asked of no rules. */
	is_moved = !skb->ingress_ifindex && DP(dp_same_ip)(&packet->source, &device->DP(address));
	if (is_moved && !DP(dp_is_in_the_way)(packet, &out))
		return TC_ACT_UNSPEC;

	/* The steps by which a flow begins are called from here one after the other, for the sake of the stack. */
	address = packet->source;
	if (!is_moved) {
		verdict = DP(dp_judge)(skb, packet, &out, device, &address);
		if (verdict != TC_ACT_OK && verdict != DP_NAT_OTHER_PORT)
			return verdict;
		is_moved = verdict == DP_NAT_OTHER_PORT;
	}
	scratch->made.port = packet->facts.source_port;
	verdict = 0;
	if (dp_nat_independent && packet->facts.protocol == IPPROTO_UDP && !is_moved)
		verdict = DP(dp_find_mapping)(skb, scratch, &out, &address);
	if (!verdict) {
		scratch->out = out;
		verdict = DP(dp_allocate)(skb, &address);
	}
	if (verdict)
		return DP(dp_refuse)(skb, &out, verdict);
	if (is_moved)
		dp_nat_count(DP_NAT_HOST_MOVED);
	DP(dp_note_address)(device, &scratch->made.address);
	return DP(dp_translate_first)(skb, packet, &scratch->made);
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
	struct dp_nat_state *state;
	struct dp_kept *kept;
	__u32 index = 0;
	__u64 now;

	state = bpf_map_lookup_elem(&dp_nat_state, &index);
	if (packet->facts.seen & DP_SEEN_RST || !state || !DP(dp_is_source)(&packet->destination, READ_ONCE(state->generation)))
		return TC_ACT_UNSPEC;
	now = bpf_ktime_get_coarse_ns();
	kept = bpf_map_lookup_elem(&DP(dp_kept), &out);
	if (kept && dp_is_good(kept, out.protocol, now)) {
		if (now - kept->used_at > DP_SECOND)
			kept->used_at = (now & ~DP_KEPT_ANSWERED) | (kept->used_at & DP_KEPT_ANSWERED);
	} else if (!bpf_map_lookup_elem(&DP(dp_flows), &out)) {
		DP(dp_note_kept)(&out);
	}
	return TC_ACT_UNSPEC;
}

/* A verdict of tc, or what is to be done beyond this: DP_NAT_HOLD, DP_NAT_RELEASE, DP_NAT_ERROR or DP_NAT_MALFORMED. */
static __noinline int DP(dp_nat_in)(struct __sk_buff *skb, const struct dp_nat_device *device, int way, __u32 ip)
{
	struct DP(dp_scratch) *scratch = DP(dp_new_packet)(ip);
	struct DP(dp_packet) *packet;
	struct DP(dp_flow_key) in;
	struct DP(dp_flow) *flow;

	if (!scratch)
		return TC_ACT_SHOT;
	packet = &scratch->packet;
	DP(dp_read_packet)(skb, packet, DP_FLOW_IN);
	if (packet->facts.kind == DP_PACKET_OWN || packet->facts.kind == DP_PACKET_MALFORMED)
		return TC_ACT_UNSPEC;
	if (packet->facts.kind == DP_PACKET_AWAITED)
		return DP_NAT_RELEASE;
	if (packet->facts.kind == DP_PACKET_ERROR)
		return DP_NAT_ERROR;
	if (packet->facts.kind == DP_PACKET_LOST)
		return DP(dp_is_translated_address)(device, &packet->destination) ? DP_NAT_HOLD : TC_ACT_UNSPEC;
	in = DP(dp_key_of)(packet, DP_FLOW_IN);
	flow = way == DP_NAT_NO_FLOW ? NULL : bpf_map_lookup_elem(&DP(dp_flows), &in);
	if (!flow) {
		if (packet->facts.kind != DP_PACKET_FLOW || DP(dp_same_ip)(&packet->destination, &device->DP(address)))
			return TC_ACT_UNSPEC;
		return DP(dp_keep)(packet);
	}
	if (!dp_is_used_now(flow->used_at)) {
		DP(dp_repair_out)(skb, &in, flow);
		if (dp_nat_independent && packet->facts.protocol == IPPROTO_UDP) {
			scratch->out = DP(dp_origin_of)(&in, flow);
			DP(dp_use_mapping)(&scratch->out, &packet->destination);
		}
		flow->used_at = dp_used_now();
	}
	DP(dp_note_received)(&in, flow, &packet->facts);
	if (DP(dp_rewrite)(skb, packet, DP_END_DESTINATION, &flow->address, flow->port))
		return DP_NAT_MALFORMED;
	return TC_ACT_UNSPEC;
}
