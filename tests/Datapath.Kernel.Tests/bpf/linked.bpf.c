// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Static and global functions, a callback, and names of the kernel, present and absent. */
#include "kernel.h"

static long (*const bpf_loop)(__u32 count, void *callback, void *context, __u64 flags) = (void *)181;
extern void *bpf_cast_to_kern_ctx(void *context) __attribute__((section(".ksyms")));
extern __u64 bpf_nobody_has_this(void) __attribute__((section(".ksyms"), weak));

static int calls;
int step = 5;
const volatile int factor = 7;

static __noinline int add(int x)
{
	return x + step + calls;
}

__noinline int scale(int x)
{
	return add(x) * factor;
}

static long count(__u32 index, void *context)
{
	(void)index;
	(void)context;
	calls++;
	return 0;
}

SEC("tc")
int loops(void *ctx)
{
	(void)ctx;
	bpf_loop(4, count, NULL, 0);
	return scale(3);
}

static __noinline SEC("tc") int beside(int x)
{
	return x * step;
}

SEC("tc")
int kernel_names(void *ctx)
{
	int result = beside(scale(4));

	if (bpf_nobody_has_this)
		result += bpf_nobody_has_this();
	return result + (bpf_cast_to_kern_ctx(ctx) != NULL);
}

char _license[] SEC("license") = "GPL";
