/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Translation of addresses, for both families, and what a dial is told that cannot be translated. */
#ifndef DP_TRANSLATE_H
#define DP_TRANSLATE_H

#include "client.h"
#include "config.h"
#include "failed.h"
#include "family.h"
#include "frontend.h"
#include "maps.h"
#include "place.h"
#include "trace.h"

DP_CONFIG(__u8, dp_serves_host_only, "whether only programs in the host's network namespace are served") = 0;
DP_CONFIG(__s32, dp_no_backend_errno, "what a dial to a service without usable backends gets") = ECONNREFUSED;

DP_CONFIG(__u64, dp_failed_for, "for how many nanoseconds a backend that did not take a connection is passed over; 0: it is not") = 0;

enum dp_verdict {
	DP_REFUSE = 0,
	DP_PROCEED = 1,
};

enum dp_call {
	DP_CONNECT,
	DP_DATAGRAM,
};

enum {
	/* A client that stays is noted at most so often, so that its processors do not fight for the entry; it may have to go so much early. */
	DP_AFFINITY_PRECISION = 50000000, /* ns */
};

enum {
	/* So many slots a dial looks at, one after another, for a backend that has not failed: some tens of microseconds. */
	DP_FALLBACK_STEPS = 1024,
};

/*
 * The protocol of a service that a socket dials. MPTCP's number is 262: its low byte is TCP's, and a service of TCP is what such
 * a socket dials. (The hooks of connect() run for its first TCP connection, those of getpeername() for the socket itself, which
 * are told the backend.) UDP-Lite has no name of its own among services; its connect() passes no hook, its sends do.
 */
static __always_inline __u8 dp_service_protocol(__u32 protocol)
{
	return protocol == IPPROTO_UDPLITE ? IPPROTO_UDP : protocol;
}

static __always_inline int dp_refuse(__u32 counter, int error)
{
	dp_count(counter);
	bpf_set_retval(-error);
	return DP_REFUSE;
}

/*
 * A peer that could not be kept: a datagram's reply would come from an address that the application never heard of, so
 * the dial fails. A TCP stream works without; only getpeername() tells the backend.
 */
static __always_inline int dp_not_kept(__u8 protocol)
{
	if (protocol == IPPROTO_TCP) {
		dp_count(DP_PEER_NOT_KEPT);
		return DP_PROCEED;
	}
	return dp_refuse(DP_REFUSED_NO_MEMORY, ENOMEM);
}

#define DP_FAMILY 4
#include "place_family.h"
#include "peer_family.h"
#include "special_family.h"
#include "translate_family.h"
#undef DP_FAMILY

#define DP_FAMILY 6
#include "place_family.h"
#include "peer_family.h"
#include "special_family.h"
#include "translate_family.h"
#undef DP_FAMILY

#endif
