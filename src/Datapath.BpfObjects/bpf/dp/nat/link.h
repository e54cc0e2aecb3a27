/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What may stand between a link header and the IP header in the packet itself: tags of VLANs, labels of MPLS. */
#ifndef DP_LINK_H
#define DP_LINK_H

#include "packet.h"

enum {
	DP_TAG = 4,      /* bytes of a tag, and of a label */
	DP_MOST_TAGS = 4, /* tags and labels together that are read */
};

static __always_inline int dp_is_label(__be16 protocol)
{
	return protocol == bpf_htons(ETH_P_MPLS_UC) || protocol == bpf_htons(ETH_P_MPLS_MC);
}

static __always_inline int dp_is_tagged(__be16 protocol)
{
	return protocol == bpf_htons(ETH_P_8021Q) || protocol == bpf_htons(ETH_P_8021AD) || dp_is_label(protocol);
}

/* Labels do not tell what they stand before: the first bits of that do. */
static __always_inline __be16 dp_protocol_behind_labels(struct __sk_buff *skb, __u32 offset)
{
	__u8 *start = dp_look(skb, offset, 1);

	if (!start)
		return bpf_htons(ETH_P_MPLS_UC);
	return *start >> 4 == 4 ? bpf_htons(ETH_P_IP) : *start >> 4 == 6 ? bpf_htons(ETH_P_IPV6) : 0;
}

/*
 * The protocol behind tags and labels that begin at an offset, one of theirs if there are more than are read; above its bits the offset behind them.
 */
DP_VERIFIED_ALONE __u32 dp_read_tags(struct __sk_buff *skb, __u32 first, __u32 offset)
{
	__be16 protocol = first;

	for (int i = 0; i < DP_MOST_TAGS; i++) {
		__u8 *tag = dp_look(skb, offset, DP_TAG);
		__u8 is_last;

		if (!tag)
			break;
		offset += DP_TAG;
		if (dp_is_label(protocol)) {
			is_last = tag[2] & 1;
			if (is_last) {
				protocol = dp_protocol_behind_labels(skb, offset);
				break;
			}
		} else {
			protocol = *(__be16 *)(tag + 2);
			if (!dp_is_tagged(protocol))
				break;
		}
	}
	return offset << 16 | protocol;
}

#endif
