// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Symbols and options of the kernel. */
#include "kernel.h"

#define __ksym __attribute__((section(".ksyms")))
#define __kconfig __attribute__((section(".kconfig")))
#define __weak __attribute__((weak))

static void *(*const bpf_per_cpu_ptr)(const void *variable, __u32 cpu) = (void *)153;
static void *(*const bpf_this_cpu_ptr)(const void *variable) = (void *)154;

enum libbpf_tristate { TRI_NO = 0, TRI_YES = 1, TRI_MODULE = 2 };

struct rq {
	int cpu;
} __attribute__((preserve_access_index));

extern const struct rq runqueues __ksym;
extern const int bpf_prog_active __ksym __weak;
extern const int nobody_has_this_number __ksym __weak;
extern const void tcp_v4_rcv __ksym;
extern const void nobody_has_this __ksym __weak;

extern unsigned int LINUX_KERNEL_VERSION __kconfig;
extern int CONFIG_NR_CPUS __kconfig;
extern _Bool CONFIG_BPF_SYSCALL __kconfig;
extern _Bool CONFIG_NOBODY_HAS_THIS __kconfig __weak;
extern char CONFIG_BPF __kconfig;
extern enum libbpf_tristate CONFIG_BPF_JIT __kconfig;
extern char CONFIG_CC_VERSION_TEXT[8] __kconfig;

__u64 address, absent, version;
__u32 cpus, first_letter, letter_of_bpf;
int cpu_of_0 = -1, knows_prog_active = -1, tristate = -1, truth = -1, missing = -1, typed_absent = -1, has_no_cpu = -1, has_this_cpu = -1;

SEC("tc")
int names(void *ctx)
{
	(void)ctx;
	address = (__u64)&tcp_v4_rcv;
	absent = (__u64)&nobody_has_this;
	typed_absent = &nobody_has_this_number != NULL;
	return 0;
}

SEC("tc")
int per_cpu(void *ctx)
{
	const struct rq *queue = bpf_per_cpu_ptr(&runqueues, 0);

	(void)ctx;
	if (!queue)
		return 1;
	cpu_of_0 = queue->cpu;
	has_no_cpu = bpf_per_cpu_ptr(&runqueues, 1 << 20) != NULL;
	queue = bpf_this_cpu_ptr(&runqueues);
	has_this_cpu = queue->cpu >= 0;
	return 0;
}

SEC("tc")
int weak_per_cpu(void *ctx)
{
	(void)ctx;
	knows_prog_active = &bpf_prog_active != NULL && bpf_per_cpu_ptr(&bpf_prog_active, 0) != NULL;
	return 0;
}

SEC("tc")
int options(void *ctx)
{
	(void)ctx;
	version = LINUX_KERNEL_VERSION;
	cpus = CONFIG_NR_CPUS;
	truth = CONFIG_BPF_SYSCALL;
	missing = CONFIG_NOBODY_HAS_THIS;
	letter_of_bpf = CONFIG_BPF;
	tristate = CONFIG_BPF_JIT;
	first_letter = CONFIG_CC_VERSION_TEXT[0];
	return CONFIG_CC_VERSION_TEXT[7];
}

char _license[] SEC("license") = "GPL";
