/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The dials that are not like most: to a frontend with a header, into a range or to loopback, by a client that is left alone, or while
 * somebody listens. Apart from the common way, so that it costs that one nothing but a branch.
 */

static __always_inline __u16 DP(dp_tag_of)(const struct DP(dp_frontend_key) *key)
{
	return dp_tag(DP(dp_fold_ip)(&key->address), key->port, key->protocol);
}

/*
 * What a lookup finds that met a write: the word, with the flags where its tag was. Seldom needed and long to verify, as everything here
 * that is verified alone.
 */
DP_VERIFIED_ALONE __u64 DP(dp_find_again)(const struct DP(dp_frontend_key) *dialed)
{
	struct DP(dp_frontend_key) key;
	struct dp_found found;

	if (!dialed)
		return 0; /* cannot be, but the verifier knows no caller */
	key = *dialed;
	dp_count(DP_LOOKUP_REPEATED);
	found = dp_find(&DP(dp_frontends), &key, DP(dp_tag_of)(&key), DP_LOOKUP_TRIES - 1);
	return (found.range & DP_RANGE_WITHOUT_TAG) | (__u64)found.flags << DP_RANGE_TAG_SHIFT;
}

static __always_inline struct dp_found DP(dp_find)(const struct DP(dp_frontend_key) *key)
{
	struct dp_found found;
	__u64 again;

	if (likely(dp_find_once(&DP(dp_frontends), key, DP(dp_tag_of)(key), &found)))
		return found;
	again = DP(dp_find_again)(key);
	return (struct dp_found){ again & DP_RANGE_WITHOUT_TAG, again >> DP_RANGE_TAG_SHIFT };
}

/* The dial goes where it was to go: the socket forgets what it was connected to before. */
static __always_inline void DP(dp_pass)(struct bpf_sock_addr *ctx, __u8 protocol, enum dp_call call)
{
	if (call == DP_CONNECT && protocol != IPPROTO_TCP)
		DP(dp_forget_connected)(ctx);
}

struct DP(dp_search) {
	__u32 first;
	__u32 backend_id;
	__u32 found; /* 0: nowhere; no slot that serves has this index */
};

static long DP(dp_compare_slot)(__u32 offset, struct DP(dp_search) *search)
{
	__u32 index = search->first + offset;
	struct DP(dp_slot) *slot = bpf_map_lookup_elem(&DP(dp_slots), &index);

	if (!slot || slot->backend_id != search->backend_id)
		return 0;
	search->found = index;
	return 1;
}

/* Where among a frontend's slots the one of a backend is; 0 if it is nowhere. */
DP_VERIFIED_ALONE __u32 DP(dp_find_slot_of)(__u64 range, __u32 backend_id)
{
	struct DP(dp_search) search = { .first = dp_range_first(range) + 1, .backend_id = backend_id };

	bpf_loop(dp_range_count(range), DP(dp_compare_slot), &search, 0);
	return search.found;
}

/* The slot of the backend that the client stays with; 0 if it has none, or that one takes no new connections any more. */
static __always_inline __u32 DP(dp_find_kept_slot)(const struct dp_affinity_key *key, __u64 range, __u64 lifetime, __u64 now)
{
	struct dp_affinity *kept = bpf_map_lookup_elem(&dp_affinity, key);
	struct DP(dp_slot) *slot;
	__u32 backend_id, found;

	/* Another processor may have noted a later use than our now: that is no age at all. */
	if (!kept || dp_is_older(kept->used_at, now, lifetime))
		return 0;
	backend_id = kept->backend_id;
	found = kept->slot;
	slot = bpf_map_lookup_elem(&DP(dp_slots), &found);
	if (unlikely(!slot || slot->backend_id != backend_id || found - dp_range_first(range) - 1 >= dp_range_count(range))) {
		/* The frontend's slots are others by now: once for each client. */
		found = DP(dp_find_slot_of)(range, backend_id);
		if (!found)
			return 0;
		kept->slot = found;
	}
	if (dp_is_older(kept->used_at, now, DP_AFFINITY_PRECISION))
		kept->used_at = now;
	return found;
}

