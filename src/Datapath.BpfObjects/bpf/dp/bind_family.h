/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The unspecified address stands for all of the host's: a node port is served there as at each of them. */

static __always_inline int DP(dp_is_taken)(const struct bpf_sock *ctx, const struct DP(dp_ip) *address)
{
	struct DP(dp_frontend_key) key = {
		.address = *address,
		.port = bpf_htons(ctx->src_port),
		.protocol = dp_service_protocol(ctx->protocol),
	};
	__u64 range = DP(dp_find)(&key).range;
	__u32 first = dp_range_first(range);
	struct DP(dp_slot) *slot;

	if (!range)
		return 0;
	slot = bpf_map_lookup_elem(&DP(dp_slots), &first);
	return slot && dp_is_guarded(slot->type);
}
