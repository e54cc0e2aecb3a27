/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Which fragments of a family are held, and what becomes of those that are not. */

static __always_inline __u32 DP(dp_ring_of)(const struct DP(dp_packet) *packet, __u8 direction)
{
	__u32 hash = DP(dp_fold_ip)(&packet->source) * 0x9e3779b1U;

	return (direction == DP_FLOW_IN ? DP_HELD_DIRECTION_RINGS : 0) + ((hash >> 16) * DP_HELD_DIRECTION_RINGS >> 16);
}

/* Copies what of a fragment goes beyond one slot; in the scratch comes the ticket of where that begins. */
static __always_inline int DP(dp_hold_further)(struct __sk_buff *skb, struct DP(dp_scratch) *scratch, __u8 direction)
{
	__u32 ip = scratch->packet.facts.ip, length = skb->len - ip;

	scratch->more = 0;
	if (length > DP_HELD_PARTS * DP_HELD_BYTES)
		return -1;
	return length > DP_HELD_BYTES ? dp_fill_further(skb, ip, DP(dp_ring_of)(&scratch->packet, direction), &scratch->more) : 0;
}

/* Holds what of a fragment goes into one slot; a verdict of tc, DP_NAT_HOLD if it cannot be, or DP_NAT_RELEASE if the chain in the scratch is to go. */
static __noinline int DP(dp_hold)(struct __sk_buff *skb, struct DP(dp_scratch) *scratch, __u8 direction)
{
	const struct DP(dp_packet) *packet = &scratch->packet;
	__u64 now = bpf_ktime_get_coarse_ns();
	__u32 ticket = 0, ip = packet->facts.ip;
	struct dp_waiting *waiting;
	struct dp_held *held;

	held = dp_claim_held(DP(dp_ring_of)(packet, direction), &ticket, now);
	if (!held)
		return DP_NAT_HOLD;
	held->since = now;
	held->length = skb->len - ip;
	held->more = scratch->more;
	held->key = DP(dp_waiting_key_of)(packet, direction);
	held->device = skb->ifindex;
	held->family = DP_FAMILY;
	held->protocol = packet->facts.protocol;
	waiting = bpf_map_lookup_elem(&dp_waiting, &held->key);
	if (!waiting) {
		struct dp_waiting none = {};

		bpf_map_update_elem(&dp_waiting, &held->key, &none, BPF_NOEXIST);
		waiting = bpf_map_lookup_elem(&dp_waiting, &held->key);
	}
	if (!waiting || dp_fill_slot(skb, ip, skb->len, held)) {
		dp_set_turn(held, DP_HELD_FREE);
		return DP_NAT_HOLD;
	}
	dp_set_turn(held, dp_turn(ticket, DP_HELD_FULL));
	if (dp_chain(waiting, held, ticket)) {
		if (!dp_take_held(ticket))
			return TC_ACT_SHOT; /* others displaced it, and counted it */
		dp_set_turn(held, DP_HELD_FREE);
		return DP_NAT_HOLD;
	}

	/*
	 * The first may have come meanwhile on another processor. Either it has seen this one in the chain, or it is seen here, and then all of the chain go from
	 * here: one that took itself out of it would leave those behind it to nobody.
	 */
	scratch->fragment = DP(dp_fragment_key_of)(packet, direction);
	if (!DP(dp_first_of)(&scratch->fragment))
		return TC_ACT_SHOT;
	scratch->chain = dp_unchain(waiting);
	return DP_NAT_RELEASE;
}

/* Takes the chain of what is held for a first fragment: the ticket of its head, 0 if nothing is. */
static __noinline __u32 DP(dp_find_chain)(const struct DP(dp_packet) *packet, __u8 direction)
{
	struct dp_fragment_key6 key = DP(dp_waiting_key_of)(packet, direction);
	struct dp_waiting *waiting = bpf_map_lookup_elem(&dp_waiting, &key);

	return waiting ? dp_unchain(waiting) : 0;
}

static __noinline int DP(dp_leave_unheld)(struct __sk_buff *skb, const struct DP(dp_packet) *packet, __u8 direction)
{
	struct DP(dp_flow_key) key = DP(dp_key_of)(packet, direction);

	if (direction == DP_FLOW_OUT)
		return DP(dp_refuse)(skb, &key, DP_NAT_REFUSED_FRAGMENT);
	DP(dp_pass)(skb, &key, DP_NAT_UNKNOWN_FRAGMENT);
	return TC_ACT_UNSPEC;
}

/* What becomes of a fragment that comes before its first, and of a first that others wait for. */
static __always_inline int DP(dp_reorder)(struct __sk_buff *skb, struct DP(dp_scratch) *scratch, __u8 direction, int way)
{
	__u64 flags = direction == DP_FLOW_IN ? BPF_F_INGRESS : 0;
	int is_first = way == DP_NAT_RELEASE;

	if (is_first)
		scratch->chain = DP(dp_find_chain)(&scratch->packet, direction);
	else if (!DP(dp_hold_further)(skb, scratch, direction))
		way = DP(dp_hold)(skb, scratch, direction);
	if (way == DP_NAT_RELEASE)
		return dp_release(skb, scratch->chain, scratch->packet.facts.ip, flags, !is_first);
	return way == DP_NAT_HOLD ? DP(dp_leave_unheld)(skb, &scratch->packet, direction) : way;
}
