/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Reading packets of a family. */

struct DP(dp_packet) {
	struct DP(dp_ip) source;
	struct DP(dp_ip) destination;
	struct dp_packet_facts facts;
};

#if DP_FAMILY == 4
/* Fills in addresses and where the transport header is. */
static __always_inline int dp_read_ip4(struct __sk_buff *skb, struct dp_packet4 *packet, int *is_first, int *is_later)
{
	struct iphdr *ip = dp_look(skb, packet->facts.ip, sizeof(*ip));
	__u32 length;
	__u16 fragment;

	if (!ip || ip->version_and_length >> 4 != 4)
		return 0;
	length = (ip->version_and_length & 15) * 4;
	if (length < sizeof(*ip))
		return 0;
	packet->source.word[0] = ip->saddr;
	packet->destination.word[0] = ip->daddr;
	packet->facts.protocol = ip->protocol;
	packet->facts.transport = packet->facts.ip + length;
	packet->facts.length = ip->total_length ? bpf_ntohs(ip->total_length) : skb->len - packet->facts.ip; /* 0: it is too long to tell */
	packet->facts.identification = ip->id;
	fragment = bpf_ntohs(ip->fragment);
	*is_later = !!(fragment & IP_FRAGMENT_OFFSET);
	*is_first = !*is_later && fragment & IP_MORE_FRAGMENTS;
	return 1;
}
#else
enum dp_headers6 {
	DP_HEADERS_CUT = -1,
	DP_HEADERS_WHOLE = 0,
	DP_HEADERS_FIRST = 1, /* of the first fragment */
	DP_HEADERS_LATER = 2,
};

static __always_inline int dp_is_header6(__u8 next)
{
	return next == IPPROTO_FRAGMENT || next == IPPROTO_HOPOPTS || next == IPPROTO_ROUTING || next == IPPROTO_DSTOPTS;
}

/* Reads the headers between that of IPv6 and that of the transport, which most packets have none of: enum dp_headers6. */
DP_VERIFIED_ALONE int dp_read_headers6(struct __sk_buff *skb, struct dp_packet_facts *facts)
{
	int kind = DP_HEADERS_WHOLE;
	__u32 offset;
	__u8 next;

	if (!facts)
		return DP_HEADERS_CUT; /* cannot be, but the verifier knows no caller */
	offset = facts->transport;
	next = facts->protocol;
	facts->protocol = 0; /* not known unless all of the headers are there */
	for (int i = 0; i < 6 && dp_is_header6(next); i++) {
		if (next == IPPROTO_FRAGMENT) {
			struct frag_hdr *header = dp_look(skb, offset, sizeof(*header));
			__u16 fragment;

			if (!header)
				return DP_HEADERS_CUT;
			fragment = bpf_ntohs(header->fragment);
			facts->identification = header->identification;
			kind = fragment & IP6_FRAGMENT_OFFSET ? DP_HEADERS_LATER : fragment & IP6_MORE_FRAGMENTS ? DP_HEADERS_FIRST : DP_HEADERS_WHOLE;
			next = header->nexthdr;
			offset += sizeof(*header);
			if (kind == DP_HEADERS_LATER)
				break; /* what follows is data */
		} else {
			struct ipv6_opt_hdr *header = dp_look(skb, offset, sizeof(*header));

			if (!header)
				return DP_HEADERS_CUT;
			next = header->nexthdr;
			offset += 8 + header->length * 8;
			if (offset > 2048)
				return DP_HEADERS_CUT;
		}
	}
	facts->protocol = next;
	facts->transport = offset;
	return kind;
}

static __always_inline int dp_read_ip6(struct __sk_buff *skb, struct dp_packet6 *packet, int *is_first, int *is_later)
{
	struct ipv6hdr *ip = dp_look(skb, packet->facts.ip, sizeof(*ip));
	int headers;

	if (!ip || *(__u8 *)ip >> 4 != 6)
		return 0;
	__builtin_memcpy(&packet->source, ip->saddr, sizeof(packet->source));
	__builtin_memcpy(&packet->destination, ip->daddr, sizeof(packet->destination));
	packet->facts.protocol = ip->nexthdr;
	packet->facts.transport = packet->facts.ip + sizeof(*ip); /* whatever follows, there is a header whose addresses are known */
	packet->facts.length = ip->payload_length ? sizeof(*ip) + bpf_ntohs(ip->payload_length) : skb->len - packet->facts.ip;
	if (likely(!dp_is_header6(packet->facts.protocol)))
		return 1;
	headers = dp_read_headers6(skb, &packet->facts);
	*is_first = headers == DP_HEADERS_FIRST;
	*is_later = headers == DP_HEADERS_LATER;
	return headers != DP_HEADERS_CUT;
}
#endif

static __always_inline void DP(dp_read_icmp)(struct __sk_buff *skb, struct dp_packet_facts *facts)
{
	__u8 *header = dp_look(skb, facts->transport, ICMP_HEADER);

	if (!header) {
		facts->kind = DP_PACKET_MALFORMED;
	} else if (header[0] == DP(DP_ECHO_REQUEST) || header[0] == DP(DP_ECHO_REPLY)) {
		facts->kind = header[0] == DP(DP_ECHO_REQUEST) ? DP_PACKET_FLOW : DP_PACKET_REPLY;
		facts->source_port = facts->destination_port = *(__be16 *)(header + ICMP_IDENTIFIER);
	} else {
		facts->kind = DP(dp_is_error)(header[0]) ? DP_PACKET_ERROR : DP(dp_is_own)(header[0]) ? DP_PACKET_OWN : DP_PACKET_OTHER;
	}
}

static __always_inline void DP(dp_read_transport)(struct __sk_buff *skb, struct dp_packet_facts *facts)
{
	if (likely(facts->protocol == IPPROTO_TCP || facts->protocol == IPPROTO_UDP))
		dp_read_ports(skb, facts);
	else if (facts->protocol == DP(DP_ICMP))
		DP(dp_read_icmp)(skb, facts);
	else
		facts->kind = DP_PACKET_OTHER;
}

#include "fragment_family.h"

/* Tells what a packet is. Of one that is malformed nothing else may be asked. */
static __always_inline void DP(dp_read_packet)(struct __sk_buff *skb, struct DP(dp_packet) *packet, __u8 direction)
{
	int is_first = 0, is_later = 0;

	packet->facts.seen = DP_SEEN_PACKET;
	if (unlikely(!DP(dp_read_ip)(skb, packet, &is_first, &is_later)))
		packet->facts.kind = DP_PACKET_MALFORMED;
	else if (unlikely(is_first || is_later))
		DP(dp_read_fragment)(skb, packet, direction, is_later);
	else
		DP(dp_read_transport)(skb, &packet->facts);
}
