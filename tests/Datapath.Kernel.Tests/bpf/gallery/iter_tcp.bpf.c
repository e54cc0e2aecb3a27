// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* A record for each listening TCP socket. */
#include "gallery.h"

struct sock_common {
	unsigned short skc_family;
	unsigned short skc_num;
	unsigned char skc_state;
	__be32 skc_rcv_saddr;
} CORE;

struct bpf_iter_meta {
	void *seq;
} CORE;

struct context {
	struct bpf_iter_meta *meta;
	struct sock_common *sk;
	__u32 uid;
};

struct listener {
	__u32 family, port, address, uid;
};

SEC("iter/tcp")
int listeners(struct context *ctx)
{
	struct sock_common *sk = ctx->sk;
	struct listener listener = {};

	if (!sk || sk->skc_state != 10)
		return 0;
	listener.family = sk->skc_family;
	listener.port = sk->skc_num;
	listener.address = sk->skc_family == 2 ? sk->skc_rcv_saddr : 0;
	listener.uid = ctx->uid;
	bpf_seq_write(ctx->meta->seq, &listener, sizeof(listener));
	return 0;
}

LICENSE;
