/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The way back: what a socket dialed, kept as long as the socket lives (see struct dp_place4). A connected socket has one peer. A datagram socket that
 * names an address with each send has a first peer too, and a ring for those after it, so that the many that only ever
 * talk to one pay for one.
 */

static __always_inline int DP(dp_is_peer)(const struct DP(dp_peer) *a, const struct DP(dp_peer) *b)
{
	return a->service_port == b->service_port && a->frontend_id == b->frontend_id &&
	       DP(dp_is_backend)(a, &b->backend_address, b->backend_port) &&
	       DP(dp_same_ip)(&a->service_address, &b->service_address);
}

/* The socket's own peer, made if it has none; NULL if there is no memory for one. */
static __always_inline struct DP(dp_peer) *DP(dp_own_peer)(struct bpf_sock_addr *ctx, __u64 cookie)
{
	struct bpf_sock *sk = ctx->sk;
	__u32 index = dp_place_index(sk);
	struct DP(dp_place) *place = bpf_map_lookup_elem(&DP(dp_places), &index);
	__u64 before;

	if (unlikely(!place))
		return NULL; /* cannot be: every index lies inside the array */
	if (unlikely(place->owner != (__u64)sk) &&
	    (place->owner || __sync_val_compare_and_swap(&place->owner, 0, (__u64)sk)))
		return bpf_sk_storage_get(&DP(dp_peer), sk, NULL, BPF_SK_STORAGE_GET_F_CREATE);
	before = place->cookie;
	if (before != cookie && __sync_val_compare_and_swap(&place->cookie, before, cookie) == before)
		place->peer.backend_port = 0; /* of a socket that had this address before */
	return &place->peer;
}

/* The peer of a connect(): replaces whatever the socket dialed before. */
static __always_inline int DP(dp_keep_connected)(struct bpf_sock_addr *ctx, __u64 cookie, struct DP(dp_peer) *peer)
{
	struct DP(dp_peer) *kept = DP(dp_own_peer)(ctx, cookie);

	if (unlikely(!kept))
		return -ENOMEM;
	if (!DP(dp_is_peer)(kept, peer))
		*kept = *peer;
	return 0;
}

/* Where among the further peers of the calling socket the one with a backend is; negative if there is none. */
DP_VERIFIED_ALONE int DP(dp_find_further)(struct bpf_sock_addr *ctx, const struct DP(dp_ip) *address, __be16 port)
{
	struct DP(dp_ring) *ring = bpf_sk_storage_get(&DP(dp_ring), ctx->sk, NULL, 0);

	if (!address || !ring)
		return -1;
	for (int i = 0; i < DP_RING_PEERS; i++)
		if (DP(dp_is_backend)(&ring->peers[i], address, port))
			return i;
	return -1;
}

static __always_inline int DP(dp_keep_further)(struct bpf_sock_addr *ctx, struct DP(dp_peer) *peer)
{
	struct DP(dp_ring) *ring = bpf_sk_storage_get(&DP(dp_ring), ctx->sk, NULL, BPF_SK_STORAGE_GET_F_CREATE);
	__u32 place;

	if (unlikely(!ring))
		return -ENOMEM;
	place = DP(dp_find_further)(ctx, &peer->backend_address, peer->backend_port);
	if (place < DP_RING_PEERS) {
		if (!DP(dp_is_peer)(&ring->peers[place], peer))
			ring->peers[place] = *peer;
		return 0;
	}
	place = ring->next;
	ring->next = place + 1;
	ring->peers[place & (DP_RING_PEERS - 1)] = *peer;
	return 0;
}

/* A peer of one datagram. A steady stream to one service finds it in place and writes nothing. */
static __always_inline int DP(dp_keep_datagram)(struct bpf_sock_addr *ctx, __u64 cookie, struct DP(dp_peer) *peer)
{
	struct DP(dp_peer) *kept = DP(dp_own_peer)(ctx, cookie);

	if (unlikely(!kept))
		return -ENOMEM;
	if (likely(DP(dp_is_peer)(kept, peer)))
		return 0;
	if (kept->backend_port == 0 || DP(dp_is_backend)(kept, &peer->backend_address, peer->backend_port)) {
		*kept = *peer;
		return 0;
	}
	return DP(dp_keep_further)(ctx, peer);
}

/* The peer whose backend is this address, if the socket has dialed it through a service. */
static __always_inline struct DP(dp_peer) *DP(dp_peer_of)(struct bpf_sock_addr *ctx, const struct DP(dp_ip) *address,
							   __be16 port)
{
	struct DP(dp_peer) *kept = DP(dp_find_own_peer)(ctx->sk, ctx);
	struct DP(dp_ring) *ring;
	__u32 place;

	if (!kept)
		return NULL;
	if (likely(DP(dp_is_backend)(kept, address, port)))
		return kept;
	place = DP(dp_find_further)(ctx, address, port);
	if (place >= DP_RING_PEERS)
		return NULL;
	ring = bpf_sk_storage_get(&DP(dp_ring), ctx->sk, NULL, 0);
	if (!ring)
		return NULL;
	asm volatile("" : "+r"(place)); /* or the compiler makes the address before it knows that there is a ring */
	return &ring->peers[place & (DP_RING_PEERS - 1)];
}

/*
 * The socket connects to an address that is no service: what it connected to before must not name its new peer. If the
 * place still holds a dead socket's peer that one goes, which is no loss; so the cookie need not be asked for.
 */
static __always_inline void DP(dp_forget_connected)(struct bpf_sock_addr *ctx)
{
	struct bpf_sock *sk = ctx->sk;
	__u32 index = dp_place_index(sk);
	struct DP(dp_place) *place = bpf_map_lookup_elem(&DP(dp_places), &index);
	struct DP(dp_peer) *kept;

	if (unlikely(!place) || !place->owner)
		return;
	if (place->owner == (__u64)sk) {
		place->peer.backend_port = 0;
		return;
	}
	kept = bpf_sk_storage_get(&DP(dp_peer), sk, NULL, 0);
	if (kept)
		kept->backend_port = 0;
}
