/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * When a flow was used last: ns on the coarse monotonic clock, whose last bits are not time but a count of ticks. It is compared with the present one,
 * which takes no call of the kernel, to note once in a while that a flow is in use.
 */
#ifndef DP_USED_H
#define DP_USED_H

#include "kernel_packets.h"

#define DP_TICK_BITS 24
#define DP_TICK_MASK ((1ULL << DP_TICK_BITS) - 1)

/* 64 jiffies: 64 ms to 0.64 s, as the kernel is made. The count begins anew after twelve days or more, later than any flow lives idle by default. */
static __always_inline __u64 dp_tick(void)
{
	return bpf_jiffies64() >> 6 & DP_TICK_MASK;
}

/* Some 17 ms earlier than now at least, so that it is never in the future. */
static __always_inline __u64 dp_used_now(void)
{
	return ((bpf_ktime_get_coarse_ns() - DP_TICK_MASK) & ~DP_TICK_MASK) | dp_tick();
}

static __always_inline int dp_is_used_now(__u64 used_at)
{
	return (used_at & DP_TICK_MASK) == dp_tick();
}

#endif
