/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Telling listeners of the packets and flows of a family. */

static __always_inline int DP(dp_is_within)(const struct DP(dp_ip) *address, const struct dp_ip6 *range, const struct dp_ip6 *mask)
{
#if DP_FAMILY == 4
	return !((address->word[0] & mask->word[3]) ^ range->word[3]);
#else
	return dp_nat_is_within(address, range, mask);
#endif
}

static __always_inline int DP(dp_is_wanted)(const struct dp_nat_listener *wanted, const struct DP(dp_flow_key) *key)
{
	if (wanted->family && wanted->family != DP_FAMILY)
		return 0;
	if (wanted->protocol && wanted->protocol != key->protocol)
		return 0;
	return DP(dp_is_within)(&key->source, &wanted->source, &wanted->source_mask) &&
	       DP(dp_is_within)(&key->destination, &wanted->destination, &wanted->destination_mask);
}

/* Whether a listener wants to be told of this, and is to be. The time of the news, if they have none, becomes now. */
DP_VERIFIED_ALONE int DP(dp_is_to_be_told)(const struct DP(dp_flow_key) *key, const struct DP(dp_flow) *flow, struct dp_nat_news *news)
{
	struct dp_nat_listener *wanted;
	struct dp_nat_state *state;
	__u32 index = 0;

	state = bpf_map_lookup_elem(&dp_nat_state, &index);
	if (!key || !news || !state)
		return 0;
	if (flow && DP(dp_is_mapping)(key, &flow->address))
		return 0; /* the flows that use it are told */
	index = news->listener;
	wanted = bpf_map_lookup_elem(&dp_nat_listeners, &index);
	if (!wanted)
		return 0;
	if (!news->time)
		news->time = bpf_ktime_get_ns();
	if (wanted->until < news->time) {
		dp_nat_stop_telling(state, news->listener);
		return 0;
	}
	if (!DP(dp_is_wanted)(wanted, key))
		return 0;
	return flow || dp_nat_is_in_pace(news, wanted->packets_per_second);
}

/*
 * An event in a listener's ring, NULL if it wants none. It is written there at once, for the stack has no room for it, and the caller sends it: below
 * Linux 6.2 the function that reserved it must.
 */
static __always_inline struct dp_nat_event *DP(dp_begin_event)(void *ring, struct dp_nat_news *news, const struct DP(dp_flow_key) *key,
							       const struct DP(dp_flow) *flow)
{
	struct dp_nat_event *event;

	if (likely(!dp_nat_is_heard(news)) || !DP(dp_is_to_be_told)(key, flow, news))
		return NULL;
	event = bpf_ringbuf_reserve(ring, sizeof(*event), 0);
	if (!event) {
		dp_nat_count_untold(news->listener * DP_NAT_LISTENER_COUNTS);
		return NULL;
	}
	dp_nat_describe(event, news);
	event->made_at = event->used_at = 0;
	event->translated_port = 0;
	DP(dp_write_ip)(&event->source, &key->source);
	DP(dp_write_ip)(&event->destination, &key->destination);
	event->source_port = key->source_port;
	event->destination_port = key->destination_port;
	if (flow) {
		event->made_at = flow->made_at;
		event->used_at = flow->used_at > flow->made_at ? flow->used_at : flow->made_at; /* the former is a little early */
		event->translated_port = flow->port;
		DP(dp_write_ip)(&event->translated, &flow->address);
	} else {
		event->translated = (struct dp_ip6){};
	}
	event->protocol = key->protocol;
	event->direction = key->direction;
	event->family = DP_FAMILY;
	return event;
}

/*
 * Tells who listens of a packet or, with a flow, of that: what is one of dp_nat_what(), the time 0 for now. Apart from its callers, whose frames are
 * added to this one.
 */
DP_VERIFIED_ALONE int DP(dp_tell)(const struct DP(dp_flow_key) *key, const struct DP(dp_flow) *flow, __u32 device, __u32 what, __u64 time)
{
	struct dp_nat_news news = { .time = time, .device = device, .listener = 0, .kind = what, .reason = what >> 8 };
	struct dp_nat_event *event;

	if (!key)
		return 0;
	event = DP(dp_begin_event)(&dp_nat_watch, &news, key, flow);
	if (event)
		bpf_ringbuf_submit(event, 0);
	news = (struct dp_nat_news){ .time = time, .device = device, .listener = 1, .kind = what, .reason = what >> 8 };
	event = DP(dp_begin_event)(&dp_nat_log, &news, key, flow);
	if (event)
		bpf_ringbuf_submit(event, 0);
	return 0;
}
