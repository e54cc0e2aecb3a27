// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* A token bucket for each mark; its two numbers change together, under a lock in the element. */
#include "gallery.h"

struct bpf_spin_lock {
	__u32 value;
};

struct bucket {
	struct bpf_spin_lock lock;
	__u32 tokens; /* bytes */
	__u64 filled; /* ns since boot */
};

struct {
	__uint(type, HASH);
	__uint(max_entries, 64);
	__type(key, __u32); /* mark */
	__type(value, struct bucket);
} buckets SEC(".maps");

const volatile __u32 bytes_per_ms = 1000;
const volatile __u32 burst = 100000;

SEC("tcx/egress")
int limit(struct __sk_buff *skb)
{
	__u32 mark = skb->mark, length = skb->len;
	struct bucket *bucket = bpf_map_lookup_elem(&buckets, &mark);
	__u64 now = bpf_ktime_get_ns(), fresh;
	int verdict = 2; /* drop */

	if (!bucket)
		return -1; /* the next program decides */
	bpf_spin_lock(&bucket->lock);
	fresh = (now - bucket->filled) / 1000000 * bytes_per_ms;
	if (fresh) {
		bucket->filled = now;
		bucket->tokens = bucket->tokens + fresh > burst ? burst : bucket->tokens + fresh;
	}
	if (bucket->tokens >= length) {
		bucket->tokens -= length;
		verdict = -1;
	}
	bpf_spin_unlock(&bucket->lock);
	return verdict;
}

LICENSE;
