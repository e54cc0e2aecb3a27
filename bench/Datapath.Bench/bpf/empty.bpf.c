// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Programs that do nothing, on every hook that Datapath uses: what the kernel takes to run any program there, and to time it. */
#include "../../../src/Datapath.BpfObjects/bpf/dp/kernel.h"

#define EMPTY(hook)                                                                         \
	SEC("cgroup/" #hook)                                                                \
	int empty_##hook(__attribute__((unused)) struct bpf_sock_addr *ctx)                 \
	{                                                                                   \
		return 1;                                                                   \
	}

EMPTY(connect4)
EMPTY(connect6)
EMPTY(sendmsg4)
EMPTY(sendmsg6)
EMPTY(recvmsg4)
EMPTY(recvmsg6)
EMPTY(getpeername4)
EMPTY(getpeername6)

char _license[] SEC("license") = "Dual BSD/GPL";
