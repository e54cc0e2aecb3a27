/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What a listener is told of dials to services, shared with user space like what is in layout.h. */
#ifndef DP_LAYOUT_EVENTS_H
#define DP_LAYOUT_EVENTS_H

#include "layout.h"

enum dp_verdict_kind {
	DP_TRANSLATED = 0,
	DP_REFUSED = 1,
	DP_PASSED = 2, /* left as it was, although the address is a service's */
};

enum dp_reason {
	DP_REASON_NONE = 0,
	DP_REASON_NO_BACKEND = 1,
	DP_REASON_NO_MEMORY = 2,
	DP_REASON_EXEMPT = 3,	 /* the client is left alone */
	DP_REASON_HOST_ONLY = 4, /* the frontend is for the host's own programs */
	DP_REASON_SKIPPED = 5,	 /* the redirect is not for this client, and nothing else serves the address */
};

/* One dial. Addresses of IPv4 are mapped (::ffff:a.b.c.d); the backend's is 0 unless the dial was translated. */
struct dp_event {
	__u64 time; /* ns on the monotonic clock */
	__u64 netns_cookie;
	__u64 cgroup_id;
	__u64 socket_cookie;
	struct dp_ip6 service_address;
	struct dp_ip6 backend_address;
	__be16 service_port;
	__be16 backend_port;
	__u32 process_id;
	__u32 frontend_id;
	__u32 backend_id;
	__u8 verdict;
	__u8 reason;
	__u8 protocol;
	__u8 call; /* enum dp_call */
	__u8 frontend_type;
	__u8 set;
	__u8 pad[2];
	char command[16];
};

/* What is told, set by the listener. A field that is 0 filters nothing. */
struct dp_trace {
	__u64 until; /* on the coarse monotonic clock: a listener that died must not cost for ever */
	__u64 netns_cookie;
	__u64 cgroup_id; /* of the process itself, or of a cgroup above it */
	__u32 frontend_id;
	__u32 threshold; /* a dial is told if a random number is not above it */
	__u8 verdicts;	 /* a bit for each of enum dp_verdict_kind */
	__u8 protocol;
	__u8 pad[2];
	__u32 listener_pid; /* who holds the lock, for the message to whoever comes second; programs do not read it */
};

#endif