/* Whether the backend of a slot did not take a connection lately. */
DP_VERIFIED_ALONE int DP(dp_has_failed)(__u32 index)
{
	struct DP(dp_slot) *slot = bpf_map_lookup_elem(&DP(dp_slots), &index);
	struct dp_failed_key key = {};
	struct dp_failed *failed;

	if (!slot)
		return 0;
	DP(dp_write_ip)(&key.address, &slot->address);
	key.port = slot->port;
	failed = bpf_map_lookup_elem(&dp_failed, &key);
	return failed && !dp_is_older(failed->at, bpf_ktime_get_coarse_ns(), dp_failed_for);
}

struct DP(dp_walk) {
	__u32 first;
	__u32 count;
	__u32 from; /* an offset from the first */
	__u32 found; /* 0: nowhere; no slot that serves has this index */
};

static long DP(dp_try_slot)(__u32 step, struct DP(dp_walk) *walk)
{
	__u32 offset = walk->from + step;
	__u32 index = walk->first + (offset < walk->count ? offset : offset - walk->count);

	if (DP(dp_has_failed)(index))
		return 0;
	walk->found = index;
	return 1;
}

/*
 * Another slot, the chosen one's backend has failed: at random, so that the others share its dials; at last the next one that has
 * not failed, so that it is found though it be the only one. If all have failed, the choice stands.
 */
DP_VERIFIED_ALONE __u32 DP(dp_choose_another)(__u64 range, __u32 chosen)
{
	struct DP(dp_walk) walk = { .first = dp_range_first(range) + 1, .count = dp_range_count(range) };

	for (int i = 0; i < 3; i++) {
		__u32 other = dp_choose(range, IPPROTO_TCP, 0) + 1;

		if (!DP(dp_has_failed)(other))
			return other;
		walk.from = other - walk.first;
	}
	bpf_loop(walk.count < DP_FALLBACK_STEPS ? walk.count : DP_FALLBACK_STEPS, DP(dp_try_slot), &walk, 0);
	return walk.found ? walk.found : chosen;
}

/* Whether a client had better go elsewhere than where it stays. */
static __always_inline int DP(dp_is_to_leave)(__u32 kept, __u32 chosen, int falls_back)
{
	return falls_back && DP(dp_has_failed)(kept) && !DP(dp_has_failed)(chosen);
}

/* The client stays with the chosen slot's backend from now on, unless another processor was faster. Where it stays. */
DP_VERIFIED_ALONE __u32 DP(dp_stay)(const struct dp_affinity_key *client, __u64 range, __u32 seconds, __u32 chosen, int falls_back)
{
	struct dp_affinity kept = { .used_at = bpf_ktime_get_coarse_ns(), .slot = chosen };
	__u64 lifetime = seconds * 1000000000ULL;
	struct dp_affinity_key key;
	struct DP(dp_slot) *slot;
	__u32 found;

	if (!client)
		return chosen; /* cannot be, but the verifier knows no caller */
	key = *client;
	slot = bpf_map_lookup_elem(&DP(dp_slots), &chosen);
	if (!slot)
		return chosen;
	kept.backend_id = slot->backend_id;
	if (bpf_map_update_elem(&dp_affinity, &key, &kept, BPF_NOEXIST)) {
		/* Expired, or its backend is gone or failed; or another processor was faster, and then its choice counts. */
		found = DP(dp_find_kept_slot)(&key, range, lifetime, kept.used_at);
		if (found && !DP(dp_is_to_leave)(found, chosen, falls_back))
			return found;
		bpf_map_update_elem(&dp_affinity, &key, &kept, BPF_ANY);
	}
	return chosen;
}

static __always_inline __u32 DP(dp_choose_kept)(struct bpf_sock_addr *ctx, __u32 frontend_id, __u64 range, __u32 seconds, __u32 chosen,
						int falls_back)
{
	struct dp_affinity_key key = { .client = dp_affinity_client(ctx), .frontend_id = frontend_id };
	__u32 found = DP(dp_find_kept_slot)(&key, range, seconds * 1000000000ULL, bpf_ktime_get_coarse_ns());

	if (likely(found && !DP(dp_is_to_leave)(found, chosen, falls_back)))
		return found;
	return DP(dp_stay)(&key, range, seconds, chosen, falls_back);
}

