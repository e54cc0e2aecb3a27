/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What programs of many kinds share: contexts, packet headers, map kinds and helpers, as Linux 6.18 has them. */
#ifndef GALLERY_H
#define GALLERY_H

#include "../kernel.h"

typedef __u16 __be16;
typedef __u32 __be32;

#define CORE __attribute__((preserve_access_index))
#define LICENSE char _license[] SEC("license") = "Dual BSD/GPL"
#define be16(x) ((__be16)__builtin_bswap16(x))
#define be32(x) ((__be32)__builtin_bswap32(x))

enum { HASH = 1, ARRAY = 2, PROG_ARRAY = 3, PERCPU_HASH = 5, PERCPU_ARRAY = 6, STACK_TRACE = 7, LRU_HASH = 9, LPM_TRIE = 11, HASH_OF_MAPS = 13,
       QUEUE = 22, STACK = 23, SK_STORAGE = 24, RINGBUF = 27 };
enum { NO_PREALLOC = 1, MMAPABLE = 1024 };
enum { ETH_IPV4 = 0x0800, ETH_IPV6 = 0x86dd, ETH_VLAN = 0x8100, IP_ICMP = 1, IP_TCP = 6, IP_UDP = 17 };

struct __sk_buff {
	__u32 len, pkt_type, mark, queue_mapping, protocol, vlan_present, vlan_tci, vlan_proto, priority, ingress_ifindex, ifindex, tc_index, cb[5], hash,
	      tc_classid, data, data_end, napi_id, family, remote_ip4, local_ip4, remote_ip6[4], local_ip6[4], remote_port, local_port;
};

struct xdp_md {
	__u32 data, data_end, data_meta, ingress_ifindex, rx_queue_index, egress_ifindex;
};
enum { XDP_ABORTED, XDP_DROP, XDP_PASS, XDP_TX, XDP_REDIRECT };

struct bpf_sock_addr {
	__u32 user_family, user_ip4, user_ip6[4], user_port, family, type, protocol, msg_src_ip4, msg_src_ip6[4];
};

struct bpf_sock {
	__u32 bound_dev_if, family, type, protocol, mark, priority, src_ip4, src_ip6[4], src_port;
};

struct bpf_sock_ops {
	__u32 op, args[4], family, remote_ip4, local_ip4, remote_ip6[4], local_ip6[4], remote_port, local_port, is_fullsock, snd_cwnd, srtt_us,
	      bpf_sock_ops_cb_flags, state;
};

struct ethernet {
	__u8 to[6], from[6];
	__be16 type;
};

struct vlan {
	__be16 tag, type;
};

struct ipv4 {
	__u8 length : 4, version : 4;
	__u8 service;
	__be16 total, id, fragment;
	__u8 hops, protocol;
	__u16 checksum;
	__be32 from, to;
};

struct ipv6 {
	__be32 flow;
	__be16 payload;
	__u8 next, hops;
	__be32 from[4], to[4];
};

struct ports {
	__be16 from, to;
};

struct icmp {
	__u8 type, code;
	__u16 checksum;
	__be16 id, sequence;
};

static __u64 (*const bpf_ktime_get_ns)(void) = (void *)5;
static long (*const bpf_trace_printk)(const char *format, __u32 size, ...) = (void *)6;
static __u32 (*const bpf_get_smp_processor_id)(void) = (void *)8;
static long (*const bpf_skb_store_bytes)(void *skb, __u32 offset, const void *from, __u32 length, __u64 flags) = (void *)9;
static long (*const bpf_l3_csum_replace)(void *skb, __u32 offset, __u64 from, __u64 to, __u64 flags) = (void *)10;
static long (*const bpf_l4_csum_replace)(void *skb, __u32 offset, __u64 from, __u64 to, __u64 flags) = (void *)11;
static long (*const bpf_tail_call)(void *ctx, void *programs, __u32 index) = (void *)12;
static __u64 (*const bpf_get_current_pid_tgid)(void) = (void *)14;
static long (*const bpf_get_current_comm)(void *to, __u32 size) = (void *)16;
static long (*const bpf_redirect)(__u32 ifindex, __u64 flags) = (void *)23;
static long (*const bpf_skb_load_bytes)(const void *skb, __u32 offset, void *to, __u32 length) = (void *)26;
static long (*const bpf_get_stackid)(void *ctx, void *stacks, __u64 flags) = (void *)27;
static long (*const bpf_xdp_adjust_head)(void *ctx, int by) = (void *)44;
static __u64 (*const bpf_get_socket_cookie)(void *ctx) = (void *)46;
static long (*const bpf_fib_lookup)(void *ctx, void *params, int size, __u32 flags) = (void *)69;
static __u64 (*const bpf_skb_cgroup_id)(void *skb) = (void *)79;
static long (*const bpf_map_push_elem)(void *map, const void *value, __u64 flags) = (void *)87;
static long (*const bpf_map_pop_elem)(void *map, void *value) = (void *)88;
static void (*const bpf_spin_lock)(void *lock) = (void *)93;
static void (*const bpf_spin_unlock)(void *lock) = (void *)94;
static void *(*const bpf_sk_storage_get)(void *storage, void *sk, void *value, __u64 flags) = (void *)107;
static long (*const bpf_probe_read_kernel)(void *to, __u32 size, const void *from) = (void *)113;
static long (*const bpf_seq_printf)(void *seq, const char *format, __u32 size, const void *data, __u32 data_size) = (void *)126;
static long (*const bpf_seq_write)(void *seq, const void *data, __u32 size) = (void *)127;
static void *(*const bpf_ringbuf_reserve)(void *ring, __u64 size, __u64 flags) = (void *)131;
static void (*const bpf_ringbuf_submit)(void *record, __u64 flags) = (void *)132;
static long (*const bpf_timer_init)(void *timer, void *map, __u64 flags) = (void *)169;
static long (*const bpf_timer_set_callback)(void *timer, void *callback) = (void *)170;
static long (*const bpf_timer_start)(void *timer, __u64 ns, __u64 flags) = (void *)171;
static long (*const bpf_loop)(__u32 count, void *callback, void *context, __u64 flags) = (void *)181;

#endif
