/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Which ends of a TCP connection count. Anybody may send packets with the peer's address, but only who sees the connection knows its sequence numbers; so
 * an end that the source would not accept ends no flow. Both entries have the peer's next sequence number: the outgoing one as the source acknowledged it
 * last, the incoming one as it follows from what the peer sent in order, which the source may not have acknowledged yet. Until the source has
 * acknowledged anything, the outgoing entry has the end of its first packet, for a peer that refuses it acknowledges that.
 */

/* Notes what was seen. Written only when there is something new: packets of one flow on several processors would pass the cache line to and fro. */
static __always_inline void DP(dp_touch)(struct DP(dp_flow) *flow, __u8 seen)
{
	if (unlikely(flow->seen & DP_SEEN_RST && !(seen & DP_SEEN_RST)))
		flow->seen &= ~DP_SEEN_RST; /* the source goes on, so it was none that ended the connection */
	if ((flow->seen | seen) != flow->seen)
		flow->seen |= seen;
}

/* Notes what a packet from the source tells. */
static __always_inline void DP(dp_note_sent)(struct DP(dp_flow) *flow, const struct dp_packet_facts *facts)
{
	if (facts->acknowledges)
		flow->next = facts->acknowledged;
	else if (dp_is_first(facts->seen))
		flow->next = facts->end;
}

/*
 * Whether a source that is sent a reset gives up the connection. RFC 5961: only the very next sequence number ends it. What an end claims that nobody
 * has acknowledged is no such number: its sender may have made it up.
 */
static __always_inline int DP(dp_is_accepted)(const struct DP(dp_flow) *out, const struct DP(dp_flow) *in, const struct dp_packet_facts *reset)
{
	if (!(out->seen & DP_SEEN_DATA))
		return reset->acknowledges && reset->acknowledged == out->next;
	return reset->sequence == out->next || (!(in->seen & DP_SEEN_FIN) && reset->sequence == in->next);
}

/* Notes a packet with which the peer begins or ends a connection. */
static __noinline int DP(dp_note_event)(const struct DP(dp_flow_key) *in, struct DP(dp_flow) *flow, const struct dp_packet_facts *facts)
{
	struct DP(dp_flow_key) out = DP(dp_origin_of)(in, flow);
	struct DP(dp_flow) *twin = bpf_map_lookup_elem(&DP(dp_flows), &out);
	int is_over = twin && flow->seen & DP_SEEN_FIN && twin->next == flow->next;

	if (facts->seen & DP_SEEN_RST) {
		if (!twin || !DP(dp_is_accepted)(twin, flow, facts))
			return 0;
		twin->seen |= DP_SEEN_RST;
	} else if (facts->seen & DP_SEEN_FIN ? !is_over : !(flow->seen & DP_SEEN_SYN) && (!twin || !(twin->seen & DP_SEEN_DATA))) {
		flow->next = facts->end; /* whose end or beginning is acknowledged is not changed by whoever sends another */
	}
	DP(dp_touch)(flow, facts->seen & ~DP_SEEN_RST);
	return 0;
}

/* No window is larger (RFC 7323). */
#if DP_FAMILY == 4
#define DP_TCP_WINDOW (1U << 30)
#endif

/*
 * What the source has acknowledged is in order, whatever was missed; and what it has acknowledged more of has not ended there. Nor has what nobody could
 * have sent.
 */
static __always_inline void DP(dp_catch_up)(struct DP(dp_flow) *in, const struct DP(dp_flow) *out)
{
	if (!(out->seen & DP_SEEN_DATA) || in->next - out->next <= DP_TCP_WINDOW)
		return;
	in->next = out->next;
	in->seen &= ~DP_SEEN_FIN;
}

/* Notes what a packet from the peer tells. */
static __always_inline void DP(dp_note_received)(const struct DP(dp_flow_key) *in, struct DP(dp_flow) *flow, const struct dp_packet_facts *facts)
{
	if (unlikely(facts->seen & (DP_SEEN_SYN | DP_SEEN_FIN | DP_SEEN_RST))) {
		DP(dp_note_event)(in, flow, facts);
		return;
	}
	if (facts->sequence == flow->next)
		flow->next = facts->end;
	DP(dp_touch)(flow, facts->seen);
}
