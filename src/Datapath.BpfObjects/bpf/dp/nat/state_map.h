/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The state of egress NAT, for all its programs. */
#ifndef DP_NAT_STATE_MAP_H
#define DP_NAT_STATE_MAP_H

#include "layout_nat.h"

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__type(key, __u32);
	__type(value, struct dp_nat_state);
	__uint(max_entries, 1);
	__uint(map_flags, BPF_F_MMAPABLE);
} dp_nat_state SEC(".maps");

#endif
