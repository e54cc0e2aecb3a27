/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The flows of a family: finding them, and giving new ones a port. */

#include "flow_maps_family.h"
#include "kept_family.h"
#include "events_family.h"
#include "tell_family.h"
#include "tcp_family.h"

/* How many ports are tried: at 97 of 100 ports in use towards one peer, one new flow in two thousand finds none. */
#define DP_NAT_TRIES 256
#define DP_NAT_MANY 16

/*
 * For how many tries a port is passed over that a flow has which is left alone. Of those it is not known when they are over: so they may not take all ports.
 */
#define DP_NAT_CAREFUL 64

static __always_inline struct DP(dp_flow_key) DP(dp_key_of)(const struct DP(dp_packet) *packet, __u8 direction)
{
	return (struct DP(dp_flow_key)){
		.source = packet->source,
		.destination = packet->destination,
		.source_port = packet->facts.source_port,
		.destination_port = packet->facts.destination_port,
		.protocol = packet->facts.protocol,
		.direction = direction,
	};
}

#if DP_FAMILY == 4
enum dp_search_outcome {
	DP_PORT_NONE = 0,     /* yet */
	DP_PORT_RESERVED = 1, /* by this search */
	DP_PORT_OWN = 2,      /* the flow has had it all along, though its outgoing entry is gone */
};
#endif

/* What a try is made with. */
struct DP(dp_trial) {
	struct __sk_buff *skb;
	struct DP(dp_scratch) *scratch;
};

/* Whether the machine itself has a socket that an answer to this port would reach. */
static __always_inline int DP(dp_is_held_by_host)(struct __sk_buff *skb, const struct DP(dp_flow_key) *reverse)
{
	struct bpf_sock_tuple tuple;
	struct bpf_sock *sk;
	__u32 size;

#if DP_FAMILY == 4
	tuple.ipv4.saddr = reverse->source.word[0];
	tuple.ipv4.daddr = reverse->destination.word[0];
	tuple.ipv4.sport = reverse->source_port;
	tuple.ipv4.dport = reverse->destination_port;
	size = sizeof(tuple.ipv4);
#else
	__builtin_memcpy(tuple.ipv6.saddr, &reverse->source, sizeof(tuple.ipv6.saddr));
	__builtin_memcpy(tuple.ipv6.daddr, &reverse->destination, sizeof(tuple.ipv6.daddr));
	tuple.ipv6.sport = reverse->source_port;
	tuple.ipv6.dport = reverse->destination_port;
	size = sizeof(tuple.ipv6);
#endif
	if (reverse->protocol == IPPROTO_TCP)
		sk = bpf_skc_lookup_tcp(skb, &tuple, size, BPF_F_CURRENT_NETNS, 0);
	else if (reverse->protocol == IPPROTO_UDP)
		sk = bpf_sk_lookup_udp(skb, &tuple, size, BPF_F_CURRENT_NETNS, 0);
	else
		return 0;
	if (!sk)
		return 0;
	bpf_sk_release(sk);
	return 1;
}

/*
 * Whether a flow that is left alone leaves by the port: somebody else, as connection tracking, translated that to the same address. Flows of the machine
 * itself are not noted, but have sockets.
 */
static __always_inline int DP(dp_is_held_by_kept)(struct DP(dp_scratch) *scratch, const struct DP(dp_flow_key) *reverse)
{
	struct dp_kept *kept;

	scratch->neighbour = (struct DP(dp_flow_key)){
		.source = reverse->destination,
		.destination = reverse->source,
		.source_port = reverse->destination_port,
		.destination_port = reverse->source_port,
		.protocol = reverse->protocol,
		.direction = DP_FLOW_OUT,
	};
	kept = bpf_map_lookup_elem(&DP(dp_kept), &scratch->neighbour);
	return kept && dp_is_good(kept, reverse->protocol, bpf_ktime_get_coarse_ns());
}

