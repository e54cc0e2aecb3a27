// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Stale sockets: a walk over the sockets of a network namespace that ends those which are connected, through a service, to a
 * backend that the service no longer has. For each it writes the socket's cookie. And one that only tells where services led them.
 */
#include "dp/kernel_sockets.h"
#include "dp/client_set.h"
#include "dp/config.h"
#include "dp/place.h"

DP_CONFIG(__u8, dp_is_only_listed, "whether stale sockets are only listed, for kernels without bpf_sock_destroy()") = 0;

/* The cookie of the network namespace whose sockets are walked over. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__type(key, __u32);
	__type(value, __u64);
	__uint(max_entries, 1);
	__uint(map_flags, BPF_F_MMAPABLE);
} dp_walked SEC(".maps");

/* The number of the set that the owner of a socket has of a frontend, as dp_set_of() tells it when he dials. */
static __always_inline __u32 dp_set_of_owner(struct sock *sk, __u32 frontend_id)
{
	struct cgroup *cgroup = sk->sk_cgrp_data.cgroup;
	__u32 index = 0;
	__u64 *netns;

	for (int level = 0; level < DP_CLIENT_CGROUP_LEVELS && cgroup; level++) {
		__u32 set = dp_find_client_set(cgroup->kn->id | DP_CLIENT_IS_CGROUP, frontend_id);
		struct cgroup_subsys_state *parent = cgroup->self.parent;

		if (set)
			return set;
		if (!parent)
			break;
		cgroup = parent->cgroup;
	}
	netns = bpf_map_lookup_elem(&dp_walked, &index);
	return netns ? dp_find_client_set(*netns, frontend_id) : 0;
}

#define DP_FAMILY 4
#include "dp/place_family.h"
#include "dp/stale_family.h"
#undef DP_FAMILY

#define DP_FAMILY 6
#include "dp/place_family.h"
#include "dp/stale_family.h"
#undef DP_FAMILY

/* Where a socket is connected to. */
struct dp_destination {
	struct dp_ip4 ip4;
	struct dp_ip6 ip6;
	__u32 family; /* 4 or 6, as packets have it; 0: neither */
};

static __always_inline void dp_find_destination(struct sock_common *sk, struct dp_destination *to)
{
	to->family = 0;
	if (sk->skc_family == AF_INET) {
		to->ip4.word[0] = sk->skc_daddr;
		to->family = 4;
		return;
	}
	if (sk->skc_family != AF_INET6)
		return;
#pragma unroll
	for (int i = 0; i < 4; i++)
		to->ip6.word[i] = sk->skc_v6_daddr.in6_u.u6_addr32[i];
	to->family = 6;
	if (to->ip6.word[0] || to->ip6.word[1] || to->ip6.word[2] != bpf_htonl(0xffff))
		return;
	to->ip4.word[0] = to->ip6.word[3];
	to->family = 4;
}

static __always_inline int dp_is_stale(struct sock_common *sk, struct sock *full)
{
	struct dp_destination to;

	dp_find_destination(sk, &to);
	if (to.family == 4)
		return dp_is_stale4(sk, full, &to.ip4);
	return to.family == 6 && dp_is_stale6(sk, full, &to.ip6);
}

/* If there is no room to write, the kernel calls again with the same socket: so it is not to be destroyed before. */
static __always_inline void dp_end_if_stale(struct bpf_iter_meta *meta, struct sock_common *sk, struct sock *full)
{
	__u64 cookie;

	if (!full || !dp_is_stale(sk, full))
		return;
	cookie = bpf_get_socket_cookie(sk);
	if (!bpf_seq_write(meta->seq, &cookie, sizeof(cookie)) && !dp_is_only_listed)
		bpf_sock_destroy(sk);
}

/* A function of its own, so that the object tells the layout of what it writes. */
static __noinline long dp_write_led(struct bpf_iter_meta *meta, const struct dp_led *led)
{
	return bpf_seq_write(meta->seq, led, sizeof(*led));
}

static __always_inline void dp_tell_if_led(struct bpf_iter_meta *meta, struct sock_common *sk)
{
	struct dp_led led = {};
	struct dp_destination to;

	dp_find_destination(sk, &to);
	if (to.family == 4 ? dp_describe_led4(sk, &to.ip4, &led) : to.family == 6 && dp_describe_led6(sk, &to.ip6, &led))
		dp_write_led(meta, &led);
}

/* Connections that an application still uses. What it has closed ends by itself, and what is on its way shall arrive. */
static __always_inline int dp_is_in_use(struct sock_common *sk)
{
	return (1U << sk->skc_state) &
	       (1U << TCP_ESTABLISHED | 1U << TCP_SYN_SENT | 1U << TCP_FIN_WAIT1 | 1U << TCP_FIN_WAIT2 | 1U << TCP_CLOSE_WAIT);
}

SEC("iter/tcp")
int dp_stale_tcp(struct bpf_iter__tcp *ctx)
{
	struct sock_common *sk = ctx->sk_common;

	if (sk && dp_is_in_use(sk))
		dp_end_if_stale(ctx->meta, sk, (struct sock *)bpf_skc_to_tcp_sock(sk));
	return 0;
}

/* A socket that names an address with each datagram follows its service anyway, and may have other peers. */
SEC("iter/udp")
int dp_stale_udp(struct bpf_iter__udp *ctx)
{
	struct sock_common *sk = (struct sock_common *)ctx->udp_sk;

	if (sk && sk->skc_state == TCP_ESTABLISHED)
		dp_end_if_stale(ctx->meta, sk, (struct sock *)ctx->udp_sk);
	return 0;
}

/* The same sockets, whether they are stale or not: for a manager that does not know what its predecessor left undone. */
SEC("iter/tcp")
int dp_led_tcp(struct bpf_iter__tcp *ctx)
{
	struct sock_common *sk = ctx->sk_common;

	if (sk && dp_is_in_use(sk))
		dp_tell_if_led(ctx->meta, sk);
	return 0;
}

SEC("iter/udp")
int dp_led_udp(struct bpf_iter__udp *ctx)
{
	struct sock_common *sk = (struct sock_common *)ctx->udp_sk;

	if (sk && sk->skc_state == TCP_ESTABLISHED)
		dp_tell_if_led(ctx->meta, sk);
	return 0;
}

char _license[] SEC("license") = "Dual BSD/GPL";
