/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The maps of socket load balancing. Sizes are defaults: the loader may set others. */
#ifndef DP_MAPS_H
#define DP_MAPS_H

#include "maps_of_sockets.h"
#include "maps_of_state.h"

/* Only user space writes services; a program that tried would be refused at load. */
#define DP_FRONTEND_MAP(map, key_type)                    \
	struct {                                          \
		__uint(type, BPF_MAP_TYPE_HASH);          \
		__type(key, key_type);                    \
		__type(value, struct dp_frontend);        \
		__uint(max_entries, 65536);               \
		__uint(map_flags, BPF_F_RDONLY_PROG);     \
	} map SEC(".maps")

/* Written by user space through memory; the kernel lets nobody map an array for writing that programs may only read. */
#define DP_SLOT_MAP(map, value_type)                                          \
	struct {                                                              \
		__uint(type, BPF_MAP_TYPE_ARRAY);                             \
		__type(key, __u32);                                           \
		__type(value, value_type);                                    \
		__uint(max_entries, 262144);                                  \
		__uint(map_flags, BPF_F_MMAPABLE);                            \
	} map SEC(".maps")

DP_FRONTEND_MAP(dp_frontends4, struct dp_frontend_key4);
DP_FRONTEND_MAP(dp_frontends6, struct dp_frontend_key6);
DP_SLOT_MAP(dp_slots4, struct dp_slot4);
DP_SLOT_MAP(dp_slots6, struct dp_slot6);
DP_SOCKET_MAP(dp_ring4, struct dp_ring4);
DP_SOCKET_MAP(dp_ring6, struct dp_ring6);

#endif
