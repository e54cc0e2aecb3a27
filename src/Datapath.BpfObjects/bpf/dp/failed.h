/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Backends that did not take a connection lately: noted by who watches connections, passed over by the next dials. */
#ifndef DP_FAILED_H
#define DP_FAILED_H

#include "layout_clients.h"

/* Who is pushed out is dialed again, no more. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__type(key, struct dp_failed_key);
	__type(value, struct dp_failed);
	__uint(max_entries, 4096);
} dp_failed SEC(".maps");

#endif
