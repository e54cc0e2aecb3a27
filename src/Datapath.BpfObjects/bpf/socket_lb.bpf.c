// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Socket load balancing: a dial to a service address becomes a dial to one of its backends inside connect() and
 * sendmsg(), before a packet exists; recvmsg() and getpeername() tell the application the address that it dialed.
 */
#include "dp/kernel.h"
#include "dp/context.h"
#include "dp/translate.h"
#include "dp/bind.h"

static __always_inline int dp_dial4(struct bpf_sock_addr *ctx, enum dp_call call)
{
	struct dp_ip4 address = dp_get4(ctx);
	int is_changed = 0, verdict = dp_forward4(ctx, &address, &is_changed, call);

	if (is_changed)
		dp_set4(ctx, &address);
	return verdict;
}

static __always_inline int dp_dial6(struct bpf_sock_addr *ctx, enum dp_call call)
{
	int is_changed = 0, verdict;

	if (dp_is_mapped(ctx)) {
		struct dp_ip4 address = dp_get_mapped(ctx);

		verdict = dp_forward4(ctx, &address, &is_changed, call);
		if (is_changed)
			dp_set_mapped(ctx, &address);
	} else {
		struct dp_ip6 address = dp_get6(ctx);

		verdict = dp_forward6(ctx, &address, &is_changed, call);
		if (is_changed)
			dp_set6(ctx, &address);
	}
	return verdict;
}

static __always_inline int dp_name4(struct bpf_sock_addr *ctx)
{
	struct dp_ip4 address = dp_get4(ctx);

	if (dp_reverse4(ctx, &address))
		dp_set4(ctx, &address);
	return DP_PROCEED;
}

static __always_inline int dp_name6(struct bpf_sock_addr *ctx)
{
	if (dp_is_mapped(ctx)) {
		struct dp_ip4 address = dp_get_mapped(ctx);

		if (dp_reverse4(ctx, &address))
			dp_set_mapped(ctx, &address);
	} else {
		struct dp_ip6 address = dp_get6(ctx);

		if (dp_reverse6(ctx, &address))
			dp_set6(ctx, &address);
	}
	return DP_PROCEED;
}

SEC("cgroup/connect4")
int dp_connect4(struct bpf_sock_addr *ctx)
{
	return dp_dial4(ctx, DP_CONNECT);
}

SEC("cgroup/connect6")
int dp_connect6(struct bpf_sock_addr *ctx)
{
	return dp_dial6(ctx, DP_CONNECT);
}

SEC("cgroup/sendmsg4")
int dp_sendmsg4(struct bpf_sock_addr *ctx)
{
	return dp_dial4(ctx, DP_DATAGRAM);
}

SEC("cgroup/sendmsg6")
int dp_sendmsg6(struct bpf_sock_addr *ctx)
{
	return dp_dial6(ctx, DP_DATAGRAM);
}

SEC("cgroup/recvmsg4")
int dp_recvmsg4(struct bpf_sock_addr *ctx)
{
	return dp_name4(ctx);
}

SEC("cgroup/recvmsg6")
int dp_recvmsg6(struct bpf_sock_addr *ctx)
{
	return dp_name6(ctx);
}

SEC("cgroup/getpeername4")
int dp_getpeername4(struct bpf_sock_addr *ctx)
{
	return dp_name4(ctx);
}

SEC("cgroup/getpeername6")
int dp_getpeername6(struct bpf_sock_addr *ctx)
{
	return dp_name6(ctx);
}

SEC("cgroup/post_bind4")
int dp_post_bind4(struct bpf_sock *ctx)
{
	struct dp_ip4 address = { { ctx->src_ip4 } };

	return !dp_is_host(ctx) ? DP_PROCEED : dp_allow_bind(dp_is_taken4(ctx, &address));
}

/* An IPv6 socket listens on IPv4 too: at a mapped address, and at the unspecified one, which the hook cannot tell from IPv6 alone. */
SEC("cgroup/post_bind6")
int dp_post_bind6(struct bpf_sock *ctx)
{
	struct dp_ip6 address = { { ctx->src_ip6[0], ctx->src_ip6[1], ctx->src_ip6[2], ctx->src_ip6[3] } };
	struct dp_ip4 mapped = { { address.word[3] } };
	int is_any = !(address.word[0] | address.word[1] | address.word[2] | address.word[3]);
	int is_mapped = !(address.word[0] | address.word[1]) && address.word[2] == bpf_htonl(0xffff);

	if (!dp_is_host(ctx))
		return DP_PROCEED;
	if (!is_mapped && dp_is_taken6(ctx, &address))
		return dp_allow_bind(1);
	return dp_allow_bind((is_any || is_mapped) && dp_is_taken4(ctx, &mapped));
}

char _license[] SEC("license") = "Dual BSD/GPL";
