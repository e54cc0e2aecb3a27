/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Keys, values and numbers shared with user space. The C# mirrors in Layout/ are checked field by field against the BTF
 * of the object. Padding is explicit, because the kernel hashes every byte of a key. Numbers are appended, never renumbered.
 */
#ifndef DP_LAYOUT_H
#define DP_LAYOUT_H

#include "kernel.h"

/* Addresses of both families as structs, so that one source serves both: they are assigned and passed alike. Network order. */
struct dp_ip4 {
	__be32 word[1];
};

struct dp_ip6 {
	__be32 word[4];
};

/* What a client dials. Eight bytes: with an eight-byte value a hash element fills exactly one cache line. */
struct dp_frontend_key4 {
	struct dp_ip4 address;
	__be16 port;
	__u8 protocol;
	__u8 pad;
};

struct dp_frontend_key6 {
	struct dp_ip6 address;
	__be16 port;
	__u8 protocol;
	__u8 pad;
};

/*
 * A frontend is one word, so that one load sees all of it: the index of its first slot, the number of slots, and a tag
 * made from the key. The kernel recycles hash elements at once, so a program that stands on an element may read the value
 * of another key: the tag tells.
 */
struct dp_frontend {
	__u64 range;
};

enum dp_range_bits {
	DP_RANGE_FIRST_BITS = 24,
	DP_RANGE_COUNT_BITS = 18,
	DP_RANGE_COUNT_SHIFT = 24,
	DP_RANGE_HEADER_SHIFT = 42, /* whether the first slot is a header, which the count leaves out; bits 43 to 47 are free */
	DP_RANGE_TAG_SHIFT = 48,
};

/*
 * What a header says. Most frontends have none: the common dial asks one bit. Of a header's fields the address's first word
 * holds the seconds that a client stays with its backend, 0 if it does not.
 */
enum dp_header_flags {
	DP_HEADER_NONE = 0,
	DP_HEADER_HOST_ONLY = 1,   /* only for programs in the host's network namespace */
	DP_HEADER_HAS_CLIENTS = 2, /* some clients have another set: see struct dp_client_key */
	DP_HEADER_HAS_CGROUPS = 4, /* some of them are told by their cgroup */
	DP_HEADER_PASSES = 8,	/* the dial goes to the address itself */
	DP_HEADER_FURTHER_SET = 16, /* of a further set, which has a header even if it has nothing to say */
	DP_HEADER_FALLS_BACK = 32, /* backends that did not take a connection lately are passed over */
	/* Which TCP connections end when their backend leaves, for whoever manages this next: of both bits, those to backends that are gone. */
	DP_HEADER_TCP_STAYS = 64,
	DP_HEADER_TCP_ENDS = 128,
};

/*
 * A frontend's slots are contiguous. TCP has a slot for each backend; UDP has more slots than backends, and user space
 * deals them out so that a change of the backends moves as few slots as it must. A frontend without backends
 * has one slot with port 0, for its id.
 */
struct dp_slot4 {
	struct dp_ip4 address;
	__be16 port;
	__u8 type; /* the kind of the frontend */
	__u8 flags; /* of a header */
	__u32 frontend_id;
	__u32 backend_id;
};

struct dp_slot6 {
	struct dp_ip6 address;
	__be16 port;
	__u8 type;
	__u8 flags;
	__u32 frontend_id;
	__u32 backend_id;
	__u32 pad2;
};

/* What a socket dialed and where that went, kept in the socket. Backend port 0: nothing. */
struct dp_peer4 {
	struct dp_ip4 service_address;
	struct dp_ip4 backend_address;
	__be16 service_port;
	__be16 backend_port;
	__u32 frontend_id;
};

struct dp_peer6 {
	struct dp_ip6 service_address;
	struct dp_ip6 backend_address;
	__be16 service_port;
	__be16 backend_port;
	__u32 frontend_id;
};

/*
 * A place for a socket's peer in a table that is there already: making socket storage takes several times as long as the
 * rest of a dial. A place belongs for good to the first socket address that claimed it. The addresses of living sockets
 * differ, so nobody else writes there, and what a dead socket left is told by the cookie. A socket whose
 * place belongs to another address has socket storage instead; so nothing is ever pushed out.
 */
