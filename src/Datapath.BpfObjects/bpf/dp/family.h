/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * One source for both families. A header named *_family.h is read twice, with DP_FAMILY as 4 and as 6; in it DP(x) is the
 * name x4 or x6. What really differs between the families is here.
 */
#ifndef DP_FAMILY_H
#define DP_FAMILY_H

#include "layout.h"

#define DP_PASTE2(a, b) a##b
#define DP_PASTE(a, b) DP_PASTE2(a, b)
#define DP(name) DP_PASTE(name, DP_FAMILY)

static __always_inline int dp_same_ip4(const struct dp_ip4 *a, const struct dp_ip4 *b)
{
	return a->word[0] == b->word[0];
}

static __always_inline int dp_same_ip6(const struct dp_ip6 *a, const struct dp_ip6 *b)
{
	return !((a->word[0] ^ b->word[0]) | (a->word[1] ^ b->word[1]) | (a->word[2] ^ b->word[2]) |
		 (a->word[3] ^ b->word[3]));
}

static __always_inline __u32 dp_fold_ip4(const struct dp_ip4 *a)
{
	return a->word[0];
}

static __always_inline __u32 dp_fold_ip6(const struct dp_ip6 *a)
{
	return a->word[0] ^ a->word[1] ^ a->word[2] ^ a->word[3];
}

/* 127.0.0.0/8, and ::1. */
static __always_inline int dp_is_loopback4(const struct dp_ip4 *a)
{
	return (a->word[0] & bpf_htonl(0xff000000)) == bpf_htonl(0x7f000000);
}

static __always_inline int dp_is_loopback6(const struct dp_ip6 *a)
{
	return !(a->word[0] | a->word[1] | a->word[2] | (a->word[3] ^ bpf_htonl(1)));
}

/* Both families in one record: IPv4 as ::ffff:a.b.c.d. */
static __always_inline void dp_write_ip4(struct dp_ip6 *to, const struct dp_ip4 *address)
{
	*to = (struct dp_ip6){ { 0, 0, bpf_htonl(0xffff), address->word[0] } };
}

static __always_inline void dp_write_ip6(struct dp_ip6 *to, const struct dp_ip6 *address)
{
	*to = *address;
}

#endif
