/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What sockets dialed: the maps that the hooks write, and that a walk over the sockets reads. */
#ifndef DP_MAPS_OF_SOCKETS_H
#define DP_MAPS_OF_SOCKETS_H

#include "layout.h"

#define DP_PLACE_MAP(map, value_type)                     \
	struct {                                          \
		__uint(type, BPF_MAP_TYPE_ARRAY);         \
		__type(key, __u32);                       \
		__type(value, value_type);                \
		__uint(max_entries, 1 << DP_PLACES_BITS); \
	} map SEC(".maps")

/* State that lives and dies with its socket. Making it is dear and charged to whoever made the map: see struct dp_place4. */
#define DP_SOCKET_MAP(map, value_type)                    \
	struct {                                          \
		__uint(type, BPF_MAP_TYPE_SK_STORAGE);    \
		__type(key, __s32);                       \
		__type(value, value_type);                \
		__uint(map_flags, BPF_F_NO_PREALLOC);     \
	} map SEC(".maps")

DP_PLACE_MAP(dp_places4, struct dp_place4);
DP_PLACE_MAP(dp_places6, struct dp_place6);
DP_SOCKET_MAP(dp_peer4, struct dp_peer4);
DP_SOCKET_MAP(dp_peer6, struct dp_peer6);

#endif
