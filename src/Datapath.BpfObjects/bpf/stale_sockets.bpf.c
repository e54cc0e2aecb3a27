// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Stale sockets: a walk over the sockets of a network namespace that ends those which are connected, through a service, to a
 * backend that the service no longer has. For each it writes the socket's cookie.
 */
#include "dp/kernel_sockets.h"
#include "dp/client_set.h"
#include "dp/config.h"
#include "dp/place.h"

DP_CONFIG(__u8, dp_is_only_listed, "whether stale sockets are only listed, for kernels without bpf_sock_destroy()") = 0;

/* The client whose sockets are walked over: the cookie of the network namespace. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__type(key, __u32);
	__type(value, __u64);
	__uint(max_entries, 1);
	__uint(map_flags, BPF_F_MMAPABLE);
} dp_walked SEC(".maps");

static __always_inline __u64 dp_set_bit_of_walked(__u32 frontend_id)
{
	__u32 index = 0;
	__u64 *client = bpf_map_lookup_elem(&dp_walked, &index);

	return client ? 1ULL << dp_find_client_set(*client, frontend_id) : 1;
}

#define DP_FAMILY 4
#include "dp/place_family.h"
#include "dp/stale_family.h"
#undef DP_FAMILY

#define DP_FAMILY 6
#include "dp/place_family.h"
#include "dp/stale_family.h"
#undef DP_FAMILY

static __always_inline int dp_is_stale(struct sock_common *sk)
{
	struct dp_ip4 ip4;
	struct dp_ip6 ip6;

	if (sk->skc_family == AF_INET) {
		ip4.word[0] = sk->skc_daddr;
		return dp_is_stale4(sk, &ip4);
	}
	if (sk->skc_family != AF_INET6)
		return 0;
#pragma unroll
	for (int i = 0; i < 4; i++)
		ip6.word[i] = sk->skc_v6_daddr.in6_u.u6_addr32[i];
	if (ip6.word[0] || ip6.word[1] || ip6.word[2] != bpf_htonl(0xffff))
		return dp_is_stale6(sk, &ip6);
	ip4.word[0] = ip6.word[3];
	return dp_is_stale4(sk, &ip4);
}

/* If there is no room to write, the kernel calls again with the same socket: so it is not to be destroyed before. */
static __always_inline void dp_end_if_stale(struct bpf_iter_meta *meta, struct sock_common *sk)
{
	__u64 cookie;

	if (!dp_is_stale(sk))
		return;
	cookie = bpf_get_socket_cookie(sk);
	if (!bpf_seq_write(meta->seq, &cookie, sizeof(cookie)) && !dp_is_only_listed)
		bpf_sock_destroy(sk);
}

/* Connections that an application still uses. What it has closed ends by itself, and what is on its way shall arrive. */
SEC("iter/tcp")
int dp_stale_tcp(struct bpf_iter__tcp *ctx)
{
	struct sock_common *sk = ctx->sk_common;

	if (sk && ((1U << sk->skc_state) & (1U << TCP_ESTABLISHED | 1U << TCP_SYN_SENT | 1U << TCP_FIN_WAIT1 |
					    1U << TCP_FIN_WAIT2 | 1U << TCP_CLOSE_WAIT)))
		dp_end_if_stale(ctx->meta, sk);
	return 0;
}

/* A socket that names an address with each datagram follows its service anyway, and may have other peers. */
SEC("iter/udp")
int dp_stale_udp(struct bpf_iter__udp *ctx)
{
	struct sock_common *sk = (struct sock_common *)ctx->udp_sk;

	if (sk && sk->skc_state == TCP_ESTABLISHED)
		dp_end_if_stale(ctx->meta, sk);
	return 0;
}

char _license[] SEC("license") = "Dual BSD/GPL";