/* One try; 1 ends the search. Who adds the entry has the port. */
static long DP(dp_try_port)(__u32 index, const struct DP(dp_trial) *trial)
{
	struct DP(dp_scratch) *scratch = trial->scratch;
	struct DP(dp_search) *search = &scratch->search;
	__u32 range = (__u32)search->last - search->first + 1;
	__u16 port = bpf_ntohs(search->wanted);
	struct DP(dp_flow) *made = &scratch->made;
	struct DP(dp_flow) *holder;
	int is_kept;
	long errno;

	search->tries = index + 1;
	if (index || (!search->is_fixed && !search->is_echo && (port < search->first || port > search->last)))
		port = search->is_echo ? bpf_get_prandom_u32() : search->first + bpf_get_prandom_u32() % range;
	if (!search->is_echo && !search->is_fixed && dp_is_taken(port))
		return 0;
	search->reverse.destination_port = bpf_htons(port);
	if (search->is_echo)
		search->reverse.source_port = search->reverse.destination_port;
	holder = bpf_map_lookup_elem(&DP(dp_flows), &search->reverse);
	if (holder && holder->port == made->port && DP(dp_same_ip)(&holder->address, &made->address)) {
		search->outcome = DP_PORT_OWN;
		return 1;
	}
	if (holder || DP(dp_is_held_by_host)(trial->skb, &search->reverse))
		return search->is_fixed ? 1 : 0;
	is_kept = DP(dp_is_held_by_kept)(scratch, &search->reverse);
	if (is_kept && index < DP_NAT_CAREFUL)
		return 0;
	errno = bpf_map_update_elem(&DP(dp_flows), &search->reverse, made, BPF_NOEXIST);
	if (!errno) {
		search->outcome = DP_PORT_RESERVED;
		if (is_kept)
			bpf_map_delete_elem(&DP(dp_kept), &scratch->neighbour); /* should it go on, it is in the way */
	} else if (errno != -EEXIST) {
		search->outcome = errno;
	}
	return search->outcome || search->is_fixed ? 1 : 0;
}

/*
 * Gives a flow an address and a port and makes its entries; its key, and what it leaves with, are in the scratch. Returns 0, or the counter of the reason against it. The
 * port that is there before is taken if it is free; otherwise each try is independent of those before it.
 */
DP_VERIFIED_ALONE int DP(dp_allocate)(struct __sk_buff *skb, const struct DP(dp_ip) *address)
{
	struct DP(dp_trial) trial = { .skb = skb };
	const struct DP(dp_packet) *packet;
	struct DP(dp_scratch) *scratch;
	struct DP(dp_search) *search;
	struct dp_nat_state *state;
	struct DP(dp_flow_key) *out;
	struct DP(dp_flow) *made, *other;
	__u32 index = 0;
	__be16 wanted;
	long errno;

	scratch = bpf_map_lookup_elem(&DP(dp_nat_scratch), &index);
	state = bpf_map_lookup_elem(&dp_nat_state, &index);
	if (!scratch || !state || !address)
		return DP_NAT_REFUSED_NO_PORT;
	trial.scratch = scratch;
	packet = &scratch->packet;
	search = &scratch->search;
	made = &scratch->made;
	out = &scratch->out;
	wanted = made->port;
	*made = (struct DP(dp_flow)){ .address = packet->source, .port = packet->facts.source_port };
	if (DP(dp_is_mapping)(out, address))
		made->seen = DP_SEEN_PACKET; /* in the incoming entry, so that it lives as long as flows with answers do */
	made->made_at = bpf_ktime_get_coarse_ns();
	made->used_at = dp_used_now();
	DP(dp_note_sent)(made, &packet->facts);
	if (unlikely(state->no_new_flows_before > made->made_at))
		return DP_NAT_REFUSED_MOVING;
	*search = (struct DP(dp_search)){
		.wanted = wanted,
		.first = state->first_port,
		.last = state->last_port,
		.is_echo = packet->facts.protocol == DP(DP_ICMP),
		.is_fixed = packet->facts.kind == DP_PACKET_OTHER,
	};
	search->reverse = DP(dp_reverse_of)(out, address, wanted, search->is_echo);
	bpf_loop(DP_NAT_TRIES, DP(dp_try_port), &trial, 0);
	if (search->tries > DP_NAT_MANY)
		dp_nat_count(DP_NAT_MANY_TRIES);
	if (search->outcome <= DP_PORT_NONE)
		return search->outcome ? DP_NAT_REFUSED_FULL : DP_NAT_REFUSED_NO_PORT;
	made->address = *address;
	made->port = search->reverse.destination_port;
	made->seen = packet->facts.seen;
	errno = bpf_map_update_elem(&DP(dp_flows), out, made, BPF_NOEXIST);
	if (!errno) {
		dp_nat_count(DP_NAT_FLOWS);
		index = packet->facts.mapped_port && packet->facts.mapped_port != made->port ? DP_NAT_MAPPED_BY_PEER : 0;
		if (unlikely(index))
			dp_nat_count(index);
		if (unlikely(READ_ONCE(state->hears) & DP_NAT_HEARS_MADE))
			DP(dp_tell)(out, made, skb->ifindex, dp_nat_what(DP_NAT_EVENT_MADE, index), 0);
		return 0;
	}

	/* Another processor had the flow's first packet as well, and was first; or there is no room. */
	if (search->outcome == DP_PORT_RESERVED)
		bpf_map_delete_elem(&DP(dp_flows), &search->reverse);
	other = bpf_map_lookup_elem(&DP(dp_flows), out);
	if (errno != -EEXIST || !other)
		return DP_NAT_REFUSED_FULL;
	*made = *other;
	return 0;
}
