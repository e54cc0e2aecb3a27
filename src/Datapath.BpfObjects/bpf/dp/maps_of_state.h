/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What all programs read of the manager, and what they count. */
#ifndef DP_MAPS_OF_STATE_H
#define DP_MAPS_OF_STATE_H

#include "layout.h"

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__type(key, __u32);
	__type(value, __u64);
	__uint(max_entries, DP_COUNTERS);
} dp_counters SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__type(key, __u32);
	__type(value, struct dp_state);
	__uint(max_entries, 1);
	__uint(map_flags, BPF_F_MMAPABLE);
} dp_state SEC(".maps");

static __always_inline void dp_count(__u32 counter)
{
	__u64 *value = bpf_map_lookup_elem(&dp_counters, &counter);

	if (value)
		(*value)++;
}

#endif
