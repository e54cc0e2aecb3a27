/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Ending flows of a family that are over. */

/* What was seen of the peer. An end of TCP counts when the source has acknowledged it: somebody else may have sent it. */
static __always_inline __u8 DP(dp_seen_of_peer)(const struct DP(dp_flow) *out, const struct DP(dp_flow) *in)
{
	if (!in)
		return 0;
	return in->next == out->next ? in->seen : in->seen & ~DP_SEEN_FIN;
}

/* Whether a flow has been idle for longer than it lives. */
static __always_inline int DP(dp_is_over)(__u8 protocol, const struct DP(dp_flow) *out, const struct DP(dp_flow) *in, __u64 now)
{
	__u64 used = out->used_at;

	if (in && in->used_at > used)
		used = in->used_at;
	return (__s64)(now - used) > (__s64)(dp_lifetime(protocol, out->seen, DP(dp_seen_of_peer)(out, in)) * DP_SECOND);
}

static __always_inline int DP(dp_is_translated_to)(const struct DP(dp_ip) *address, const struct dp_ip6 *order)
{
	struct dp_ip6 mapped;

	DP(dp_write_ip)(&mapped, address);
	return dp_same_ip6(&mapped, order);
}

/* Both entries go, or none. An incoming entry whose outgoing one is gone is no flow's. */
static __always_inline int DP(dp_sweep)(struct bpf_iter__bpf_map_elem *ctx)
{
	struct DP(dp_flow_key) key, twin_key;
	struct dp_sweep_order *order;
	struct DP(dp_flow) *twin;
	struct DP(dp_flow) flow;
	__u32 index = 0;
	__u32 reason;
	__u64 now;
	int is_over, is_others = 0;

	order = bpf_map_lookup_elem(&dp_sweep_order, &index);
	if (!ctx->key || !ctx->value || !order)
		return 0;
	key = *(struct DP(dp_flow_key) *)ctx->key;
	flow = *(struct DP(dp_flow) *)ctx->value;
	now = bpf_ktime_get_ns(); /* programs of this kind have no coarse clock; it is a few milliseconds behind */
	if (key.direction == DP_FLOW_OUT)
		twin_key = DP(dp_reverse_of)(&key, &flow.address, flow.port, key.protocol == DP(DP_ICMP));
	else
		twin_key = DP(dp_origin_of)(&key, &flow);
	twin = bpf_map_lookup_elem(&DP(dp_flows), &twin_key);
	if (key.direction == DP_FLOW_OUT && twin && !DP(dp_is_twin)(twin, &key)) {
		is_others = 1;
		twin = NULL;
	}
	is_over = order->scope == DP_SWEEP_ALL || (order->scope == DP_SWEEP_ADDRESS &&
		  DP(dp_is_translated_to)(key.direction == DP_FLOW_OUT ? &flow.address : &key.destination, &order->address));
	if (key.direction == DP_FLOW_IN) {
		if (!twin && (is_over || (__s64)(now - flow.used_at) > (__s64)(dp_one_way * DP_SECOND)))
			bpf_map_delete_elem(&DP(dp_flows), &key);
		return 0;
	}
	reason = order->scope == DP_SWEEP_ALL ? DP_NAT_END_REMOVED : DP_NAT_END_ADDRESS_GONE;
	if (!is_over) {
		if (order->scope != DP_SWEEP_OVER || !DP(dp_is_over)(key.protocol, &flow, twin, now))
			return 0;
		reason = dp_is_closed(key.protocol, flow.seen, DP(dp_seen_of_peer)(&flow, twin)) ? DP_NAT_END_CLOSED : DP_NAT_END_EXPIRED;
	}
	if (twin && twin->used_at > flow.used_at)
		flow.used_at = twin->used_at;
	if (!is_others)
		bpf_map_delete_elem(&DP(dp_flows), &twin_key);
	if (bpf_map_delete_elem(&DP(dp_flows), &key))
		return 0; /* somebody else did, and told */
	__sync_fetch_and_add(&order->ended, 1);
	DP(dp_tell)(&key, &flow, 0, dp_nat_what(DP_NAT_EVENT_ENDED, reason), now); /* when the port was not yet another's */
	return 0;
}
