/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Keys and values by which dials to one frontend differ, shared with user space like those in layout.h. */
#ifndef DP_LAYOUT_CLIENTS_H
#define DP_LAYOUT_CLIENTS_H

#include "layout.h"

/* A client is a network namespace, by its cookie, or the processes below a cgroup, by its id and this bit. */
#define DP_CLIENT_IS_CGROUP (1ULL << 63)

enum dp_client_limits {
	DP_CLIENT_CGROUP_LEVELS = 16, /* cgroups that lie deeper belong to the client that they lie in */
	DP_CLIENT_SET_BITS = 6,
};

/*
 * Which set of backends a client of a frontend has that not all have alike: a word with the number of the set, 1 to 63, in its
 * low bits and, like the word of a frontend, a tag made from the key in its high ones. Who is not found has the frontend's own set.
 */
struct dp_client_key {
	__u64 client;
	__u32 frontend_id;
	__u32 pad;
};

/* A further set of a frontend. Its value is a struct dp_frontend, with a header; the slots carry the frontend's id. */
struct dp_set_key {
	__u32 frontend_id;
	__u32 set;
};

/* Of a struct dp_retired4 or 6, the sets that still lead there, a bit for each: their clients are right to be there. */
struct dp_staying {
	__u64 sets;
};

/* The backend that a client stays with. */
struct dp_affinity_key {
	__u64 client;
	__u32 frontend_id;
	__u32 pad;
};

struct dp_affinity {
	__u64 used_at; /* ns on the coarse monotonic clock */
	__u32 backend_id;
	__u32 slot; /* where it was */
};

/* A backend that did not take a connection; IPv4 as ::ffff:a.b.c.d. */
struct dp_failed_key {
	struct dp_ip6 address;
	__be16 port;
	__u16 pad;
};

struct dp_failed {
	__u64 at; /* ns on the coarse monotonic clock */
};

/* Address ranges that are served whole: the longest prefix with the protocol counts. In prefix_length the protocol's word counts too. */
struct dp_range_key4 {
	__u32 prefix_length;
	__u32 protocol;
	struct dp_ip4 address;
};

struct dp_range_key6 {
	__u32 prefix_length;
	__u32 protocol;
	struct dp_ip6 address;
};

enum dp_range_limits {
	DP_RANGE_PORTS = 16,
};

/* Ports of a prefix that do not overlap, in the machine's byte order; first port 0: no more. Tagged by both ports. */
struct dp_port_range {
	__u64 range;
	__u16 first;
	__u16 last;
	__u32 pad;
};

struct dp_range {
	struct dp_port_range ports[DP_RANGE_PORTS];
};

#endif
