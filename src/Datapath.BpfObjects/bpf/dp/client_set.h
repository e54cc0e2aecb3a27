/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Which set of a frontend's backends a client has. */
#ifndef DP_CLIENT_SET_H
#define DP_CLIENT_SET_H

#include "frontend.h"
#include "layout_clients.h"

/* Elements are made when they are needed: most machines have none. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__type(key, struct dp_client_key);
	__type(value, struct dp_frontend);
	__uint(max_entries, 262144);
	__uint(map_flags, BPF_F_NO_PREALLOC | BPF_F_RDONLY_PROG);
} dp_clients SEC(".maps");

/* The number of the set; 0 for the frontend's own. */
DP_VERIFIED_ALONE __u32 dp_find_client_set(__u64 client, __u32 frontend_id)
{
	struct dp_client_key key = { .client = client, .frontend_id = frontend_id };
	__u16 tag = dp_tag((__u32)client ^ (__u32)(client >> 32) ^ frontend_id, 0, 0);

	return dp_find(&dp_clients, &key, tag, DP_LOOKUP_TRIES).range & ((1U << DP_CLIENT_SET_BITS) - 1);
}

#endif
