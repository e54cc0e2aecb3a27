/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Where what a socket dialed is kept. */
#ifndef DP_PLACE_H
#define DP_PLACE_H

#include "family.h"
#include "maps_of_sockets.h"

/*
 * Where a socket's place is. Only the low half of a pointer may become a number (which takes CAP_PERFMON), and only by a copy, which the
 * compiler would leave out where the pointer is not needed any more; sockets are aligned to 64 bytes at least.
 */
static __always_inline __u32 dp_place_index(const void *sk)
{
	__u32 low;

	asm("%0 = %1" : "=w"(low) : "w"((__u32)(__u64)sk));
	return ((low >> 6) * 0x9e3779b1U) >> (32 - DP_PLACES_BITS);
}

#endif
