/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What programs on packets use of the kernel's interface, and of the protocols' headers. */
#ifndef DP_KERNEL_PACKETS_H
#define DP_KERNEL_PACKETS_H

#include "../kernel.h"

/* The context of tc programs, as far as it is used. */
struct __sk_buff {
	__u32 len;
	__u32 pkt_type;
	__u32 mark;
	__u32 queue_mapping;
	__u32 protocol; /* in network order */
	__u32 vlan_present;
	__u32 vlan_tci;
	__u32 vlan_proto;
	__u32 priority;
	__u32 ingress_ifindex; /* 0: made on this machine */
	__u32 ifindex;
	__u32 tc_index;
	__u32 cb[5];
	__u32 hash;
	__u32 tc_classid;
	__u32 data;
	__u32 data_end;
};

enum {
	TC_ACT_UNSPEC = -1, /* of tcx too: on to the next program */
	TC_ACT_OK = 0,
	TC_ACT_SHOT = 2,
};

enum {
	BPF_MAP_TYPE_PERCPU_HASH = 5,
};

enum {
	ETH_P_IP = 0x0800,
	ETH_P_8021Q = 0x8100,
	ETH_P_IPV6 = 0x86dd,
	ETH_P_MPLS_UC = 0x8847,
	ETH_P_MPLS_MC = 0x8848,
	ETH_P_8021AD = 0x88a8,
};

enum {
	IPPROTO_HOPOPTS = 0,
	IPPROTO_ICMP = 1,
	IPPROTO_ROUTING = 43,
	IPPROTO_FRAGMENT = 44,
	IPPROTO_ICMPV6 = 58,
	IPPROTO_DSTOPTS = 60,
	IPPROTO_SCTP = 132,
};

struct iphdr {
	__u8 version_and_length; /* 4, and the length in words of 32 bits */
	__u8 tos;
	__be16 total_length;
	__be16 id;
	__be16 fragment; /* flags, and the offset in units of 8 bytes */
	__u8 ttl;
	__u8 protocol;
	__u16 check;
	__be32 saddr;
	__be32 daddr;
};

enum {
	IP_MORE_FRAGMENTS = 0x2000,
	IP_FRAGMENT_OFFSET = 0x1fff,
	IP6_MORE_FRAGMENTS = 0x0001,
	IP6_FRAGMENT_OFFSET = 0xfff8,
};

struct ipv6hdr {
	__be32 version_and_flow;
	__be16 payload_length;
	__u8 nexthdr;
	__u8 hop_limit;
	__be32 saddr[4];
	__be32 daddr[4];
};

/* Any extension header but that of fragments and AH. */
struct ipv6_opt_hdr {
	__u8 nexthdr;
	__u8 length; /* beyond the first 8 bytes, in units of 8 bytes */
};

struct frag_hdr {
	__u8 nexthdr;
	__u8 reserved;
	__be16 fragment;
	__be32 identification;
};

/* The beginning of TCP, UDP and SCTP. */
struct dp_ports {
	__be16 source;
	__be16 destination;
};

enum {
	TCP_SEQUENCE = 4,
	TCP_ACKNOWLEDGED = 8,
	TCP_OFFSET = 12, /* of what is sent, in words of 32 bits, in the upper half of the byte */
	TCP_FLAGS = 13,
	TCP_CHECK = 16,
	TCP_HEADER = 20, /* without options */
	UDP_CHECK = 6,
	UDP_HEADER = 8,
	ICMP_CHECK = 2,
	ICMP_IDENTIFIER = 4,
	ICMP_HEADER = 8,
};

enum {
	TCP_FLAG_FIN = 1,
	TCP_FLAG_SYN = 2,
	TCP_FLAG_RST = 4,
	TCP_FLAG_ACK = 16,
};

enum {
	ICMP_ECHO_REPLY = 0,
	ICMP_DEST_UNREACH = 3,
	ICMP_ECHO_REQUEST = 8,
	ICMP_ROUTER_ADVERTISEMENT = 9,
	ICMP_ROUTER_SOLICITATION = 10,
	ICMP_TIME_EXCEEDED = 11,
	ICMP_PARAMETER_PROBLEM = 12,
	ICMP6_DEST_UNREACH = 1,
	ICMP6_PACKET_TOO_BIG = 2,
	ICMP6_TIME_EXCEEDED = 3,
	ICMP6_PARAMETER_PROBLEM = 4,
	ICMP6_ECHO_REQUEST = 128,
	ICMP6_ECHO_REPLY = 129,
	ICMP6_LISTENER_QUERY = 130,
	ICMP6_REDIRECT = 137, /* those between are of routers and neighbours */
	ICMP6_INVERSE_SOLICITATION = 141,
	ICMP6_LISTENER_REPORT2 = 143,
	ICMP6_PATH_SOLICITATION = 148,
	ICMP6_ROUTER_TERMINATION = 153,
};

