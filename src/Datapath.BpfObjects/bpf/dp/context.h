/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The address in a hook's context. The verifier wants loads and stores of one word each. */
#ifndef DP_CONTEXT_H
#define DP_CONTEXT_H

#include "layout.h"

static __always_inline struct dp_ip4 dp_get4(const struct bpf_sock_addr *ctx)
{
	return (struct dp_ip4){ { ctx->user_ip4 } };
}

static __always_inline void dp_set4(struct bpf_sock_addr *ctx, const struct dp_ip4 *address)
{
	ctx->user_ip4 = address->word[0];
}

static __always_inline struct dp_ip6 dp_get6(const struct bpf_sock_addr *ctx)
{
	return (struct dp_ip6){ { ctx->user_ip6[0], ctx->user_ip6[1], ctx->user_ip6[2], ctx->user_ip6[3] } };
}

static __always_inline void dp_set6(struct bpf_sock_addr *ctx, const struct dp_ip6 *address)
{
	ctx->user_ip6[0] = address->word[0];
	ctx->user_ip6[1] = address->word[1];
	ctx->user_ip6[2] = address->word[2];
	ctx->user_ip6[3] = address->word[3];
}

/* ::ffff:a.b.c.d, by which an IPv6 socket talks IPv4: such a dial belongs to the IPv4 services. */
static __always_inline int dp_is_mapped(const struct bpf_sock_addr *ctx)
{
	return ctx->user_ip6[0] == 0 && ctx->user_ip6[1] == 0 && ctx->user_ip6[2] == bpf_htonl(0xffff);
}

static __always_inline struct dp_ip4 dp_get_mapped(const struct bpf_sock_addr *ctx)
{
	return (struct dp_ip4){ { ctx->user_ip6[3] } };
}

static __always_inline void dp_set_mapped(struct bpf_sock_addr *ctx, const struct dp_ip4 *address)
{
	ctx->user_ip6[3] = address->word[0];
}

#endif
