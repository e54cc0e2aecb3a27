/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What a packet is, as far as NAT asks. */
#ifndef DP_PACKET_H
#define DP_PACKET_H

#include "../family.h"
#include "kernel_packets.h"
#include "layout_nat.h"

/* What is called otherwise in each family. */
enum {
	DP_INET4 = 2,
	DP_INET6 = 10,
	DP_ICMP4 = IPPROTO_ICMP,
	DP_ICMP6 = IPPROTO_ICMPV6,
	DP_ECHO_REQUEST4 = ICMP_ECHO_REQUEST,
	DP_ECHO_REQUEST6 = ICMP6_ECHO_REQUEST,
	DP_ECHO_REPLY4 = ICMP_ECHO_REPLY,
	DP_ECHO_REPLY6 = ICMP6_ECHO_REPLY,
};

enum dp_packet_kind {
	DP_PACKET_FLOW,	     /* one of a flow, with ports or an identifier; a later fragment with those of the first */
	DP_PACKET_LOST,	     /* a later fragment whose first has not been seen */
	DP_PACKET_REPLY,     /* an echo reply */
	DP_PACKET_ERROR,     /* an ICMP error about a packet of a flow */
	DP_PACKET_OWN,	     /* what neighbours tell each other: never translated */
	DP_PACKET_OTHER,     /* a protocol whose ports, if it has any, cannot be changed */
	DP_PACKET_MALFORMED, /* cut, or nonsense */
	DP_PACKET_AWAITED,   /* the first fragment, for which later ones are held */
};

/* What is the same for both families. */
struct dp_packet_facts {
	__u32 ip;	  /* where the IP header starts */
	__u32 transport;  /* where the header after it starts */
	__u32 length;	  /* from the IP header on */
	__u32 identification; /* of a fragment, in network order */
	__u32 sequence;	  /* of TCP: where a segment starts, */
	__u32 end;	  /* where it ends, with one for SYN and one for FIN, */
	__u32 acknowledged; /* and what it acknowledges */
	__be16 source_port;
	__be16 destination_port;
	__u8 protocol;
	__u8 kind; /* enum dp_packet_kind */
	__u8 seen; /* enum dp_flow_seen */
	__u8 is_later_fragment; /* without a transport header */
	__u8 acknowledges;	/* of TCP: whether it does */
	__be16 mapped_port;	/* that its source has for all peers; 0: none */
};

/* Headers end before this, or are not worth reading; the verifier asks for some end. */
#define DP_FARTHEST 2048

/* Looks at bytes of a packet; NULL if it is shorter. The pointer holds until the packet is changed. */
static __always_inline void *dp_look(struct __sk_buff *skb, __u32 offset, __u32 length)
{
	void *start;

	if (offset > DP_FARTHEST)
		return NULL;
	asm volatile("" : "+r"(offset)); /* what was asked of it must be known of the register that is added */
	start = (void *)(long)skb->data + offset;
	return start + length <= (void *)(long)skb->data_end ? start : NULL;
}

/* Whether a packet is TCP's first, by what it shows. */
static __always_inline int dp_is_first(__u8 seen)
{
	return (seen & (DP_SEEN_SYN | DP_SEEN_DATA)) == DP_SEEN_SYN;
}

/* Flags of TCP with which a connection begins or ends. */
#define DP_TCP_EVENTS (TCP_FLAG_SYN | TCP_FLAG_FIN | TCP_FLAG_RST)

/* What TCP's flags tell of a connection. */
static __always_inline __u8 dp_seen_of(__u8 flags)
{
	__u8 seen = DP_SEEN_PACKET;

	if (likely(!(flags & DP_TCP_EVENTS)))
		return DP_SEEN_PACKET | DP_SEEN_DATA;
	if (flags & TCP_FLAG_SYN)
		seen |= DP_SEEN_SYN;
	if ((flags & (TCP_FLAG_SYN | TCP_FLAG_ACK)) != TCP_FLAG_SYN)
		seen |= DP_SEEN_DATA;
	if (flags & TCP_FLAG_FIN)
		seen |= DP_SEEN_FIN;
	if (flags & TCP_FLAG_RST)
		seen |= DP_SEEN_RST;
	return seen;
}

static __always_inline void dp_read_tcp(struct dp_packet_facts *facts, const __u8 *tcp)
{
	__u8 flags = tcp[TCP_FLAGS];
	__u32 headers = facts->transport - facts->ip + (tcp[TCP_OFFSET] >> 4) * 4;

	facts->seen |= dp_seen_of(flags);
	facts->sequence = bpf_ntohl(*(__be32 *)(tcp + TCP_SEQUENCE));
	facts->end = facts->sequence + facts->length - headers + !!(flags & TCP_FLAG_SYN) + !!(flags & TCP_FLAG_FIN);
	facts->acknowledged = bpf_ntohl(*(__be32 *)(tcp + TCP_ACKNOWLEDGED));
	facts->acknowledges = !!(flags & TCP_FLAG_ACK);
}

/* Ports, and what TCP tells beside them. */
static __always_inline void dp_read_ports(struct __sk_buff *skb, struct dp_packet_facts *facts)
{
	struct dp_ports *ports = dp_look(skb, facts->transport, UDP_CHECK + 2);
	__u8 *tcp;

	facts->kind = DP_PACKET_MALFORMED;
	if (!ports)
		return;
	facts->source_port = ports->source;
	facts->destination_port = ports->destination;
	if (facts->protocol == IPPROTO_TCP) {
		tcp = dp_look(skb, facts->transport, TCP_CHECK + 2);
		if (!tcp)
			return;
		dp_read_tcp(facts, tcp);
	}
	facts->kind = DP_PACKET_FLOW;
}

/* What neighbours and routers tell each other. */
static __always_inline int dp_is_own4(__u8 type)
{
	return type == ICMP_ROUTER_ADVERTISEMENT || type == ICMP_ROUTER_SOLICITATION;
}

static __always_inline int dp_is_own6(__u8 type)
{
	return (type >= ICMP6_LISTENER_QUERY && type <= ICMP6_REDIRECT) || (type >= ICMP6_INVERSE_SOLICITATION && type <= ICMP6_LISTENER_REPORT2) ||
	       (type >= ICMP6_PATH_SOLICITATION && type <= ICMP6_ROUTER_TERMINATION);
}

static __always_inline int dp_is_error4(__u8 type)
{
	return type == ICMP_DEST_UNREACH || type == ICMP_TIME_EXCEEDED || type == ICMP_PARAMETER_PROBLEM;
}

static __always_inline int dp_is_error6(__u8 type)
{
	return type >= ICMP6_DEST_UNREACH && type <= ICMP6_PARAMETER_PROBLEM;
}

#endif
