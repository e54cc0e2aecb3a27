/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Whether a connected socket is where its service no longer leads. */

#define DP_RETIRED_MAP(map, key_type)                 \
	struct {                                      \
		__uint(type, BPF_MAP_TYPE_HASH);      \
		__type(key, key_type);                \
		__type(value, struct dp_staying);     \
		__uint(max_entries, 16384);           \
		__uint(map_flags, BPF_F_RDONLY_PROG); \
	} map SEC(".maps")

DP_RETIRED_MAP(DP(dp_retired), struct DP(dp_retired));

#undef DP_RETIRED_MAP

/* What the socket dialed. One that has connected elsewhere since, or was connected there without a service, has another peer or none. */
static __always_inline struct DP(dp_peer) *DP(dp_find_leader)(struct sock_common *sk, const struct DP(dp_ip) *address)
{
	struct DP(dp_peer) *peer = DP(dp_find_own_peer)(sk, sk);

	return peer && DP(dp_is_backend)(peer, address, sk->skc_dport) ? peer : NULL;
}

static __always_inline int DP(dp_is_stale)(struct sock_common *sk, struct sock *full, const struct DP(dp_ip) *address)
{
	struct DP(dp_peer) *peer = DP(dp_find_leader)(sk, address);
	struct dp_staying *staying;
	struct DP(dp_retired) key;

	if (!peer)
		return 0;
	key = (struct DP(dp_retired)){ .backend_address = *address, .backend_port = sk->skc_dport, .frontend_id = peer->frontend_id };
	staying = bpf_map_lookup_elem(&DP(dp_retired), &key);
	if (!staying) {
		key.backend_port = 0; /* of a range: whatever port was dialed */
		staying = bpf_map_lookup_elem(&DP(dp_retired), &key);
	}
	return staying && !(staying->sets & 1ULL << dp_set_of_owner(full, peer->frontend_id));
}

static __always_inline int DP(dp_describe_led)(struct sock_common *sk, const struct DP(dp_ip) *address, struct dp_led *led)
{
	struct DP(dp_peer) *peer = DP(dp_find_leader)(sk, address);

	if (!peer)
		return 0;
	led->frontend_id = peer->frontend_id;
	led->backend_port = peer->backend_port;
	DP(dp_write_ip)(&led->backend_address, address);
	return 1;
}