/* The word of the ports around a dial's that are served together, 0 if there are none. */
DP_VERIFIED_ALONE __u64 DP(dp_find_range)(const struct DP(dp_frontend_key) *key)
{
	struct DP(dp_range_key) prefix;
	struct dp_range *range;
	__u16 port, tag = 0;
	__u64 word = 0;

	if (!key)
		return 0; /* cannot be, but the verifier knows no caller */
	prefix = (struct DP(dp_range_key)){
		.prefix_length = 32 + 8 * sizeof(struct DP(dp_ip)),
		.protocol = key->protocol,
		.address = key->address,
	};
	port = bpf_ntohs(key->port);
	range = bpf_map_lookup_elem(&DP(dp_ranges), &prefix);
	if (!range)
		return 0;
	for (int i = 0; i < DP_RANGE_PORTS; i++) {
		struct dp_port_range *ports = &range->ports[i];
		__u16 first = READ_ONCE(ports->first), last = READ_ONCE(ports->last);

		if (!first)
			break;
		if ((__u16)(port - first) > (__u16)(last - first))
			continue;
		word = READ_ONCE(ports->range);
		tag = dp_tag(first, last, 0);
		break;
	}
	/* Of another prefix that has taken the element over meanwhile: see dp_find_once(). */
	return (word >> DP_RANGE_TAG_SHIFT) == tag ? word : 0;
}

/* The word of a port of the node on the unspecified address, which stands for loopback too. */
static __noinline __u64 DP(dp_find_node_port)(const struct DP(dp_frontend_key) *key)
{
	struct DP(dp_frontend_key) any = { .port = key->port, .protocol = key->protocol };

	return DP(dp_find)(&any).range;
}

/*
 * The word of what serves an address that is no frontend's own: a range, or on the host's loopback a port of the node. So whoever has a
 * frontend there comes first, no address of 127.0.0.0/8 needs one, and of the dials to no service only those pay for it.
 */
DP_VERIFIED_ALONE __u64 DP(dp_find_wider)(struct bpf_sock_addr *ctx, const struct DP(dp_frontend_key) *key, __u32 flags)
{
	__u64 range;

	if (!key)
		return 0; /* cannot be, but the verifier knows no caller */
	range = flags & DP_STATE_HAS_RANGES ? DP(dp_find_range)(key) : 0;
	if (range || !DP(dp_is_loopback)(&key->address) || !dp_is_host(ctx))
		return range;
	return DP(dp_find_node_port)(key);
}

/* Whether anything but a frontend of its own may serve the address. */
static __always_inline int DP(dp_has_wider)(const struct DP(dp_frontend_key) *key, __u32 flags)
{
	return (flags & DP_STATE_HAS_RANGES) || DP(dp_is_loopback)(&key->address);
}

/* Below Linux 6.2 a record must be sent by the function that reserved it; and 104 bytes are too much for the stack. */
DP_VERIFIED_ALONE int DP(dp_tell)(struct bpf_sock_addr *ctx, const struct DP(dp_peer) *peer, const struct dp_outcome *outcome,
				  __u8 protocol, enum dp_call call)
{
	struct dp_event *event;

	if (!peer || !outcome || !dp_is_asked_for(ctx, outcome, protocol))
		return 0;
	event = bpf_ringbuf_reserve(&dp_events, sizeof(*event), 0);
	if (!event) {
		dp_count(DP_EVENT_LOST);
		return 0;
	}
	dp_describe(ctx, outcome, protocol, call, event);
	DP(dp_write_ip)(&event->service_address, &peer->service_address);
	DP(dp_write_ip)(&event->backend_address, &peer->backend_address);
	event->service_port = peer->service_port;
	event->backend_port = peer->backend_port;
	bpf_ringbuf_submit(event, 0);
	return 0;
}

/* What becomes of a dial, in *peer and *outcome. */
static __always_inline int DP(dp_decide)(struct bpf_sock_addr *ctx, const struct DP(dp_frontend_key) *key, __u64 range, __u32 flags,
					 enum dp_call call, struct DP(dp_peer) *peer, struct dp_outcome *outcome)
{
	__u32 first = dp_range_first(range), seconds = 0;
	struct DP(dp_slot) *slot = bpf_map_lookup_elem(&DP(dp_slots), &first);
	int falls_back = 0;
	__u64 cookie;

