/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Which fragments of a family are held, and what becomes of those that are not. */

static __always_inline __u32 DP(dp_ring_of)(const struct DP(dp_packet) *packet, __u8 direction)
{
	__u32 hash = DP(dp_fold_ip)(&packet->source) * 0x9e3779b1U;

	return (direction == DP_FLOW_IN ? DP_HELD_DIRECTION_RINGS : 0) + ((hash >> 16) * DP_HELD_DIRECTION_RINGS >> 16);
}

/* Holds a fragment; a verdict of tc, or DP_NAT_HOLD if it cannot be. */
static __noinline int DP(dp_hold)(struct __sk_buff *skb, struct DP(dp_scratch) *scratch, __u8 direction, __u64 flags)
{
	const struct DP(dp_packet) *packet = &scratch->packet;
	__u64 now = bpf_ktime_get_coarse_ns();
	struct dp_waiting *waiting;
	__u32 ring = DP(dp_ring_of)(packet, direction), ip = packet->facts.ip, length = skb->len - ip;
	struct dp_held *held;
	__u32 ticket = 0, more = 0;

	if (length > DP_HELD_PARTS * DP_HELD_BYTES)
		return DP_NAT_HOLD;
	if (length > DP_HELD_BYTES && dp_fill_further(skb, ip, ring, now, &more))
		return DP_NAT_HOLD;
	held = dp_claim_held(ring, &ticket, now);
	if (!held)
		return DP_NAT_HOLD;
	held->since = now;
	held->length = length;
	held->more = more;
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
	return DP(dp_first_of)(&scratch->fragment) ? dp_release(skb, waiting, ip, flags, 1) : TC_ACT_SHOT;
}

/* Sends a first fragment, and what is held for it. */
static __noinline int DP(dp_release_held)(struct __sk_buff *skb, const struct DP(dp_packet) *packet, __u8 direction, __u64 flags)
{
	struct dp_fragment_key6 key = DP(dp_waiting_key_of)(packet, direction);
	struct dp_waiting *waiting = bpf_map_lookup_elem(&dp_waiting, &key);

	return waiting ? dp_release(skb, waiting, packet->facts.ip, flags, 0) : dp_go_round(skb, flags);
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
static __noinline int DP(dp_reorder)(struct __sk_buff *skb, __u8 direction, int way)
{
	__u64 flags = direction == DP_FLOW_IN ? BPF_F_INGRESS : 0;
	struct DP(dp_scratch) *scratch;
	__u32 index = 0;

	scratch = bpf_map_lookup_elem(&DP(dp_nat_scratch), &index);
	if (!scratch)
		return TC_ACT_SHOT;
	if (way == DP_NAT_RELEASE)
		return DP(dp_release_held)(skb, &scratch->packet, direction, flags);
	way = DP(dp_hold)(skb, scratch, direction, flags);
	return way == DP_NAT_HOLD ? DP(dp_leave_unheld)(skb, &scratch->packet, direction) : way;
}
