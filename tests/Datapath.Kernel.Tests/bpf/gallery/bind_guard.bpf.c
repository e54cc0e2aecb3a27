// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Refuses to bind to ports that are kept for others; which, is said before the load. */
#include "gallery.h"

struct range {
	__u16 first, last;
};

const volatile struct range kept[4] = { { 1, 1023 }, { 30000, 32767 } };
const volatile __u8 refuse = 1;
__u64 refused;

static __noinline int is_kept(__u32 port)
{
	for (int i = 0; i < 4; i++)
		if (kept[i].last && port >= kept[i].first && port <= kept[i].last)
			return 1;
	return 0;
}

static __always_inline int judge(struct bpf_sock_addr *ctx)
{
	if (!is_kept(be16(ctx->user_port)))
		return 1;
	__sync_fetch_and_add(&refused, 1);
	return !refuse;
}

SEC("cgroup/bind4")
int guard4(struct bpf_sock_addr *ctx)
{
	return judge(ctx);
}

SEC("cgroup/bind6")
int guard6(struct bpf_sock_addr *ctx)
{
	return judge(ctx);
}

LICENSE;
