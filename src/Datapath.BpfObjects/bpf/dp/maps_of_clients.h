/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The maps by which dials to one frontend differ. Their elements are made when they are needed: most machines have none. */
#ifndef DP_MAPS_OF_CLIENTS_H
#define DP_MAPS_OF_CLIENTS_H

#include "layout_clients.h"

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__type(key, struct dp_set_key);
	__type(value, struct dp_frontend);
	__uint(max_entries, 65536);
	__uint(map_flags, BPF_F_NO_PREALLOC | BPF_F_RDONLY_PROG);
} dp_sets SEC(".maps");

/* Clients whose dials are left alone; the value says nothing. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__type(key, __u64);
	__type(value, __u32);
	__uint(max_entries, 65536);
	__uint(map_flags, BPF_F_NO_PREALLOC | BPF_F_RDONLY_PROG);
} dp_exemptions SEC(".maps");

/* The least recently used goes first: whoever is pushed out only gets a new backend. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__type(key, struct dp_affinity_key);
	__type(value, struct dp_affinity);
	__uint(max_entries, 65536);
} dp_affinity SEC(".maps");

#define DP_RANGES_MAP(map, key_type)                                         \
	struct {                                                             \
		__uint(type, BPF_MAP_TYPE_LPM_TRIE);                         \
		__type(key, key_type);                                       \
		__type(value, struct dp_range);                              \
		__uint(max_entries, 65536);                                  \
		__uint(map_flags, BPF_F_NO_PREALLOC | BPF_F_RDONLY_PROG);    \
	} map SEC(".maps")

DP_RANGES_MAP(dp_ranges4, struct dp_range_key4);
DP_RANGES_MAP(dp_ranges6, struct dp_range_key6);

#endif
