// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Needs a field that no kernel has. */
#include "kernel.h"

struct datapath_never {
	int field;
} __attribute__((preserve_access_index));

SEC("cgroup/connect4")
int unguarded(void *ctx)
{
	(void)ctx;
	return __builtin_preserve_field_info(((struct datapath_never *)0)->field, 0) == 7;
}

char _license[] SEC("license") = "Dual BSD/GPL";
