/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Sums of the Internet's checksums: of 16-bit words in one's complement, here in wider integers until they are folded. */
#ifndef DP_SUMS_H
#define DP_SUMS_H

#include "kernel_packets.h"

/* Adds a changed field to a difference of sums. */
static __always_inline __u64 dp_add_change16(__u64 difference, __u16 old, __u16 new)
{
	return difference + new + (__u16)~old;
}

static __always_inline __u64 dp_add_change32(__u64 difference, __u32 old, __u32 new)
{
	return difference + new + (__u32)~old;
}

static __always_inline __u32 dp_fold32(__u64 sum)
{
	sum = (sum & 0xffffffff) + (sum >> 32);
	return (sum & 0xffffffff) + (sum >> 32);
}

static __always_inline __u16 dp_fold16(__u64 sum)
{
	sum = dp_fold32(sum);
	sum = (sum & 0xffff) + (sum >> 16);
	return (sum & 0xffff) + (sum >> 16);
}

/* The checksum of something whose sum has changed by a difference. */
static __always_inline __u16 dp_shift_check(__u16 check, __u64 difference)
{
	return ~dp_fold16((__u16)~check + difference);
}

#endif
