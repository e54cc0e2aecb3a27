/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What listeners are told of egress NAT, shared with user space like what is in layout_nat.h. */
#ifndef DP_LAYOUT_NAT_EVENTS_H
#define DP_LAYOUT_NAT_EVENTS_H

#include "layout_nat.h"

enum dp_nat_listening {
	DP_NAT_LISTENERS = 2,	   /* the first watches, the second keeps a log; each has a ring */
	DP_NAT_LISTENER_BITS = 4,  /* of dp_nat_state.hears, for each listener: one for each of enum dp_nat_event_kind */
	DP_NAT_LISTENER_COUNTS = 2, /* for each listener: events lost, events held back */
	DP_NAT_REASONS = 32,	   /* more than there are counters */
};

enum dp_nat_event_kind {
	DP_NAT_EVENT_REFUSED = 0, /* a packet was dropped */
	DP_NAT_EVENT_PASSED = 1,  /* a packet was left as it is, because nothing is known of what it belongs to */
	DP_NAT_EVENT_MADE = 2,	  /* a flow was given a mapping */
	DP_NAT_EVENT_ENDED = 3,	  /* a flow has none any more */
};

/* Why a flow ended. */
enum dp_nat_end {
	DP_NAT_END_CLOSED = 0,	     /* TCP ended it */
	DP_NAT_END_EXPIRED = 1,	     /* no packet came for long enough */
	DP_NAT_END_ADDRESS_GONE = 2, /* the machine has the address no more */
	DP_NAT_END_REMOVED = 3,	     /* egress NAT was */
};

/* One event. Addresses of IPv4 are mapped (::ffff:a.b.c.d). Of packets the ends are those of the packet, in its direction. */
struct dp_nat_event {
	__u64 time; /* ns on the monotonic clock */
	__u64 made_at; /* of a flow; it and what follows: 0 of a packet */
	__u64 used_at;
	struct dp_ip6 source;
	struct dp_ip6 destination;
	struct dp_ip6 translated;
	__be16 source_port;
	__be16 destination_port;
	__be16 translated_port;
	__u8 kind;
	__u8 reason; /* enum dp_nat_counter of a packet, enum dp_nat_end of a flow that ended; of one that begins 0, or DP_NAT_MAPPED_BY_PEER */
	__u8 protocol;
	__u8 direction; /* enum dp_flow_direction */
	__u16 family; /* 4 or 6 */
	__u32 device; /* 0 of a flow that ended */
	__u32 held_back; /* packets of the same reason on the same processor that were not told since the last that was */
	__u32 pad;
};

/* What a listener wants to hear. Kinds are in dp_nat_state.hears. A field that is 0 filters nothing. */
struct dp_nat_listener {
	__u64 until; /* on the coarse monotonic clock: a listener that died must not cost for ever */
	struct dp_ip6 source;
	struct dp_ip6 source_mask;
	struct dp_ip6 destination;
	struct dp_ip6 destination_mask;
	__u32 family;
	__u32 protocol;
	__u32 packets_per_second; /* that are told, of each reason and on each processor */
	__u32 pid; /* who holds the lock, for the message to whoever comes second; programs do not read it */
};

/* How many packets of a reason a processor has told. */
struct dp_nat_pace {
	__u64 since;
	__u32 told;
	__u32 held_back;
};

/* Which flows a walk ends. */
enum dp_sweep_scope {
	DP_SWEEP_OVER = 0,    /* those that are over */
	DP_SWEEP_ADDRESS = 1, /* those that are translated to an address */
	DP_SWEEP_ALL = 2,
};

/* For the walk that comes next. */
struct dp_sweep_order {
	struct dp_ip6 address; /* IPv4 is mapped */
	__u32 scope;
	__u32 pad;
	__u64 ended; /* flows, counted by walks */
};

#endif
