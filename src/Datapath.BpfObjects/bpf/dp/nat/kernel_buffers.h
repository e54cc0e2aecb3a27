/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What the kernel has noted of a packet, and does not tell programs by their own view of it. */
#ifndef DP_KERNEL_BUFFERS_H
#define DP_KERNEL_BUFFERS_H

#include "kernel_packets.h"

struct sk_buff {
	__u16 network_header; /* where the IP header is, from the head */
	__u8 *head;
	__u8 *data;
	__u8 ip_summed : 2; /* enum dp_sum_state */
} __attribute__((preserve_access_index));

enum dp_sum_state {
	CHECKSUM_NONE = 0,
	CHECKSUM_UNNECESSARY = 1,
	CHECKSUM_COMPLETE = 2, /* the sum of the whole packet stands beside it, and must stay true */
	CHECKSUM_PARTIAL = 3,  /* of TCP and UDP, the checksum field has the sum of the addresses alone; the device does the rest */
};

/* What the loader is asked of a field: it writes the kernel's answer into the program. */
enum {
	DP_FIELD_BYTE_OFFSET = 0,
	DP_FIELD_EXISTS = 2,
	DP_FIELD_LEFT_SHIFT = 4,
	DP_FIELD_RIGHT_SHIFT = 5,
};

extern void *bpf_cast_to_kern_ctx(void *ctx) __attribute__((section(".ksyms"), weak)); /* since Linux 6.2 */

/* NULL: this kernel does not show it. */
static __always_inline struct sk_buff *dp_kernel_view(struct __sk_buff *skb)
{
	struct sk_buff *view = NULL;

	if (!bpf_cast_to_kern_ctx || !__builtin_preserve_field_info(view->ip_summed, DP_FIELD_EXISTS))
		return NULL;
	return bpf_cast_to_kern_ctx(skb);
}

static __always_inline enum dp_sum_state dp_sum_state(const struct sk_buff *view)
{
	__u64 bits = *((const __u8 *)view + __builtin_preserve_field_info(view->ip_summed, DP_FIELD_BYTE_OFFSET));

	bits <<= __builtin_preserve_field_info(view->ip_summed, DP_FIELD_LEFT_SHIFT);
	return bits >> __builtin_preserve_field_info(view->ip_summed, DP_FIELD_RIGHT_SHIFT);
}

/* How many bytes stand before the IP header. */
static __always_inline __u32 dp_link_header(const struct sk_buff *view)
{
	__u64 start = (__u64)view->head;

	/* Two pointers, to the verifier: their difference is a number only if nothing else is done with them before. */
	asm("%0 -= %1" : "+r"(start) : "r"(view->data));
	return start + view->network_header;
}

#endif
