// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Marks new sockets by their kind, and counts those alive. */
#include "gallery.h"

struct {
	__uint(type, ARRAY);
	__uint(map_flags, MMAPABLE);
	__uint(max_entries, 2);
	__type(key, __u32);
	__type(value, __s64);
} alive SEC(".maps");

static void count(__u32 stream, __s64 by)
{
	__s64 *value = bpf_map_lookup_elem(&alive, &stream);

	if (value)
		__sync_fetch_and_add(value, by);
}

SEC("cgroup/sock_create")
int created(struct bpf_sock *sk)
{
	sk->mark = sk->type == 1 ? 0x100 : 0x200;
	count(sk->type == 1, 1);
	return 1;
}

SEC("cgroup/sock_release")
int released(struct bpf_sock *sk)
{
	count(sk->type == 1, -1);
	return 1;
}

LICENSE;
