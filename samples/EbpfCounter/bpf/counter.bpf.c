// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Counts the IPv4 connections that processes of a cgroup make, by destination. */
typedef unsigned char __u8;
typedef unsigned short __u16;
typedef unsigned int __u32;
typedef unsigned long long __u64;

#define SEC(name) __attribute__((section(name), used))
#define __uint(name, value) int (*name)[value]
#define __type(name, value) __typeof__(value) *name

static void *(*const bpf_map_lookup_elem)(void *map, const void *key) = (void *)1;
static long (*const bpf_map_update_elem)(void *map, const void *key, const void *value, __u64 flags) = (void *)2;

/* The start of the kernel's struct bpf_sock_addr: what connect(2) was called with, in network order. */
struct bpf_sock_addr {
	__u32 user_family;
	__u32 user_ip4;
	__u32 user_ip6[4];
	__u32 user_port;
	__u32 family;
	__u32 type;
	__u32 protocol;
};

/* The kernel hashes every byte of a key, so there is no hidden padding. */
struct destination {
	__u32 address;
	__u16 port;
	__u8 protocol;
	__u8 pad;
};

struct {
	__uint(type, 1); /* BPF_MAP_TYPE_HASH */
	__type(key, struct destination);
	__type(value, __u64);
	__uint(max_entries, 1024); /* a default: the program that loads it may set another */
} dials SEC(".maps");

SEC("cgroup/connect4")
int count_dial(struct bpf_sock_addr *ctx)
{
	struct destination key = { .address = ctx->user_ip4, .port = ctx->user_port, .protocol = ctx->protocol };
	__u64 one = 1, *count = bpf_map_lookup_elem(&dials, &key);

	if (count)
		__sync_fetch_and_add(count, 1);
	else
		bpf_map_update_elem(&dials, &key, &one, 0);
	return 1; /* let it go on */
}

char _license[] SEC("license") = "Dual BSD/GPL";
