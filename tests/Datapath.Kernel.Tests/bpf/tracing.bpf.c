// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Programs at tracepoints and performance events, each of which counts how often it ran. Tracepoints are the whole machine's: the test makes
 * system calls that nobody else makes. */
#include "kernel.h"

#define NOBODYS_PROCESS 0x7a7a0001
#define NOBODYS_CALL 0x7a7a

static __u64 (*const bpf_get_attach_cookie)(void *ctx) = (void *)174;

/* The names of the places are in TracingLab.cs. */
enum place { TRACEPOINT, RAW_TRACEPOINT, TYPED_TRACEPOINT, PERF_EVENT, COOKIE, PLACES };

struct {
	__uint(type, 2); /* BPF_MAP_TYPE_ARRAY */
	__type(key, __u32);
	__type(value, __u64);
	__uint(max_entries, PLACES);
} counts SEC(".maps");

/* events/syscalls/sys_enter_getpgid/format */
struct getpgid_entry {
	__u64 common;
	__s32 number;
	__u32 pad;
	__u64 process;
};

/* The arguments of a raw tracepoint; of sys_enter, the registers and the number of the call. */
struct arguments {
	__u64 registers;
	__u64 number;
};

static __always_inline void count(__u32 place)
{
	__u64 *counter = bpf_map_lookup_elem(&counts, &place);

	if (counter)
		__sync_fetch_and_add(counter, 1);
}

SEC("tracepoint/syscalls/sys_enter_getpgid")
int at_tracepoint(struct getpgid_entry *entry)
{
	__u32 place = COOKIE;
	__u64 cookie;

	if ((__u32)entry->process != NOBODYS_PROCESS)
		return 0;
	count(TRACEPOINT);
	cookie = bpf_get_attach_cookie(entry);
	bpf_map_update_elem(&counts, &place, &cookie, 0);
	return 0;
}

SEC("?tracepoint/syscalls/sys_enter_getpgid")
int too_far(__u64 *entry)
{
	return (int)entry[10];
}

SEC("raw_tp/sys_enter")
int at_raw_tracepoint(struct arguments *arguments)
{
	if (arguments->number == NOBODYS_CALL)
		count(RAW_TRACEPOINT);
	return 0;
}

SEC("?raw_tp/sys_enter")
int with_cookie(struct arguments *arguments)
{
	__u32 place = COOKIE;
	__u64 cookie;

	if (arguments->number != NOBODYS_CALL)
		return 0;
	cookie = bpf_get_attach_cookie(arguments);
	bpf_map_update_elem(&counts, &place, &cookie, 0);
	return 0;
}

SEC("tp_btf/sys_enter")
int at_typed_tracepoint(struct arguments *arguments)
{
	if (arguments->number == NOBODYS_CALL)
		count(TYPED_TRACEPOINT);
	return 0;
}

SEC("perf_event")
int at_perf_event(void *ctx)
{
	(void)ctx;
	count(PERF_EVENT);
	return 0;
}

SEC("?tp_btf/no_such_tracepoint")
int nowhere(void *ctx)
{
	(void)ctx;
	return 0;
}

char _license[] SEC("license") = "GPL";
