/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Fragments that came before the first of their datagram, which alone has the ports. A program cannot keep a packet, but its bytes: they lie here until
 * the first comes, for a second at most. A datagram's form a chain, from the one that came last to the one before it.
 *
 * They lie in rings, for each direction some, among which the sources are dealt. In a ring the newest takes the place of the oldest. So they never take
 * more room, and whoever sends many displaces those of the sources of one ring, for no longer than that lasts. One that is longer than a slot goes on in
 * further slots of its ring, which are claimed and filled before the one that it begins with: what leads to a slot is as young as it at least.
 */
#ifndef DP_HELD_MAPS_H
#define DP_HELD_MAPS_H

#include "layout_nat.h"

enum {
	DP_HELD_BYTES = 1976, /* of a slot, which has 2048 so */
	DP_HELD_PARTS = 8,    /* slots of a fragment: no more bytes than a packet on its way in can be made to have, SKB_MAX_ALLOC */
	DP_HELD_RING = 64,    /* slots of a ring, more than the longest datagram takes in frames of 1280 bytes and in those of 9000 */
	DP_HELD_RINGS = 16,
	DP_HELD_DIRECTION_RINGS = 8, /* of each direction */
};

/* Of a slot. Whoever makes it busy has it for himself. */
enum dp_held_state {
	DP_HELD_FREE = 0,
	DP_HELD_BUSY = 1,
	DP_HELD_FULL = 2,
	DP_HELD_STATES = 3, /* the bits that tell it */
};

struct dp_held {
	__u64 turn; /* enum dp_held_state, and above it the ticket of who has the slot */
	__u64 since; /* ns on the coarse monotonic clock */
	struct dp_fragment_key6 key; /* of the datagram; IPv4 is mapped */
	__u32 next; /* the ticket of the one before in the chain; 0: it is the last */
	__u32 device;
	__u16 length; /* of the whole fragment */
	__u8 family; /* 4 or 6; 0: a fragment goes on here, and this and what stands above but for turn and since tells nothing */
	__u8 protocol; /* as far as it was known */
	__u32 more; /* the ticket of the slot in which it goes on; 0: it ends here */
	__u8 bytes[DP_HELD_BYTES]; /* from the IP header on, or from where the slot before ends */
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__type(key, __u32);
	__type(value, struct dp_held);
	__uint(max_entries, DP_HELD_RING * DP_HELD_RINGS);
} dp_held SEC(".maps");

/* A cache line for each, as processors count there. */
struct dp_held_ring {
	__u32 claimed; /* slots that were, one after the other */
	__u32 pad[15];
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__type(key, __u32);
	__type(value, struct dp_held_ring);
	__uint(max_entries, DP_HELD_RINGS);
} dp_held_rings SEC(".maps");

/* A datagram whose first fragment has not come yet. */
struct dp_waiting {
	__u32 last; /* the ticket of the fragment that came last; 0: none is held */
	__u32 pad;
};

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__type(key, struct dp_fragment_key6);
	__type(value, struct dp_waiting);
	__uint(max_entries, 8192);
} dp_waiting SEC(".maps");

/* All that is written before it is seen by others before anything is read after it, on processors that reorder the two. The place is one's own. */
static __always_inline void dp_write_before_read(__u32 *place)
{
	__sync_lock_test_and_set(place, 0);
}

#endif