/* Who might have a socket that such a packet, coming from outside, would be for. Ports in network order. */
struct bpf_sock_tuple {
	union {
		struct {
			__be32 saddr;
			__be32 daddr;
			__be16 sport;
			__be16 dport;
		} ipv4;
		struct {
			__be32 saddr[4];
			__be32 daddr[4];
			__be16 sport;
			__be16 dport;
		} ipv6;
	};
};

enum {
	BPF_F_CURRENT_NETNS = -1,
};

/* A packet whose route is asked for, and what is told of it. */
struct bpf_fib_lookup {
	__u8 family;
	__u8 l4_protocol;
	__be16 sport;
	__be16 dport;
	__u16 tot_len;
	__u32 ifindex;
	__u32 tos;
	__be32 source[4]; /* IPv4 has the first alone */
	__be32 destination[4];
	__u32 table;
	__u8 macs[12];
};

enum {
	BPF_FIB_LOOKUP_OUTPUT = 1U << 1,
	BPF_FIB_LOOKUP_SKIP_NEIGH = 1U << 3, /* since Linux 6.3 */
	BPF_FIB_LOOKUP_SRC = 1U << 4,	     /* since Linux 6.7 */
};

/* Where a packet is sent: in by a device, rather than out. */
enum {
	BPF_F_INGRESS = 1U << 0,
};

enum {
	BPF_F_RECOMPUTE_CSUM = 1U << 0,
	BPF_F_HDR_FIELD_MASK = 0xf,
	BPF_F_PSEUDO_HDR = 1U << 4,
	BPF_F_MARK_MANGLED_0 = 1U << 5,
	BPF_F_IPV6 = 1U << 7, /* since Linux 6.16 */
};

struct bpf_sock;

static long (*const bpf_skb_store_bytes)(struct __sk_buff *skb, __u32 offset, const void *from, __u32 length, __u64 flags) = (void *)9;
static long (*const bpf_l3_csum_replace)(struct __sk_buff *skb, __u32 offset, __u64 from, __u64 to, __u64 size) = (void *)10;
static long (*const bpf_l4_csum_replace)(struct __sk_buff *skb, __u32 offset, __u64 from, __u64 to, __u64 flags) = (void *)11;
static long (*const bpf_clone_redirect)(struct __sk_buff *skb, __u32 ifindex, __u64 flags) = (void *)13;
static long (*const bpf_redirect)(__u32 ifindex, __u64 flags) = (void *)23;
static long (*const bpf_skb_load_bytes)(const struct __sk_buff *skb, __u32 offset, void *to, __u32 length) = (void *)26;
static __s64 (*const bpf_csum_diff)(const void *from, __u32 from_size, const void *to, __u32 to_size, __u32 seed) = (void *)28;
static long (*const bpf_skb_change_tail)(struct __sk_buff *skb, __u32 length, __u64 flags) = (void *)38;
static long (*const bpf_skb_pull_data)(struct __sk_buff *skb, __u32 length) = (void *)39;
static __u64 (*const bpf_jiffies64)(void) = (void *)118;
static __s64 (*const bpf_csum_update)(struct __sk_buff *skb, __u32 sum) = (void *)40;
static long (*const bpf_fib_lookup)(void *ctx, struct bpf_fib_lookup *route, __s32 size, __u32 flags) = (void *)69;
static struct bpf_sock *(*const bpf_sk_lookup_udp)(void *ctx, struct bpf_sock_tuple *tuple, __u32 size, __u64 netns, __u64 flags) = (void *)85;
static long (*const bpf_sk_release)(void *sk) = (void *)86;
static struct bpf_sock *(*const bpf_skc_lookup_tcp)(void *ctx, struct bpf_sock_tuple *tuple, __u32 size, __u64 netns, __u64 flags) = (void *)99;
static long (*const bpf_for_each_map_elem)(void *map, void *callback, void *context, __u64 flags) = (void *)164;

#endif
