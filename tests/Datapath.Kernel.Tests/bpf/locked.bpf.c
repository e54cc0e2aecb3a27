// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Values that are right only as a whole: all words of one are the same, and change under its lock. */
#include "kernel.h"

#define WORDS 64

struct bpf_spin_lock {
	__u32 value;
};

struct whole {
	struct bpf_spin_lock lock;
	__u32 unused;
	__u64 words[WORDS];
};

struct {
	__uint(type, 1); /* HASH */
	__uint(max_entries, 4);
	__type(key, __u32);
	__type(value, struct whole);
} by_key SEC(".maps");

struct {
	__uint(type, 2); /* ARRAY */
	__uint(max_entries, 2);
	__type(key, __u32);
	__type(value, struct whole);
} by_index SEC(".maps");

static long (*const bpf_spin_lock)(void *lock) = (void *)93;
static long (*const bpf_spin_unlock)(void *lock) = (void *)94;

__u64 torn; /* values whose words differed */

static __always_inline void change(struct whole *whole)
{
	__u64 first, differs = 0;

	bpf_spin_lock(&whole->lock);
	first = whole->words[0];
	for (int i = 1; i < WORDS; i++)
		differs |= whole->words[i] ^ first;
	for (int i = 0; i < WORDS; i++)
		whole->words[i] = first + 1;
	bpf_spin_unlock(&whole->lock);
	if (differs)
		__sync_fetch_and_add(&torn, 1);
}

SEC("tc")
int change_both(void *ctx)
{
	__u32 key = 0;
	struct whole *whole = bpf_map_lookup_elem(&by_key, &key);

	(void)ctx;
	if (whole)
		change(whole);
	whole = bpf_map_lookup_elem(&by_index, &key);
	if (whole)
		change(whole);
	return 0;
}

char _license[] SEC("license") = "GPL";
