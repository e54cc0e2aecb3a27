/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The ring that tells of dials, and what its listener wants to hear. */
#ifndef DP_MAPS_OF_EVENTS_H
#define DP_MAPS_OF_EVENTS_H

#include "layout_events.h"

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 1 << 20);
} dp_events SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__type(key, __u32);
	__type(value, struct dp_trace);
	__uint(max_entries, 1);
	__uint(map_flags, BPF_F_MMAPABLE);
} dp_trace SEC(".maps");

#endif
