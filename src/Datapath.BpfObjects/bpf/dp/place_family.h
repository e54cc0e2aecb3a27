/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Reading what a socket dialed (see struct dp_place4): from the hooks of its calls, and while all sockets are walked over. */

static __always_inline int DP(dp_is_backend)(const struct DP(dp_peer) *peer, const struct DP(dp_ip) *address, __be16 port)
{
	return peer->backend_port == port && DP(dp_same_ip)(&peer->backend_address, address);
}

/* The socket's own peer; NULL if it has none. The context is what this kind of program asks for a socket's cookie. */
static __always_inline struct DP(dp_peer) *DP(dp_find_own_peer)(void *sk, void *ctx)
{
	__u32 index = dp_place_index(sk);
	struct DP(dp_place) *place = bpf_map_lookup_elem(&DP(dp_places), &index);

	if (unlikely(!place) || !place->owner)
		return NULL;
	if (unlikely(place->owner != (__u64)sk))
		return bpf_sk_storage_get(&DP(dp_peer), sk, NULL, 0);
	return place->cookie == bpf_get_socket_cookie(ctx) ? &place->peer : NULL;
}
