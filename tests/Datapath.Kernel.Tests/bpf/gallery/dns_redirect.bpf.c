// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Sends questions for names to another server, and lets the answers look as if they came from the asked one. */
#include "gallery.h"

const volatile __be32 server; /* 0: leave everything alone */
const volatile __be16 port;

struct asked {
	__be32 address;
	__u32 port;
};

struct {
	__uint(type, SK_STORAGE);
	__uint(map_flags, NO_PREALLOC);
	__type(key, int);
	__type(value, struct asked);
} asked SEC(".maps");

struct context {
	struct bpf_sock_addr fields;
	void *sk;
};

SEC("cgroup/sendmsg4")
int question(struct context *ctx)
{
	struct asked original = { ctx->fields.user_ip4, ctx->fields.user_port };
	struct asked *kept;

	if (!server || ctx->fields.user_port != be16(53) || !ctx->sk)
		return 1;
	kept = bpf_sk_storage_get(&asked, ctx->sk, &original, 1);
	if (!kept)
		return 1;
	*kept = original;
	ctx->fields.user_ip4 = server;
	ctx->fields.user_port = port;
	return 1;
}

SEC("cgroup/recvmsg4")
int answer(struct context *ctx)
{
	struct asked *original = ctx->sk ? bpf_sk_storage_get(&asked, ctx->sk, NULL, 0) : NULL;

	if (original && ctx->fields.user_ip4 == server && ctx->fields.user_port == port) {
		ctx->fields.user_ip4 = original->address;
		ctx->fields.user_port = original->port;
	}
	return 1;
}

LICENSE;
