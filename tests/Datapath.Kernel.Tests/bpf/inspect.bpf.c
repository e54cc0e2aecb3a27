// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Maps of many kinds whose keys and values have types, and variables. */
#include "kernel.h"

#define BPF_F_NO_PREALLOC 1

enum verdict { VERDICT_PASS, VERDICT_DROP = 7 };

struct peer {
	__u32 address;
	__u16 port;
	__u16 :16;
};

struct state {
	enum verdict verdict;
	char name[12];
	union {
		__u32 word;
		__u8 bytes[4];
	};
	__u32 is_open : 1;
	__u32 retries : 7;
	__s32 delta : 24;
	_Bool seen;
	struct peer peers[2];
};

struct prefix {
	__u32 length;
	__u8 address[4];
};

#define MAP(name, kind, key_type, value_type, entries, flags) \
	struct { \
		__uint(type, kind); \
		__type(key, key_type); \
		__type(value, value_type); \
		__uint(max_entries, entries); \
		__uint(map_flags, flags); \
	} name SEC(".maps")

MAP(states, 1, struct peer, struct state, 1000, 0);
MAP(numbers, 2, __u32, __u64, 3, 0);
MAP(cpu_hash, 5, __u32, __u64, 8, 0);
MAP(cpu_array, 6, __u32, __u32, 2, 0);
MAP(prefixes, 11, struct prefix, __u32, 8, BPF_F_NO_PREALLOC);

int step = 5;
char label[8] = "main";
const volatile __u64 limit = 900;
static __u32 calls;

SEC("xdp")
int a_program_with_a_long_name(void *ctx)
{
	struct peer key = {};
	__u32 index = 0;

	(void)ctx;
	calls++;
	if (bpf_map_lookup_elem(&states, &key) || bpf_map_lookup_elem(&numbers, &index))
		return step + (int)limit + label[0];
	return 2;
}

char _license[] SEC("license") = "GPL";
