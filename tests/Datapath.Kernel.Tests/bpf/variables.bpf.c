// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Variables of every section and several sizes, which user space and the programs share. */
#include "kernel.h"

struct point {
	int x;
	int y;
	int z;
};

const volatile __u32 step = 3;
const volatile struct point origin = { 1, 2, 3 };
__u64 counter;
__u16 small;
_Bool enabled = 1;
__s64 limit = -5;
struct point points[2];
static volatile __u8 letter = 'x';
__attribute__((visibility("hidden"))) int inner_count;

__attribute__((visibility("hidden"))) __noinline int plus_step(__u64 *value)
{
	*value += step; /* a global function could not: to it, any pointer may be NULL */
	inner_count++;
	return 0;
}

SEC("tc")
int count(void *ctx)
{
	(void)ctx;
	if (!enabled)
		return letter;
	plus_step(&counter);
	small++;
	points[1].y = origin.z + (int)limit;
	return 0;
}

char _license[] SEC("license") = "GPL";
