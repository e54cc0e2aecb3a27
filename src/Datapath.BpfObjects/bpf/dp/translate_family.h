/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The two directions: a dial to a service becomes a dial to one of its backends, and an address that a socket sees
 * becomes the service that it dialed. The address goes in and out through *address, the port through the context. An address that
 * stays as it is is not written back: most dials are to no service.
 */

static __always_inline int DP(dp_forward)(struct bpf_sock_addr *ctx, struct DP(dp_ip) *address, int *is_changed, enum dp_call call)
{
	struct DP(dp_frontend_key) key = {
		.address = *address,
		.port = ctx->user_port,
		.protocol = dp_service_protocol(ctx->protocol),
	};
	struct dp_found found;
	struct DP(dp_peer) peer;
	struct DP(dp_slot) *slot;
	__u64 cookie;
	__u32 index;

	if (dp_serves_host_only && !dp_is_host(ctx))
		return DP_PROCEED;
	found = DP(dp_find)(&key);
	if (!found.range && !DP(dp_has_wider)(&key, found.flags)) {
		DP(dp_pass)(ctx, key.protocol, call);
		return DP_PROCEED;
	}
	if (unlikely(!found.range || found.flags || dp_range_has_header(found.range))) {
		int verdict = DP(dp_forward_special)(ctx, &key, found.range, found.flags, call);

		*address = key.address;
		*is_changed = 1;
		return verdict;
	}
	if (unlikely(!dp_range_count(found.range)))
		return dp_refuse(DP_REFUSED_NO_BACKEND, dp_no_backend_errno);
	cookie = bpf_get_socket_cookie(ctx);
	index = dp_choose(found.range, key.protocol, cookie);
	slot = bpf_map_lookup_elem(&DP(dp_slots), &index);
	if (unlikely(!slot))
		return DP_PROCEED; /* cannot be: every range lies inside the array */
	peer = (struct DP(dp_peer)){
		.service_address = key.address,
		.backend_address = slot->address,
		.service_port = key.port,
		.backend_port = slot->port,
		.frontend_id = slot->frontend_id,
	};
	if (unlikely(call == DP_CONNECT ? DP(dp_keep_connected)(ctx, cookie, &peer) :
					  DP(dp_keep_datagram)(ctx, cookie, &peer)) &&
	    dp_not_kept(key.protocol) == DP_REFUSE)
		return DP_REFUSE;
	*address = peer.backend_address;
	*is_changed = 1;
	ctx->user_port = peer.backend_port;
	return DP_PROCEED;
}

/*
 * The service must still be the one that was dialed: its id is in its first slot. A service that lost its backends is
 * still itself, so late replies keep the name that the application knows.
 */
static __always_inline int DP(dp_reverse)(struct bpf_sock_addr *ctx, struct DP(dp_ip) *address)
{
	struct DP(dp_peer) *peer = DP(dp_peer_of)(ctx, address, ctx->user_port);
	struct DP(dp_frontend_key) key;
	__u32 first, frontend_id;
	struct DP(dp_slot) *slot;
	struct dp_found found;

	if (!peer)
		return 0;
	key = (struct DP(dp_frontend_key)){
		.address = peer->service_address,
		.port = peer->service_port,
		.protocol = dp_service_protocol(ctx->protocol),
	};
	frontend_id = peer->frontend_id; /* the last of the peer: where it was kept no longer tells what follows apart */
	found = DP(dp_find)(&key);
	if (unlikely(!found.range))
		found.range = DP(dp_find_wider)(ctx, &key, found.flags);
	first = dp_range_first(found.range);
	slot = bpf_map_lookup_elem(&DP(dp_slots), &first);
	if (!slot || slot->frontend_id != frontend_id) {
		dp_count(DP_REPLY_STALE);
		return 0;
	}
	*address = key.address;
	ctx->user_port = key.port;
	return 1;
}
