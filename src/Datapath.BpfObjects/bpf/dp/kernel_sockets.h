/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What a walk over sockets uses of the kernel. Unlike the hooks' contexts these structs are no fixed interface: the loader
 * finds the places of the fields in the running kernel.
 */
#ifndef DP_KERNEL_SOCKETS_H
#define DP_KERNEL_SOCKETS_H

#include "kernel.h"

#define KERNEL_TYPE __attribute__((preserve_access_index))

struct in6_addr {
	union {
		__be32 u6_addr32[4];
	} in6_u;
} KERNEL_TYPE;

struct sock_common {
	__be32 skc_daddr;
	__be16 skc_dport;
	__u16 skc_family;
	volatile __u8 skc_state;
	struct in6_addr skc_v6_daddr;
} KERNEL_TYPE;

struct kernfs_node {
	__u64 id;
} KERNEL_TYPE;

struct cgroup;

struct cgroup_subsys_state {
	struct cgroup *cgroup;
	struct cgroup_subsys_state *parent;
} KERNEL_TYPE;

struct cgroup {
	struct cgroup_subsys_state self;
	struct kernfs_node *kn;
} KERNEL_TYPE;

/* The cgroup of the process that made the socket. */
struct sock_cgroup_data {
	struct cgroup *cgroup;
} KERNEL_TYPE;

/* TCP and datagram sockets begin with it, and it with a sock_common. */
struct sock {
	int sk_err; /* why the connection failed, not yet told */
	struct sock_cgroup_data sk_cgrp_data;
} KERNEL_TYPE;

struct udp_sock;

struct tcp_sock;

struct bpf_iter_meta {
	void *seq;
} KERNEL_TYPE;

/* The contexts of iter/tcp and iter/udp. After the last socket they are called once more, without one. */
struct bpf_iter__tcp {
	struct bpf_iter_meta *meta;
	struct sock_common *sk_common;
};

struct bpf_iter__udp {
	struct bpf_iter_meta *meta;
	struct udp_sock *udp_sk;
};

enum {
	AF_INET = 2,
	AF_INET6 = 10,
};

enum {
	TCP_ESTABLISHED = 1, /* of a datagram socket: connected */
	TCP_SYN_SENT = 2,
	TCP_FIN_WAIT1 = 4,
	TCP_FIN_WAIT2 = 5,
	TCP_CLOSE = 7,
	TCP_CLOSE_WAIT = 8,
};

/* The context of sockops, as far as it is used. The remote port is in the high half, in network order. */
struct bpf_sock_ops {
	__u32 op;
	__u32 args[4];
	__u32 family;
	__u32 remote_ip4;
	__u32 local_ip4;
	__u32 remote_ip6[4];
	__u32 local_ip6[4];
	__u32 remote_port;
	__u32 local_port;
	__u32 is_fullsock;
	__u32 snd_cwnd;
	__u32 srtt_us;
	__u32 bpf_sock_ops_cb_flags;
	__u32 state;
	__u32 rtt_min;
	__u32 snd_ssthresh;
	__u32 rcv_nxt;
	__u32 snd_nxt;
	__u32 snd_una;
	__u32 mss_cache;
	__u32 ecn_flags;
	__u32 rate_delivered;
	__u32 rate_interval_us;
	__u32 packets_out;
	__u32 retrans_out;
	__u32 total_retrans;
	__u32 segs_in;
	__u32 data_segs_in;
	__u32 segs_out;
	__u32 data_segs_out;
	__u32 lost_out;
	__u32 sacked_out;
	__u32 sk_txhash;
	__u64 bytes_received;
	__u64 bytes_acked;
	struct bpf_sock *sk;
};

enum {
	BPF_SOCK_OPS_TCP_CONNECT_CB = 3,
	BPF_SOCK_OPS_STATE_CB = 10,
};

enum {
	BPF_SOCK_OPS_STATE_CB_FLAG = 1U << 2,
};

static long (*const bpf_sock_ops_cb_flags_set)(struct bpf_sock_ops *ops, int flags) = (void *)59;
static struct tcp_sock *(*const bpf_skc_to_tcp_sock)(void *sk) = (void *)137;
static long (*const bpf_seq_write)(void *seq, const void *data, __u32 length) = (void *)127;

extern int bpf_sock_destroy(struct sock_common *sk) __attribute__((section(".ksyms"), weak)); /* since Linux 6.5 */

#endif