	if (!slot)
		return DP_PROCEED; /* cannot be: every range lies inside the array */
	outcome->verdict = DP_PASSED;
	outcome->frontend_id = slot->frontend_id;
	outcome->frontend_type = slot->type;
	if ((flags & DP_STATE_HAS_EXEMPTIONS) && dp_is_exempt(ctx, flags)) {
		outcome->reason = DP_REASON_EXEMPT;
		return DP_PROCEED;
	}
	if (dp_range_has_header(range)) {
		if ((slot->flags & DP_HEADER_HOST_ONLY) && !dp_is_host(ctx)) {
			outcome->reason = DP_REASON_HOST_ONLY;
			return DP_PROCEED;
		}
		if (slot->flags & DP_HEADER_HAS_CLIENTS) {
			__u32 set = dp_set_of(ctx, slot->frontend_id, slot->flags);
			__u64 other = set ? dp_find_set(slot->frontend_id, set) : 0;

			if (other) {
				range = other;
				outcome->set = set;
				first = dp_range_first(range);
				slot = bpf_map_lookup_elem(&DP(dp_slots), &first);
				if (!slot)
					return DP_PROCEED;
			}
		}
		if (slot->flags & DP_HEADER_PASSES) {
			outcome->reason = DP_REASON_SKIPPED;
			return DP_PROCEED;
		}
		seconds = slot->address.word[0];
		falls_back = dp_failed_for && (slot->flags & DP_HEADER_FALLS_BACK);
	}
	if (!dp_range_count(range)) {
		outcome->verdict = DP_REFUSED;
		outcome->reason = DP_REASON_NO_BACKEND;
		return dp_refuse(DP_REFUSED_NO_BACKEND, dp_no_backend_errno);
	}
	cookie = bpf_get_socket_cookie(ctx);
	first = dp_choose(range, key->protocol, cookie) + dp_range_has_header(range);
	if (falls_back && unlikely(DP(dp_has_failed)(first)))
		first = DP(dp_choose_another)(range, first);
	if (seconds)
		first = DP(dp_choose_kept)(ctx, outcome->frontend_id, range, seconds, first, falls_back);
	slot = bpf_map_lookup_elem(&DP(dp_slots), &first);
	if (!slot)
		return DP_PROCEED;
	peer->backend_address = slot->address;
	peer->backend_port = slot->port ? slot->port : key->port; /* a range leads to the port that was dialed */
	peer->frontend_id = slot->frontend_id;
	outcome->verdict = DP_TRANSLATED;
	outcome->backend_id = slot->backend_id;
	if (unlikely(call == DP_CONNECT ? DP(dp_keep_connected)(ctx, cookie, peer) : DP(dp_keep_datagram)(ctx, cookie, peer)) &&
	    dp_not_kept(key->protocol) == DP_REFUSE) {
		outcome->verdict = DP_REFUSED;
		outcome->reason = DP_REASON_NO_MEMORY;
		return DP_REFUSE;
	}
	return DP_PROCEED;
}

static __noinline int DP(dp_forward_special)(struct bpf_sock_addr *ctx, struct DP(dp_frontend_key) *key, __u64 range, __u32 flags,
					     enum dp_call call)
{
	struct DP(dp_peer) peer = { .service_address = key->address, .service_port = key->port };
	struct dp_outcome outcome = {};
	int verdict;

	if (!range)
		range = DP(dp_find_wider)(ctx, key, flags);
	if (!range) {
		DP(dp_pass)(ctx, key->protocol, call);
		return DP_PROCEED;
	}
	verdict = DP(dp_decide)(ctx, key, range, flags, call, &peer, &outcome);
	if (flags & DP_STATE_TRACES)
		DP(dp_tell)(ctx, &peer, &outcome, key->protocol, call);
	if (outcome.verdict == DP_PASSED)
		DP(dp_pass)(ctx, key->protocol, call);
	if (outcome.verdict == DP_TRANSLATED) {
		key->address = peer.backend_address;
		ctx->user_port = peer.backend_port;
	}
	return verdict;
}
