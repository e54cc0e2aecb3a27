/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The unspecified address stands for all of the host's: a node port is served there as at each of them, and at loopback. */

static __always_inline int DP(dp_is_taken)(const struct bpf_sock *ctx, const struct DP(dp_ip) *address)
{
	struct DP(dp_frontend_key) key = {
		.address = *address,
		.port = bpf_htons(ctx->src_port),
		.protocol = dp_service_protocol(ctx->protocol),
	};
	__u64 range = DP(dp_find)(&key).range;
	struct DP(dp_slot) *slot;
	__u32 first;

	if (!range && DP(dp_is_loopback)(address))
		range = DP(dp_find_node_port)(&key);
	if (!range)
		return 0;
	first = dp_range_first(range);
	slot = bpf_map_lookup_elem(&DP(dp_slots), &first);
	return slot && dp_is_guarded(slot->type);
}
