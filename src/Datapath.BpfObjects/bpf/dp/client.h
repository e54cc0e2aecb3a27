/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Who dials, and what is different for him. */
#ifndef DP_CLIENT_H
#define DP_CLIENT_H

#include "client_set.h"
#include "config.h"
#include "maps_of_clients.h"

DP_CONFIG(__u64, dp_host_netns, "the cookie of the host's network namespace") = 1;
DP_CONFIG(__u8, dp_affinity_by_cgroup, "whether processes of the host are told apart by their cgroup, for session affinity") = 0;

static __always_inline int dp_is_host(void *ctx)
{
	return bpf_get_netns_cookie(ctx) == dp_host_netns;
}

/* The number of the set that the caller's cgroup has of a frontend, the innermost one that has one; 0 if none has. */
DP_VERIFIED_ALONE __u32 dp_find_cgroup_set(__u32 frontend_id)
{
	__u32 set = 0;

	for (int level = 1; level <= DP_CLIENT_CGROUP_LEVELS; level++) {
		__u64 cgroup = bpf_get_current_ancestor_cgroup_id(level);
		__u32 found;

		if (!cgroup)
			break;
		found = dp_find_client_set(cgroup | DP_CLIENT_IS_CGROUP, frontend_id);
		if (found)
			set = found;
	}
	return set;
}

/*
 * The number of the set that the caller has of a frontend. A pod on the host's network is told by its cgroup, and is asked
 * for first: its network namespace is everybody's.
 */
static __always_inline __u32 dp_set_of(void *ctx, __u32 frontend_id, __u8 flags)
{
	__u32 set = flags & DP_HEADER_HAS_CGROUPS ? dp_find_cgroup_set(frontend_id) : 0;

	return set ? set : dp_find_client_set(bpf_get_netns_cookie(ctx), frontend_id);
}

/* The word of a further set, 0 if there is none: then the client changes sides just now, and the frontend's own serves it. */
DP_VERIFIED_ALONE __u64 dp_find_set(__u32 frontend_id, __u32 set)
{
	struct dp_set_key key = { .frontend_id = frontend_id, .set = set };

	return dp_find(&dp_sets, &key, dp_tag(frontend_id, set, 0), DP_LOOKUP_TRIES).range;
}

DP_VERIFIED_ALONE int dp_is_exempt(struct bpf_sock_addr *ctx, __u32 state_flags)
{
	__u64 client = bpf_get_netns_cookie(ctx);

	if (bpf_map_lookup_elem(&dp_exemptions, &client))
		return 1;
	if (!(state_flags & DP_STATE_EXEMPTS_CGROUPS))
		return 0;
	for (int level = 1; level <= DP_CLIENT_CGROUP_LEVELS; level++) {
		client = bpf_get_current_ancestor_cgroup_id(level);
		if (!client)
			break;
		client |= DP_CLIENT_IS_CGROUP;
		if (bpf_map_lookup_elem(&dp_exemptions, &client))
			return 1;
	}
	return 0;
}

static __always_inline int dp_is_older(__u64 time, __u64 now, __u64 age)
{
	return (__s64)(now - time) >= (__s64)age;
}

/* Who is one client for session affinity: a network namespace; on the host, where all would be one, by option a cgroup. */
static __always_inline __u64 dp_affinity_client(void *ctx)
{
	__u64 netns = bpf_get_netns_cookie(ctx);

	if (dp_affinity_by_cgroup && netns == dp_host_netns)
		return bpf_get_current_cgroup_id() | DP_CLIENT_IS_CGROUP;
	return netns;
}

#endif
