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

/* A datagram socket begins with its sock_common. */
struct udp_sock;

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
	TCP_CLOSE_WAIT = 8,
};

static long (*const bpf_seq_write)(void *seq, const void *data, __u32 length) = (void *)127;

extern int bpf_sock_destroy(struct sock_common *sk) __attribute__((section(".ksyms"), weak)); /* since Linux 6.5 */

#endif
