// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Gives connections to a port where nobody listens to the one socket of a map. */
#include "kernel.h"

#define DROP 0
#define PASS 1

static long (*const bpf_sk_release)(void *socket) = (void *)86;
static long (*const bpf_sk_assign)(void *ctx, void *socket, __u64 flags) = (void *)124;

/* struct bpf_sk_lookup */
struct lookup {
	__u64 socket;
	__u32 family, protocol;
	__u32 remote[6];
	__u32 local[5];
	__u32 local_port;
	__u32 interface;
};

struct {
	__uint(type, 15); /* BPF_MAP_TYPE_SOCKMAP */
	__uint(key_size, 4);
	__uint(value_size, 8);
	__uint(max_entries, 1);
} servers SEC(".maps");

SEC("sk_lookup")
int to_server(struct lookup *ctx)
{
	__u32 first = 0;
	void *server;
	long failed;

	if (ctx->local_port != 7777)
		return PASS;
	server = bpf_map_lookup_elem(&servers, &first);
	if (!server)
		return DROP;
	failed = bpf_sk_assign(ctx, server, 0);
	bpf_sk_release(server);
	return failed ? DROP : PASS;
}

char _license[] SEC("license") = "GPL";
