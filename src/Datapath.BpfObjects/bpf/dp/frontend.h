/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Finding a frontend, one hash lookup, and choosing one of its slots. */
#ifndef DP_FRONTEND_H
#define DP_FRONTEND_H

#include "config.h"
#include "maps_of_state.h"

DP_CONFIG(__u8, dp_is_weakly_ordered, "whether the machine may reorder loads") = 0;

static __always_inline __u32 dp_range_first(__u64 range)
{
	return range & ((1U << DP_RANGE_FIRST_BITS) - 1);
}

static __always_inline __u32 dp_range_count(__u64 range)
{
	return (range >> DP_RANGE_COUNT_SHIFT) & ((1U << DP_RANGE_COUNT_BITS) - 1);
}

static __always_inline __u32 dp_range_has_header(__u64 range)
{
	return (range >> DP_RANGE_HEADER_SHIFT) & 1;
}

enum {
	DP_LOOKUP_TRIES = 4,
};

#define DP_RANGE_WITHOUT_TAG ((1ULL << DP_RANGE_TAG_SHIFT) - 1)

/* What a lookup finds: the key's word, 0 if there is none, and what else is to be looked after (enum dp_state_flags). */
struct dp_found {
	__u64 range;
	__u32 flags;
};

/* User space makes the same 16 bits. Neighbouring addresses and ports must differ, more is not asked of it. */
static __always_inline __u16 dp_tag(__u32 address, __be16 port, __u8 protocol)
{
	return address ^ (address >> 16) ^ port ^ protocol;
}

/* Loads before it are done before loads after it. The machine's own order is enough on x64; elsewhere an atomic is. */
static __always_inline void dp_order_loads(void)
{
	if (dp_is_weakly_ordered) {
		__u64 nothing = 0;

		__sync_fetch_and_add(&nothing, 0);
	}
}

/* The count of writes in the low half, the flags in the high one: read together, they cost one load. */
static __always_inline __u64 dp_read_state(void)
{
	__u32 index = 0;
	struct dp_state *state = bpf_map_lookup_elem(&dp_state, &index);
	__u64 *both;

	if (!state)
		return 0; /* cannot be: the array has one element */
	both = (void *)&state->frontend_writes; /* aligned, which the types of its halves do not say */
	return READ_ONCE(*both);
}

/*
 * The value word of a key, in *found. A word is never 0: slot 0 belongs to nobody. False if the lookup must be repeated.
 *
 * A lookup that meets a write may stand on an element which the kernel has just taken out and is giving to another key. It
 * then reads the other key's word, which the tag tells, or finds nothing although the key was there all the time: the
 * element has the other key's bytes already, and its end of the chain still. So "nothing" counts only if nobody wrote
 * meanwhile. While one writes, that needs several such meetings in a row to go wrong.
 */
static __always_inline int dp_find_once(void *map, const void *key, __u16 tag, struct dp_found *found)
{
	__u64 before = dp_read_state();
	struct dp_frontend *frontend;

	*found = (struct dp_found){ 0, before >> 32 };
	dp_order_loads();
	frontend = bpf_map_lookup_elem(map, key);
	if (frontend) {
		__u64 range = READ_ONCE(frontend->range);

		if (likely((range >> DP_RANGE_TAG_SHIFT) == tag)) {
			found->range = range;
			return 1;
		}
	}
	dp_order_loads();
	return likely(!(before & 1) && dp_read_state() == before);
}

/* With all tries, for functions that are verified alone: elsewhere the verifier would go through each try on each way there. */
static __always_inline struct dp_found dp_find(void *map, const void *key, __u16 tag, int tries)
{
	struct dp_found found = {};

#pragma nounroll
	for (int i = 0; i < tries && !dp_find_once(map, key, tag, &found); i++)
		dp_count(DP_LOOKUP_REPEATED);
	return found;
}

/*
 * Which slot a socket gets. TCP picks at random. A datagram socket always picks the same place in the range (the cookie
 * is unique for the life of the machine), whatever it sends; it moves only if that slot is dealt to another backend.
 */
static __always_inline __u32 dp_choose(__u64 range, __u8 protocol, __u64 cookie)
{
	__u32 random = protocol == IPPROTO_TCP ? bpf_get_prandom_u32() : (cookie * 0x9e3779b97f4a7c15ULL) >> 32;

	return dp_range_first(range) + (((__u64)random * dp_range_count(range)) >> 32);
}

#endif
