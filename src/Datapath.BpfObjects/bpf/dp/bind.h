/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Keeping programs of the host from listening where a service is served: the hooks and the network would lead some clients to
 * the service and others to the program.
 */
#ifndef DP_BIND_H
#define DP_BIND_H

#include "client.h"
#include "translate.h"

/* Frontends that are reached from outside too. A pod's host port is the pod's own claim, and cluster addresses are no host's. */
static __always_inline int dp_is_guarded(__u8 type)
{
	return type == DP_FRONTEND_NODE_PORT || type == DP_FRONTEND_LOAD_BALANCER || type == DP_FRONTEND_EXTERNAL_IPS;
}

#define DP_FAMILY 4
#include "bind_family.h"
#undef DP_FAMILY

#define DP_FAMILY 6
#include "bind_family.h"
#undef DP_FAMILY

static __always_inline int dp_allow_bind(int is_taken)
{
	return is_taken ? dp_refuse(DP_REFUSED_BIND, EADDRINUSE) : DP_PROCEED;
}

#endif
