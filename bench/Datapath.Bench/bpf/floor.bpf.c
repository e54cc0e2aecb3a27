// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The least that can be called a load balancer: one lookup finds a service and, in the same element, its two backends; the
 * address and the port are rewritten. On the way back one lookup finds the service of a backend, as if it had one only. No change
 * while it runs, no third backend, no state of a socket: a mark to measure against.
 */
#include "../../../src/Datapath.BpfObjects/bpf/dp/kernel.h"

/* Mirrored in C# by FloorKey4, FloorKey6, FloorValue4 and FloorValue6. */
struct floor_key4 {
	__be32 address;
	__be16 port;
	__u16 protocol;
};

struct floor_key6 {
	__be32 address[4];
	__be16 port;
	__u16 protocol;
};

struct floor_backend4 {
	__be32 address;
	__be16 port;
	__u16 pad;
};

struct floor_backend6 {
	__be32 address[4];
	__be16 port;
	__u16 pad;
};

struct floor_value4 {
	struct floor_backend4 backends[2];
};

struct floor_value6 {
	struct floor_backend6 backends[2];
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__type(key, struct floor_key4);
	__type(value, struct floor_value4);
	__uint(max_entries, 65536);
} floor_services4 SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__type(key, struct floor_key6);
	__type(value, struct floor_value6);
	__uint(max_entries, 65536);
} floor_services6 SEC(".maps");

/* The service of each backend. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__type(key, struct floor_key4);
	__type(value, struct floor_backend4);
	__uint(max_entries, 65536);
} floor_backends4 SEC(".maps");

static __always_inline const struct floor_backend4 *floor_choose4(struct bpf_sock_addr *ctx, __be32 address)
{
	struct floor_key4 key = { .address = address, .port = ctx->user_port, .protocol = ctx->protocol };
	struct floor_value4 *value = bpf_map_lookup_elem(&floor_services4, &key);

	return value ? &value->backends[bpf_get_prandom_u32() & 1] : NULL;
}

static __always_inline int floor_dial4(struct bpf_sock_addr *ctx)
{
	const struct floor_backend4 *backend = floor_choose4(ctx, ctx->user_ip4);

	if (backend) {
		ctx->user_ip4 = backend->address;
		ctx->user_port = backend->port;
	}
	return 1;
}

static __always_inline int floor_dial_mapped(struct bpf_sock_addr *ctx)
{
	const struct floor_backend4 *backend = floor_choose4(ctx, ctx->user_ip6[3]);

	if (backend) {
		ctx->user_ip6[3] = backend->address;
		ctx->user_port = backend->port;
	}
	return 1;
}

SEC("cgroup/connect4")
int floor_connect4(struct bpf_sock_addr *ctx)
{
	return floor_dial4(ctx);
}

SEC("cgroup/sendmsg4")
int floor_sendmsg4(struct bpf_sock_addr *ctx)
{
	return floor_dial4(ctx);
}

SEC("cgroup/recvmsg4")
int floor_recvmsg4(struct bpf_sock_addr *ctx)
{
	struct floor_key4 key = { .address = ctx->user_ip4, .port = ctx->user_port, .protocol = ctx->protocol };
	struct floor_backend4 *service = bpf_map_lookup_elem(&floor_backends4, &key);

	if (service) {
		ctx->user_ip4 = service->address;
		ctx->user_port = service->port;
	}
	return 1;
}

SEC("cgroup/connect6")
int floor_connect6(struct bpf_sock_addr *ctx)
{
	struct floor_key6 key = {
		.address = { ctx->user_ip6[0], ctx->user_ip6[1], ctx->user_ip6[2], ctx->user_ip6[3] },
		.port = ctx->user_port,
		.protocol = ctx->protocol,
	};
	const struct floor_backend6 *backend;
	struct floor_value6 *value;

	if (key.address[0] == 0 && key.address[1] == 0 && key.address[2] == bpf_htonl(0xffff))
		return floor_dial_mapped(ctx);
	value = bpf_map_lookup_elem(&floor_services6, &key);
	if (!value)
		return 1;
	backend = &value->backends[bpf_get_prandom_u32() & 1];
	ctx->user_ip6[0] = backend->address[0];
	ctx->user_ip6[1] = backend->address[1];
	ctx->user_ip6[2] = backend->address[2];
	ctx->user_ip6[3] = backend->address[3];
	ctx->user_port = backend->port;
	return 1;
}

char _license[] SEC("license") = "Dual BSD/GPL";