struct dp_place4 {
	__u64 owner;  /* the address of the socket in the kernel; 0: free */
	__u64 cookie; /* whose peer it is */
	struct dp_peer4 peer;
};

struct dp_place6 {
	__u64 owner;
	__u64 cookie;
	struct dp_peer6 peer;
};

enum dp_places {
	DP_PLACES_BITS = 17,
};

/* Further peers of an unconnected datagram socket, the oldest overwritten first. */
enum dp_ring {
	DP_RING_PEERS = 16,
};

struct dp_ring4 {
	__u32 next;
	__u32 pad;
	struct dp_peer4 peers[DP_RING_PEERS];
};

struct dp_ring6 {
	__u32 next;
	__u32 pad;
	struct dp_peer6 peers[DP_RING_PEERS];
};

/*
 * A backend that a frontend has no more, or not for all clients: a socket that the frontend led there may be connected to a wrong place. Identifiers of
 * frontends are not given away again, so nothing else of the frontend need be told.
 */
struct dp_retired4 {
	struct dp_ip4 backend_address;
	__be16 backend_port;
	__u16 pad;
	__u32 frontend_id;
};

struct dp_retired6 {
	struct dp_ip6 backend_address;
	__be16 backend_port;
	__u16 pad;
	__u32 frontend_id;
};

/* Where a frontend led a socket that is still connected there; IPv4 as ::ffff:a.b.c.d. */
struct dp_led {
	struct dp_ip6 backend_address;
	__be16 backend_port;
	__u16 pad;
	__u32 frontend_id;
};

/* What user space keeps for its next start. Programs read frontend_writes and flags. */
struct dp_state {
	__u32 layout_version;
	__u32 owner_pid; /* who holds the lock, for the message to whoever comes second */
	__u32 next_frontend_id;
	__u32 next_backend_id;
	__u32 frontend_writes; /* raised before and after frontends are written: odd while they are */
	__u32 flags;	       /* enum dp_state_flags */
};

/* What a dial must look after beside its frontend. Beside frontend_writes, which each dial reads anyway. */
enum dp_state_flags {
	DP_STATE_NONE = 0,
	DP_STATE_HAS_EXEMPTIONS = 1, /* some clients' dials are left alone */
	DP_STATE_EXEMPTS_CGROUPS = 2, /* some of them are told by their cgroup */
	DP_STATE_HAS_RANGES = 4,	  /* what is no frontend may lie in a range */
	DP_STATE_TRACES = 8,	  /* somebody listens */
};

/* Why a frontend exists. */
enum dp_frontend_type {
	DP_FRONTEND_CLUSTER_IP = 0,
	DP_FRONTEND_NODE_PORT = 1,
	DP_FRONTEND_LOAD_BALANCER = 2,
	DP_FRONTEND_EXTERNAL_IPS = 3,
	DP_FRONTEND_HOST_PORT = 4,
	DP_FRONTEND_LOCAL_REDIRECT = 5,
};

/* Raised whenever an older program or manager would misread what a newer one wrote. */
enum dp_layout {
	DP_LAYOUT_VERSION = 2,
};

/* Indices of the counters: events that are rare by nature, so that counting costs the common dial nothing. */
enum dp_counter {
	DP_REFUSED_NO_BACKEND = 0,  /* a dial to a service without usable backends */
	DP_REFUSED_NO_MEMORY = 1,   /* a datagram dial refused, because its reply could not be mapped back */
	DP_PEER_NOT_KEPT = 2,	    /* a TCP dial that works, but getpeername() will tell the backend */
	DP_REPLY_STALE = 3,	    /* a reply left as it is, because its service is gone or was replaced */
	DP_LOOKUP_REPEATED = 4,	    /* a lookup repeated, because frontends were written at the same time */
	DP_REFUSED_BIND = 5,	    /* a bind() to an address and port that a service is served at */
	DP_EVENT_LOST = 6,	    /* a trace event that found no room */
	DP_COUNTERS = 7,
};

#endif
