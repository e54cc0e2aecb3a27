/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Telling listeners what egress NAT does: the rings, and what is asked for. */
#ifndef DP_NAT_EVENTS_H
#define DP_NAT_EVENTS_H

#include "layout_nat_events.h"
#include "state_map.h"

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 1 << 20);
} dp_nat_watch SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 1 << 22);
} dp_nat_log SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__type(key, __u32);
	__type(value, struct dp_nat_listener);
	__uint(max_entries, DP_NAT_LISTENERS);
	__uint(map_flags, BPF_F_MMAPABLE);
} dp_nat_listeners SEC(".maps");

/* For each listener: events that found no room in its ring, and packets that were held back. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__type(key, __u32);
	__type(value, __u64);
	__uint(max_entries, DP_NAT_LISTENERS * DP_NAT_LISTENER_COUNTS);
} dp_nat_untold SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__type(key, __u32);
	__type(value, struct dp_nat_pace);
	__uint(max_entries, DP_NAT_LISTENERS * DP_NAT_REASONS);
} dp_nat_paces SEC(".maps");

/* The bits of all listeners for mappings that are made. */
#define DP_NAT_HEARS_MADE (1U << DP_NAT_EVENT_MADE | 1U << (DP_NAT_LISTENER_BITS + DP_NAT_EVENT_MADE))

/* What is told, and to whom. */
struct dp_nat_news {
	__u64 time; /* ns on the monotonic clock; 0: now */
	__u32 device;
	__u32 held_back; /* packets for the same reason that were not told before */
	__u8 listener;
	__u8 kind;
	__u8 reason;
};

static __always_inline __u32 dp_nat_what(enum dp_nat_event_kind kind, __u32 reason)
{
	return kind | reason << 8;
}

static __always_inline void dp_nat_count_untold(__u32 index)
{
	__u64 *count = bpf_map_lookup_elem(&dp_nat_untold, &index);

	if (count)
		++*count;
}

/*
 * Whether a packet is told. Each reason has so many in a second on each processor and no more, so that a flood of one neither fills the ring nor
 * hides the others. How many were not told is told with the next that is.
 */
static __always_inline int dp_nat_is_in_pace(struct dp_nat_news *news, __u32 most)
{
	__u32 index = news->listener * DP_NAT_REASONS + (news->reason & (DP_NAT_REASONS - 1));
	struct dp_nat_pace *pace = bpf_map_lookup_elem(&dp_nat_paces, &index);

	if (!pace)
		return 0;
	if (news->time - pace->since >= DP_SECOND) {
		pace->since = news->time;
		pace->told = 0;
	}
	if (pace->told >= most) {
		pace->held_back++;
		dp_nat_count_untold(news->listener * DP_NAT_LISTENER_COUNTS + 1);
		return 0;
	}
	pace->told++;
	news->held_back = pace->held_back;
	pace->held_back = 0;
	return 1;
}

/* The listener is gone and could not say so: nothing is told any more. One that is only late asks anew. */
static __always_inline void dp_nat_stop_telling(struct dp_nat_state *state, __u32 listener)
{
	__sync_fetch_and_and(&state->hears, ~(((1U << DP_NAT_LISTENER_BITS) - 1) << listener * DP_NAT_LISTENER_BITS));
}

static __always_inline int dp_nat_is_heard(const struct dp_nat_news *news)
{
	__u32 index = 0;
	struct dp_nat_state *state = bpf_map_lookup_elem(&dp_nat_state, &index);

	return state && READ_ONCE(state->hears) & 1U << (news->listener * DP_NAT_LISTENER_BITS + news->kind);
}

static __always_inline int dp_nat_is_within(const struct dp_ip6 *address, const struct dp_ip6 *range, const struct dp_ip6 *mask)
{
	return !(((address->word[0] & mask->word[0]) ^ range->word[0]) | ((address->word[1] & mask->word[1]) ^ range->word[1]) |
		 ((address->word[2] & mask->word[2]) ^ range->word[2]) | ((address->word[3] & mask->word[3]) ^ range->word[3]));
}

/* What is the same for both families. A function of its own, because frames of older kernels are added up. */
static __noinline int dp_nat_describe(struct dp_nat_event *event, const struct dp_nat_news *news)
{
	event->time = news->time;
	event->kind = news->kind;
	event->reason = news->reason;
	event->device = news->device;
	event->held_back = news->held_back;
	event->pad = 0;
	return 0;
}

#endif
