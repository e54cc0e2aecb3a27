/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Finding a frontend, one hash lookup, and choosing one of its slots. */
#ifndef DP_FRONTEND_H
#define DP_FRONTEND_H

#include "maps.h"

static __always_inline __u32 dp_range_first(__u64 range)
{
	return range & ((1U << DP_RANGE_FIRST_BITS) - 1);
}

static __always_inline __u32 dp_range_count(__u64 range)
{
	return (range >> DP_RANGE_COUNT_SHIFT) & ((1U << DP_RANGE_COUNT_BITS) - 1);
}

/* User space makes the same 16 bits. Neighbouring addresses and ports must differ, more is not asked of it. */
static __always_inline __u16 dp_tag(__u32 address, __be16 port, __u8 protocol)
{
	return address ^ (address >> 16) ^ port ^ protocol;
}

/* The value word of a key, 0 if there is none. A word is never 0: slot 0 belongs to nobody. */
static __always_inline __u64 dp_find(void *map, const void *key, __u16 tag)
{
	/* A recycled element means that user space is replacing frontends at this instant: the next lookup finds the new one. */
#pragma unroll
	for (int i = 0; i < 3; i++) {
		struct dp_frontend *frontend = bpf_map_lookup_elem(map, key);
		__u64 range;

		if (!frontend)
			return 0;
		range = READ_ONCE(frontend->range);
		if (likely((range >> DP_RANGE_TAG_SHIFT) == tag))
			return range;
		dp_count(DP_FRONTEND_RECYCLED);
	}
	return 0;
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
