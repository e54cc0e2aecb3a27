// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Forgets a dial a while after it was made, by a timer inside the element. */
#include "gallery.h"

struct bpf_timer {
	__u64 opaque[2];
} __attribute__((aligned(8)));

struct dial {
	struct bpf_timer forget;
	__u64 when;
};

struct {
	__uint(type, HASH);
	__uint(max_entries, 256);
	__type(key, __u64); /* socket cookie */
	__type(value, struct dial);
} dials SEC(".maps");

const volatile __u64 kept_for = 50000000; /* ns */

static int forget(void *map, __u64 *key, struct dial *dial)
{
	(void)dial;
	bpf_map_delete_elem(map, key);
	return 0;
}

SEC("cgroup/connect4")
int dialed(struct bpf_sock_addr *ctx)
{
	__u64 cookie = bpf_get_socket_cookie(ctx);
	struct dial fresh = { .when = bpf_ktime_get_ns() }, *dial;

	if (bpf_map_update_elem(&dials, &cookie, &fresh, 1))
		return 1;
	dial = bpf_map_lookup_elem(&dials, &cookie);
	if (!dial || bpf_timer_init(&dial->forget, &dials, 1 /* monotonic clock */) || bpf_timer_set_callback(&dial->forget, forget))
		return 1;
	bpf_timer_start(&dial->forget, kept_for, 0);
	return 1;
}

LICENSE;
