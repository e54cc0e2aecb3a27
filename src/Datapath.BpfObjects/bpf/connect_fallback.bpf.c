// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Watches the TCP connections that were dialed through a service until they stand or fail, and notes which backends did not
 * take them: the next dials pass these over.
 */
#include "dp/kernel_sockets.h"
#include "dp/failed.h"
#include "dp/place.h"

#define DP_FAMILY 4
#include "dp/place_family.h"
#undef DP_FAMILY

#define DP_FAMILY 6
#include "dp/place_family.h"
#undef DP_FAMILY

/* Read each at its own place: a context may not be pointed into. */
static __always_inline struct dp_failed_key dp_remote(const struct bpf_sock_ops *ctx)
{
	struct dp_failed_key key = { .port = READ_ONCE(ctx->remote_port) >> 16 };
	__be32 ip4 = READ_ONCE(ctx->remote_ip4);

	key.address.word[0] = READ_ONCE(ctx->remote_ip6[0]);
	key.address.word[1] = READ_ONCE(ctx->remote_ip6[1]);
	key.address.word[2] = READ_ONCE(ctx->remote_ip6[2]);
	key.address.word[3] = READ_ONCE(ctx->remote_ip6[3]);
	if (READ_ONCE(ctx->family) == AF_INET)
		key.address = (struct dp_ip6){ { 0, 0, bpf_htonl(0xffff), ip4 } };
	return key;
}

/* Whether the socket was led here by a service. */
static __always_inline int dp_is_led(struct bpf_sock_ops *ctx, const struct dp_failed_key *remote)
{
	struct bpf_sock *sk = ctx->sk;
	struct dp_peer4 *peer4;
	struct dp_peer6 *peer6;

	if (!sk)
		return 0;
	if (!remote->address.word[0] && !remote->address.word[1] && remote->address.word[2] == bpf_htonl(0xffff)) {
		struct dp_ip4 address = { { remote->address.word[3] } };

		peer4 = dp_find_own_peer4(sk, ctx);
		return peer4 && dp_is_backend4(peer4, &address, remote->port);
	}
	peer6 = dp_find_own_peer6(sk, ctx);
	return peer6 && dp_is_backend6(peer6, &remote->address, remote->port);
}

/*
 * Whether the network ended it, and not the application; nor the kernel before anything was sent. Who gives up after the kernel
 * has asked a second time has waited long enough to tell.
 */
static __always_inline int dp_is_failure(struct bpf_sock_ops *ctx)
{
	struct sock *sk;

	if (ctx->total_retrans)
		return 1;
	if (!ctx->sk)
		return 0;
	sk = (struct sock *)bpf_skc_to_tcp_sock(ctx->sk);
	return sk && sk->sk_err;
}

SEC("sockops")
int dp_watch_connect(struct bpf_sock_ops *ctx)
{
	struct dp_failed_key remote;
	struct dp_failed now;

	if (ctx->op != BPF_SOCK_OPS_TCP_CONNECT_CB && (ctx->op != BPF_SOCK_OPS_STATE_CB || ctx->args[0] != TCP_SYN_SENT))
		return 1;
	remote = dp_remote(ctx);
	if (!dp_is_led(ctx, &remote))
		return 1;
	if (ctx->op == BPF_SOCK_OPS_TCP_CONNECT_CB) {
		bpf_sock_ops_cb_flags_set(ctx, ctx->bpf_sock_ops_cb_flags | BPF_SOCK_OPS_STATE_CB_FLAG);
		return 1;
	}
	if (ctx->args[1] == TCP_ESTABLISHED) {
		if (bpf_map_lookup_elem(&dp_failed, &remote))
			bpf_map_delete_elem(&dp_failed, &remote);
	} else if (dp_is_failure(ctx)) {
		now.at = bpf_ktime_get_coarse_ns();
		bpf_map_update_elem(&dp_failed, &remote, &now, BPF_ANY);
	}
	return 1;
}

char _license[] SEC("license") = "Dual BSD/GPL";
