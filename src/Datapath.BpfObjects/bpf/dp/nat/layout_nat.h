/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Keys, values and numbers of egress NAT, shared with user space like those in layout.h. */
#ifndef DP_LAYOUT_NAT_H
#define DP_LAYOUT_NAT_H

#include "../layout.h"

#define DP_SECOND 1000000000ULL

/*
 * The rules: a class for each source and each destination, by the longest prefix, and a table of both classes. The generation comes first in a prefix, so
 * that a whole set of rules takes effect by one write of the number. It is in the machine's byte order: nobody asks for a part of it.
 */
struct dp_nat_prefix4 {
	__u32 prefix_length; /* the generation's 32 bits count too */
	__u32 generation;
	struct dp_ip4 address;
};

struct dp_nat_prefix6 {
	__u32 prefix_length;
	__u32 generation;
	struct dp_ip6 address;
};

struct dp_nat_class {
	__u32 number;
};

/* Packets that have no class by their address have that of the device by which they came in. */
struct dp_nat_interface_key {
	__u32 generation;
	__u32 index;
};

enum dp_nat_limits {
	DP_NAT_CLASSES = 256,
	DP_NAT_GENERATIONS = 2, /* that are in the table: one in force, one to come */
	DP_NAT_CHOICES = 256,
	DP_NAT_CHOICE_ADDRESSES = 16,
	DP_NAT_PORT_WORDS = 1024,
	DP_NAT_BY_ORIGIN = 65536, /* beside the number of the class of forwarded packets: some are translated that have no class by their address */
};

/* Cell [source class * 256 + destination class]: 0 leaves the packet alone, another number is one more than that of a choice of addresses. */
struct dp_nat_table {
	__u8 cells[DP_NAT_CLASSES * DP_NAT_CLASSES];
	__u64 translated[DP_NAT_CLASSES / 64]; /* a bit for each source class that has such a cell */
	__u32 host_class;      /* of what the machine itself sends */
	__u32 forwarded_class; /* of what came in and has no other, and perhaps DP_NAT_BY_ORIGIN */
};

/* Addresses of which a source gets one, always the same while there are as many; none: that of its route, or the device's own. */
struct dp_nat_choice {
	__u32 count4;
	__u32 count6;
	__u32 asks_route;
	__u32 pad;
	struct dp_ip4 addresses4[DP_NAT_CHOICE_ADDRESSES];
	struct dp_ip6 addresses6[DP_NAT_CHOICE_ADDRESSES];
};

/* A device whose packets are translated, by its index. */
struct dp_nat_device {
	__u32 link_header; /* bytes before the IP header: 14 on Ethernet, 0 on tunnels without one */
	__u32 pad;
	struct dp_ip4 address4; /* 0: none */
	struct dp_ip6 address6;
};

/* Counts up when programs or a manager of one version would misread what those of another wrote. */
enum dp_nat_layout {
	DP_NAT_LAYOUT_VERSION = 2,
};

/* Written by user space, read with each new flow. */
struct dp_nat_state {
	__u32 layout_version;
	__u32 generation;
	__u16 first_port;
	__u16 last_port;
	__u32 owner_pid;
	__u64 network; /* the cookie of the network namespace */
	__u64 no_new_flows_before; /* ns on the coarse monotonic clock; it passes by itself, should nobody take it back */
	__u32 is_moving; /* programs may be using the tables of flows that are to take the place of those before */
	__u32 hears; /* what listeners ask for, a bit for each kind of event: see layout_nat_events.h */
};

/* Ports that nobody gets, a bit for each: the kernel's reserved ones, and those at which the machine listens or serves. */
struct dp_nat_ports {
	__u64 taken[DP_NAT_PORT_WORDS];
};

/*
 * A translated flow has two entries. The outgoing one is found by the packet as it leaves the source, the incoming one by the packet as it comes from
 * outside. Which of two flows has a port is settled by who adds the incoming entry first. An identifier of ICMP stands in both ports.
 */
struct dp_flow_key4 {
	struct dp_ip4 source;
	struct dp_ip4 destination;
	__be16 source_port;
	__be16 destination_port;
	__u8 protocol;
	__u8 direction; /* enum dp_flow_direction */
	__u16 pad;
};

struct dp_flow_key6 {
	struct dp_ip6 source;
	struct dp_ip6 destination;
	__be16 source_port;
	__be16 destination_port;
	__u8 protocol;
	__u8 direction;
	__u16 pad;
};

enum dp_flow_direction {
	DP_FLOW_OUT = 0,
	DP_FLOW_IN = 1,
};

