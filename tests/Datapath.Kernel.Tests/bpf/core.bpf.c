// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Asks the kernel's types and keeps the answers. */
#include "kernel.h"

#define CORE __attribute__((preserve_access_index))

/* Fields in an order and of sizes that are not the kernel's, so that an unchanged program reads the wrong bytes. */
struct sock_common {
	unsigned short skc_family;
	unsigned short skc_dport;
} CORE;

struct sock {
	int not_in_any_kernel;
	struct sock_common __sk_common;
} CORE;

struct sock___flavoured {
	struct sock_common __sk_common;
} CORE;

struct sk_buff {
	unsigned int len;
	unsigned char pkt_type : 3; /* a bit field of the kernel */
} CORE;

struct datapath_never {
	int field;
} CORE;

struct task_struct {
	int pid;
	int tgid;
	char comm[16];
} CORE;

enum bpf_map_type {
	BPF_MAP_TYPE_LPM_TRIE = 3, /* 11 in the kernel */
	BPF_MAP_TYPE_DATAPATH = 4, /* nowhere */
};

#define FIELD(kind, object, path) __builtin_preserve_field_info(((object *)0)->path, kind)
#define TYPE(kind, type) __builtin_preserve_type_info(*(type *)0, kind)
#define ENUM(kind, type, value) __builtin_preserve_enum_value(*(type *)value, kind)

__u64 answers[16];

SEC("cgroup/connect4")
int ask(void *ctx)
{
	(void)ctx;
	answers[0] = FIELD(0, struct sock, __sk_common.skc_dport);
	answers[1] = FIELD(1, struct task_struct, comm);
	answers[2] = FIELD(2, struct sock, not_in_any_kernel);
	answers[3] = FIELD(2, struct sock___flavoured, __sk_common.skc_family);
	answers[4] = FIELD(3, struct task_struct, pid);
	answers[5] = FIELD(4, struct sk_buff, pkt_type);
	answers[6] = FIELD(5, struct sk_buff, pkt_type);
	answers[7] = __builtin_btf_type_id(*(struct sock *)0, 0);
	answers[8] = __builtin_btf_type_id(*(struct sock *)0, 1);
	answers[9] = TYPE(0, struct datapath_never);
	answers[10] = TYPE(0, struct sk_buff);
	answers[11] = TYPE(1, struct sk_buff);
	answers[12] = TYPE(2, struct sock_common);
	answers[13] = ENUM(0, enum bpf_map_type, BPF_MAP_TYPE_DATAPATH);
	answers[14] = ENUM(1, enum bpf_map_type, BPF_MAP_TYPE_LPM_TRIE);
	answers[15] = FIELD(0, struct task_struct, tgid);
	return 1;
}

SEC("cgroup/connect6")
int guarded(void *ctx)
{
	(void)ctx;
	if (FIELD(2, struct datapath_never, field))
		return FIELD(0, struct datapath_never, field);
	return 1;
}

char _license[] SEC("license") = "Dual BSD/GPL";
