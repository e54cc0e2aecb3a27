/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Telling a listener of a dial. */
#ifndef DP_TRACE_H
#define DP_TRACE_H

#include "layout_clients.h"
#include "maps_of_events.h"
#include "maps_of_state.h"

/* What happened to a dial, as far as its hook alone knows. */
struct dp_outcome {
	__u32 frontend_id;
	__u32 backend_id;
	__u8 frontend_type;
	__u8 set;
	__u8 verdict;
	__u8 reason;
};

static __always_inline int dp_is_below(__u64 cgroup)
{
	if (bpf_get_current_cgroup_id() == cgroup)
		return 1;
	for (int level = 1; level <= DP_CLIENT_CGROUP_LEVELS; level++) {
		__u64 id = bpf_get_current_ancestor_cgroup_id(level);

		if (!id)
			break;
		if (id == cgroup)
			return 1;
	}
	return 0;
}

/* The listener is gone and could not say so: dials take the common way again. One that is only late sets the flag anew. */
static __always_inline void dp_stop_tracing(void)
{
	__u32 index = 0;
	struct dp_state *state = bpf_map_lookup_elem(&dp_state, &index);

	if (state)
		__sync_fetch_and_and(&state->flags, ~DP_STATE_TRACES);
}

static __always_inline int dp_is_asked_for(void *ctx, const struct dp_outcome *outcome, __u8 protocol)
{
	__u32 index = 0;
	struct dp_trace *trace = bpf_map_lookup_elem(&dp_trace, &index);

	if (!trace)
		return 0;
	if (trace->until < bpf_ktime_get_coarse_ns()) {
		dp_stop_tracing();
		return 0;
	}
	if (!(trace->verdicts & (1U << outcome->verdict)))
		return 0;
	if (trace->protocol && trace->protocol != protocol)
		return 0;
	if (trace->frontend_id && trace->frontend_id != outcome->frontend_id)
		return 0;
	if (trace->netns_cookie && trace->netns_cookie != bpf_get_netns_cookie(ctx))
		return 0;
	if (trace->cgroup_id && !dp_is_below(trace->cgroup_id))
		return 0;
	return trace->threshold == ~0U || bpf_get_prandom_u32() <= trace->threshold;
}

/* What is the same for both families. A function of its own, because frames of older kernels are added up. */
static __noinline int dp_describe(struct bpf_sock_addr *ctx, const struct dp_outcome *outcome, __u8 protocol, __u8 call,
				  struct dp_event *event)
{
	event->time = bpf_ktime_get_ns();
	event->netns_cookie = bpf_get_netns_cookie(ctx);
	event->cgroup_id = bpf_get_current_cgroup_id();
	event->socket_cookie = bpf_get_socket_cookie(ctx);
	event->process_id = bpf_get_current_pid_tgid() >> 32;
	event->frontend_id = outcome->frontend_id;
	event->backend_id = outcome->backend_id;
	event->verdict = outcome->verdict;
	event->reason = outcome->reason;
	event->protocol = protocol;
	event->call = call;
	event->frontend_type = outcome->frontend_type;
	event->set = outcome->set;
	event->pad[0] = event->pad[1] = 0;
	bpf_get_current_comm(event->command, sizeof(event->command));
	return 0;
}

#endif
