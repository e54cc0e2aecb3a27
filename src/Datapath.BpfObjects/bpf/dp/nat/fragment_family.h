/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Fragments of a family: the first of a datagram has the ports, and tells them to the others. */

#include "held_maps.h"

#if DP_FAMILY == 4
/* How long what a first fragment told is good, counted from the last fragment that asked. Numbers of datagrams come again, sooner than a receiver gives up. */
#define DP_FRAGMENT_LIFE (2 * DP_SECOND)
#define DP_FRAGMENT_NOTED (DP_SECOND / 8)
#endif

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__type(key, struct DP(dp_fragment_key));
	__type(value, struct dp_fragment);
	__uint(max_entries, 8192);
} DP(dp_fragments) SEC(".maps");

/* Of IPv6 the first fragment alone tells the protocol, for headers may stand before that; a number is for all of them. */
static __always_inline __u8 DP(dp_datagram_protocol)(const struct dp_packet_facts *facts)
{
	return DP_FAMILY == 4 ? facts->protocol : 0;
}

static __always_inline struct DP(dp_fragment_key) DP(dp_fragment_key_of)(const struct DP(dp_packet) *packet, __u8 direction)
{
	return (struct DP(dp_fragment_key)){
		.source = packet->source,
		.destination = packet->destination,
		.identification = packet->facts.identification,
		.protocol = DP(dp_datagram_protocol)(&packet->facts),
		.direction = direction,
	};
}

/* The same for both families. */
static __always_inline struct dp_fragment_key6 DP(dp_waiting_key_of)(const struct DP(dp_packet) *packet, __u8 direction)
{
	struct dp_fragment_key6 key = {
		.identification = packet->facts.identification,
		.protocol = DP(dp_datagram_protocol)(&packet->facts),
		.direction = direction,
	};

	DP(dp_write_ip)(&key.source, &packet->source);
	DP(dp_write_ip)(&key.destination, &packet->destination);
	return key;
}

/* What the first fragment of a datagram told, if that was not too long ago. */
static __always_inline struct dp_fragment *DP(dp_first_of)(const struct DP(dp_fragment_key) *key)
{
	struct dp_fragment *first = bpf_map_lookup_elem(&DP(dp_fragments), key);
	__u64 now = bpf_ktime_get_coarse_ns();

	if (!first || (__s64)(now - first->used_at) > (__s64)DP_FRAGMENT_LIFE)
		return NULL;
	if (now - first->used_at > DP_FRAGMENT_NOTED)
		first->used_at = now;
	return first;
}

/* Whether a fragment without its first may be one of a protocol with ports. */
static __always_inline int DP(dp_may_have_ports)(__u8 protocol)
{
#if DP_FAMILY == 6
	if (protocol == IPPROTO_HOPOPTS || protocol == IPPROTO_ROUTING || protocol == IPPROTO_DSTOPTS)
		return 1;
#endif
	return protocol == IPPROTO_TCP || protocol == IPPROTO_UDP || protocol == DP(DP_ICMP);
}

/* Notes what a first fragment tells. What other fragments of an ICMP error belong to is not told: there is no quoted packet in them. */
static __always_inline void DP(dp_note_first)(const struct DP(dp_fragment_key) *key, const struct dp_packet_facts *facts)
{
	struct dp_fragment first = {
		.source_port = facts->source_port,
		.destination_port = facts->destination_port,
		.kind = facts->kind == DP_PACKET_ERROR ? DP_PACKET_OTHER : facts->kind,
		.protocol = facts->protocol,
		.used_at = bpf_ktime_get_coarse_ns(),
	};
	__u32 own = 0;

	bpf_map_update_elem(&DP(dp_fragments), key, &first, BPF_ANY);
	dp_write_before_read(&own); /* the note before whether others wait: they chain themselves, then look for the note */
}

static __noinline int DP(dp_is_awaited)(const struct DP(dp_packet) *packet, __u8 direction)
{
	struct dp_fragment_key6 key = DP(dp_waiting_key_of)(packet, direction);
	struct dp_waiting *waiting = bpf_map_lookup_elem(&dp_waiting, &key);

	return waiting && READ_ONCE(waiting->last);
}

DP_VERIFIED_ALONE int DP(dp_read_fragment)(struct __sk_buff *skb, struct DP(dp_packet) *packet, __u8 direction, int is_later)
{
	struct DP(dp_fragment_key) key;
	struct dp_packet_facts *facts;
	struct dp_fragment *first;

	if (!packet)
		return 0; /* cannot be, but the verifier knows no caller */
	key = DP(dp_fragment_key_of)(packet, direction);
	facts = &packet->facts;
	if (!is_later) {
		DP(dp_read_transport)(skb, facts);
		DP(dp_note_first)(&key, facts);
		if (DP(dp_is_awaited)(packet, direction))
			facts->kind = DP_PACKET_AWAITED;
		return 0;
	}
	facts->is_later_fragment = 1;
	first = DP(dp_first_of)(&key);
	if (!first) {
		facts->kind = DP(dp_may_have_ports)(facts->protocol) ? DP_PACKET_LOST : DP_PACKET_OTHER;
		return 0;
	}
	facts->source_port = first->source_port;
	facts->destination_port = first->destination_port;
	facts->protocol = first->protocol;
	facts->kind = first->kind;
	return 0;
}