/* What is put in the place of the source (outgoing entry) or the destination (incoming entry). */
struct dp_flow4 {
	struct dp_ip4 address;
	__be16 port;
	__u8 seen; /* enum dp_flow_seen, of packets in this direction */
	__u8 pad;
	__u32 next; /* of TCP: see tcp_family.h */
	__u32 pad2;
	__u64 made_at; /* ns on the coarse monotonic clock */
	__u64 used_at; /* as used.h has it */
};

struct dp_flow6 {
	struct dp_ip6 address;
	__be16 port;
	__u8 seen;
	__u8 pad;
	__u32 next;
	__u64 made_at;
	__u64 used_at;
};

enum dp_flow_seen {
	DP_SEEN_NOTHING = 0,
	DP_SEEN_PACKET = 1,
	DP_SEEN_SYN = 2,  /* of TCP: its first packet or, with DP_SEEN_DATA, the answer to that */
	DP_SEEN_DATA = 4, /* of TCP: anything that is not its first packet */
	DP_SEEN_FIN = 8,  /* of the peer's it counts when the source has acknowledged it */
	DP_SEEN_RST = 16, /* in the outgoing entry alone: the source's, or one of the peer's that the source accepts */
};

/* A flow that is left alone to its end, whatever becomes of the rules: found as its outgoing packets are. */
struct dp_kept {
	__u64 used_at; /* ns on the coarse monotonic clock, but for the last bit */
};

/* The ports of a datagram in fragments, which only the first has. */
struct dp_fragment_key4 {
	struct dp_ip4 source;
	struct dp_ip4 destination;
	__u32 identification; /* in network order */
	__u8 protocol;
	__u8 direction;
	__u16 pad;
};

struct dp_fragment_key6 {
	struct dp_ip6 source;
	struct dp_ip6 destination;
	__u32 identification;
	__u8 protocol; /* 0, as in IPv6 a number is for all protocols */
	__u8 direction;
	__u16 pad;
};

struct dp_fragment {
	__be16 source_port;
	__be16 destination_port;
	__u8 kind; /* of the whole datagram, as the programs number kinds */
	__u8 protocol; /* that of the first, which of IPv6 may stand behind further headers */
	__u16 pad;
	__u64 used_at; /* ns on the coarse monotonic clock */
};

/* Indices of the counters, one for each processor. */
enum dp_nat_counter {
	DP_NAT_FLOWS = 0,	       /* flows that were given a mapping */
	DP_NAT_REFUSED_NO_PORT = 1,    /* packets dropped: no port is free towards the peer */
	DP_NAT_REFUSED_FULL = 2,       /* packets dropped: the table of flows is full */
	DP_NAT_REFUSED_NO_ADDRESS = 3, /* packets dropped: the device has no address of the family */
	DP_NAT_REFUSED_PROTOCOL = 4,   /* packets dropped: a protocol without ports */
	DP_NAT_REFUSED_FRAGMENT = 5,   /* packets dropped: a fragment whose first has not been seen, and that could not wait for it */
	DP_NAT_REFUSED_MALFORMED = 6,  /* packets dropped: headers that contradict themselves or are cut */
	DP_NAT_UNKNOWN_FRAGMENT = 7,   /* incoming fragments left to the host: their first has not been seen */
	DP_NAT_ORPHAN = 8,	       /* TCP packets of connections that nobody knows, left alone */
	DP_NAT_MANY_TRIES = 9,	       /* mappings that took more than 16 tries */
	DP_NAT_REPAIRED = 10,	       /* entries whose twin was missing, made anew */
	DP_NAT_HOST_MOVED = 11,	       /* flows of the host, or of others with its addresses, that got another port, because a pod had theirs */
	DP_NAT_REFUSED_MOVING = 12,    /* packets dropped: the first of a flow while flows moved to a table of another size */
	DP_NAT_NO_ROUTE_SOURCE = 13,   /* flows that got the device's address, for the kernel did not tell that of their route */
	DP_NAT_REORDERED = 14,	       /* fragments that came before their first, and went on with it */
	DP_NAT_REFUSED_FRAGMENT_EXPIRED = 15, /* packets dropped: fragments whose first did not come within a second */
	DP_NAT_REFUSED_FRAGMENT_CROWDED = 16, /* packets dropped: fragments that had to make room for others before their first came */
	DP_NAT_REFUSED_TAGGED = 17,    /* packets dropped: behind more tags or labels than are read */
	DP_NAT_MAPPED_BY_PEER = 18,    /* flows that got another port than the one that their source has for all peers, because it was taken */
	DP_NAT_COUNTERS = 19,
};

#endif
