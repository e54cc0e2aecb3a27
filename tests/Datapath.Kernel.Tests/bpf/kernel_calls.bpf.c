// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Calls of the kernel's functions for connection tracking, which many kernels have in a module. */
#include "kernel.h"

#define __ksym __attribute__((section(".ksyms")))
#define __weak __attribute__((weak))

struct __sk_buff;
struct nf_conn;

struct tuple { /* of IPv4 */
	__u32 saddr;
	__u32 daddr;
	__u16 sport;
	__u16 dport;
};

struct bpf_ct_opts {
	__s32 netns_id;
	__s32 error;
	__u8 l4proto;
	__u8 dir;
	__u8 reserved[2];
};

extern struct nf_conn *bpf_skb_ct_lookup(struct __sk_buff *skb, struct tuple *tuple, __u32 tuple__sz, struct bpf_ct_opts *opts, __u32 opts__sz) __ksym;
extern void bpf_ct_release(struct nf_conn *connection) __ksym;
extern struct nf_conn *bpf_xdp_ct_lookup(struct __sk_buff *packet, struct tuple *tuple, __u32 tuple__sz, struct bpf_ct_opts *opts, __u32 opts__sz) __ksym __weak;
extern void nobody_has_this_function(void) __ksym __weak;

int lookups, error, has_weak = -1, has_nobodys = -1;

SEC("tc")
int look_up(struct __sk_buff *skb)
{
	struct tuple tuple = { .saddr = 0x0100007f, .daddr = 0x0100007f, .sport = 1, .dport = 2 };
	struct bpf_ct_opts opts = { .netns_id = -1, .l4proto = 17 };
	struct nf_conn *connection;

	for (int i = 0; i < 2; i++) {
		connection = bpf_skb_ct_lookup(skb, &tuple, sizeof(tuple), &opts, sizeof(opts));
		if (connection)
			bpf_ct_release(connection);
		lookups++;
	}
	error = opts.error;
	return 0;
}

SEC("tc")
int look_for(void *ctx)
{
	(void)ctx;
	has_weak = bpf_xdp_ct_lookup != NULL;
	has_nobodys = nobody_has_this_function != NULL;
	return 0;
}

char _license[] SEC("license") = "GPL";
