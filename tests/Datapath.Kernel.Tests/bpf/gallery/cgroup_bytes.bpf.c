// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Bytes that each cgroup sends and receives, counted on each CPU alone. */
#include "gallery.h"

struct traffic {
	__u64 sent, received;
};

struct {
	__uint(type, PERCPU_HASH);
	__uint(max_entries, 512);
	__type(key, __u64); /* cgroup */
	__type(value, struct traffic);
} traffic SEC(".maps");

static __always_inline struct traffic *of(struct __sk_buff *skb)
{
	__u64 cgroup = bpf_skb_cgroup_id(skb);
	struct traffic *entry = bpf_map_lookup_elem(&traffic, &cgroup);

	if (!entry) {
		const struct traffic none = {};

		bpf_map_update_elem(&traffic, &cgroup, &none, 1);
		entry = bpf_map_lookup_elem(&traffic, &cgroup);
	}
	return entry;
}

SEC("cgroup_skb/egress")
int sent(struct __sk_buff *skb)
{
	struct traffic *entry = of(skb);

	if (entry)
		entry->sent += skb->len;
	return 1;
}

SEC("cgroup_skb/ingress")
int received(struct __sk_buff *skb)
{
	struct traffic *entry = of(skb);

	if (entry)
		entry->received += skb->len;
	return 1;
}

LICENSE;
