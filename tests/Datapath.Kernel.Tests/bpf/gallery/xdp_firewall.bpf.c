// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Drops what comes from listed networks; counts each verdict. */
#include "gallery.h"

struct network4 {
	__u32 length;
	__be32 address;
};

struct network6 {
	__u32 length;
	__be32 address[4];
};

struct {
	__uint(type, LPM_TRIE);
	__uint(map_flags, NO_PREALLOC);
	__uint(max_entries, 10000);
	__type(key, struct network4);
	__type(value, __u32);
} denied4 SEC(".maps");

struct {
	__uint(type, LPM_TRIE);
	__uint(map_flags, NO_PREALLOC);
	__uint(max_entries, 10000);
	__type(key, struct network6);
	__type(value, __u32);
} denied6 SEC(".maps");

struct {
	__uint(type, PERCPU_ARRAY);
	__uint(max_entries, 3);
	__type(key, __u32);
	__type(value, __u64);
} verdicts SEC(".maps");

/* A global function: the verifier looks at it alone. */
__noinline int tell(__u32 verdict)
{
	__u64 *count = bpf_map_lookup_elem(&verdicts, &verdict);

	if (count)
		*count += 1;
	return verdict;
}

SEC("xdp")
int firewall(struct xdp_md *ctx)
{
	void *end = (void *)(long)ctx->data_end;
	struct ethernet *ethernet = (void *)(long)ctx->data;
	struct ipv4 *ip4 = (void *)(ethernet + 1);
	struct ipv6 *ip6 = (void *)(ethernet + 1);

	if ((void *)(ethernet + 1) > end)
		return tell(XDP_ABORTED);
	if (ethernet->type == be16(ETH_IPV4) && (void *)(ip4 + 1) <= end) {
		struct network4 key = { 32, ip4->from };

		return tell(bpf_map_lookup_elem(&denied4, &key) ? XDP_DROP : XDP_PASS);
	}
	if (ethernet->type == be16(ETH_IPV6) && (void *)(ip6 + 1) <= end) {
		struct network6 key = { 128, { ip6->from[0], ip6->from[1], ip6->from[2], ip6->from[3] } };

		return tell(bpf_map_lookup_elem(&denied6, &key) ? XDP_DROP : XDP_PASS);
	}
	return tell(XDP_PASS);
}

LICENSE;
