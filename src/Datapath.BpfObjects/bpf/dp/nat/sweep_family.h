/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Ending flows of a family that are over. */

/* How much of both entries a flow has left; 0: it is over. */
static __always_inline int DP(dp_is_over)(__u8 protocol, const struct DP(dp_flow) *out, const struct DP(dp_flow) *in, __u64 now)
{
	__u64 used = out->used_at;

	if (in && in->used_at > used)
		used = in->used_at;
	return (__s64)(now - used) > (__s64)(dp_lifetime(protocol, out->seen, in ? in->seen : 0) * DP_SECOND);
}

/* Both entries go, or none. An incoming entry whose outgoing one is gone is no flow's. */
static __always_inline int DP(dp_sweep)(struct bpf_iter__bpf_map_elem *ctx)
{
	struct DP(dp_flow_key) key, twin_key;
	struct DP(dp_flow) *twin;
	struct DP(dp_flow) flow;
	__u64 now;

	if (!ctx->key || !ctx->value)
		return 0;
	key = *(struct DP(dp_flow_key) *)ctx->key;
	flow = *(struct DP(dp_flow) *)ctx->value;
	now = bpf_ktime_get_ns(); /* programs of this kind have no coarse clock; it is a few milliseconds behind */
	if (key.direction == DP_FLOW_OUT)
		twin_key = DP(dp_reverse_of)(&key, &flow.address, flow.port, key.protocol == DP(DP_ICMP));
	else
		twin_key = DP(dp_origin_of)(&key, &flow);
	twin = bpf_map_lookup_elem(&DP(dp_flows), &twin_key);
	if (key.direction == DP_FLOW_IN) {
		if (!twin && (__s64)(now - flow.used_at) > (__s64)(dp_one_way * DP_SECOND))
			bpf_map_delete_elem(&DP(dp_flows), &key);
		return 0;
	}
	if (!DP(dp_is_over)(key.protocol, &flow, twin, now))
		return 0;
	bpf_map_delete_elem(&DP(dp_flows), &twin_key);
	bpf_map_delete_elem(&DP(dp_flows), &key);
	bpf_seq_write(ctx->meta->seq, &key, sizeof(key));
	return 0;
}
