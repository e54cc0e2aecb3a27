/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The packets after a flow's first, as most are: TCP or UDP behind a plain IP header. They are read and changed where they lie, with one lookup. What is
 * not so plain takes the way of first packets, and comes to the same end there.
 */

#if DP_FAMILY == 4
#define DP_IP struct iphdr
#else
#define DP_IP struct ipv6hdr
#endif

#if DP_FAMILY == 4
/* Segments whose sequence numbers ask for more than to be noted: first ones, and those by which the peer ends the connection. */
static __always_inline int dp_is_special(__u8 flags, __u8 direction)
{
	if (direction == DP_FLOW_OUT)
		return (flags & (TCP_FLAG_SYN | TCP_FLAG_ACK)) != TCP_FLAG_ACK;
	return (flags & (TCP_FLAG_FIN | TCP_FLAG_RST | TCP_FLAG_ACK)) != TCP_FLAG_ACK;
}

/* The protocol behind a header without options or fragments; 0: it is another. */
static __always_inline __u8 dp_plain_protocol4(const struct iphdr *ip)
{
	if (ip->version_and_length != 0x45 || ip->fragment & bpf_htons(IP_MORE_FRAGMENTS | IP_FRAGMENT_OFFSET))
		return 0;
	return ip->protocol;
}

static __always_inline void dp_read_addresses4(const struct iphdr *ip, struct dp_flow_key4 *key)
{
	key->source.word[0] = ip->saddr;
	key->destination.word[0] = ip->daddr;
}

/* How much stands behind the IP header. */
static __always_inline __u32 dp_content_length4(const struct __sk_buff *skb, const struct iphdr *ip, __u32 start)
{
	return (likely(ip->total_length) ? bpf_ntohs(ip->total_length) : skb->len - start) - sizeof(*ip);
}

/* Changes an address; returns the difference that makes to a sum over it. */
static __always_inline __u64 dp_put_address4(struct iphdr *ip, __u8 direction, const struct dp_ip4 *address)
{
	__be32 *field = direction == DP_FLOW_OUT ? &ip->saddr : &ip->daddr;
	__u64 difference = dp_add_change32(0, *field, address->word[0]);

	ip->check = dp_shift_check(ip->check, difference);
	*field = address->word[0];
	return difference;
}
#else
static __always_inline __u8 dp_plain_protocol6(const struct ipv6hdr *ip)
{
	return *(__u8 *)ip >> 4 == 6 ? ip->nexthdr : 0;
}

static __always_inline void dp_read_addresses6(const struct ipv6hdr *ip, struct dp_flow_key6 *key)
{
	__builtin_memcpy(&key->source, ip->saddr, sizeof(key->source));
	__builtin_memcpy(&key->destination, ip->daddr, sizeof(key->destination));
}

static __always_inline __u32 dp_content_length6(const struct __sk_buff *skb, const struct ipv6hdr *ip, __u32 start)
{
	return likely(ip->payload_length) ? bpf_ntohs(ip->payload_length) : skb->len - start - sizeof(*ip);
}

static __always_inline __u64 dp_put_address6(struct ipv6hdr *ip, __u8 direction, const struct dp_ip6 *address)
{
	__be32 *field = direction == DP_FLOW_OUT ? ip->saddr : ip->daddr;
	__u64 difference = 0;

	for (int i = 0; i < 4; i++) {
		difference = dp_add_change32(difference, field[i], address->word[i]);
		field[i] = address->word[i];
	}
	return difference;
}
#endif

/* Changes address, port and checksums in place. */
static __always_inline void DP(dp_put)(struct __sk_buff *skb, DP_IP *ip, struct dp_ports *ports, __u16 *check, __u8 direction,
				       const struct DP(dp_flow) *flow, int is_udp, enum dp_sum_state sums)
{
	__be16 *field = direction == DP_FLOW_OUT ? &ports->source : &ports->destination;
	__u64 difference = DP(dp_put_address)(ip, direction, &flow->address);
	__u64 whole = dp_add_change16(difference, *field, flow->port);
	__u16 changed;

	*field = flow->port;
	if (is_udp && !*check)
		return; /* there is none, or what is to be summed is a packet inside */
	if (sums == CHECKSUM_PARTIAL) {
		*check = dp_fold16(*check + difference);
		return;
	}
	changed = dp_shift_check(*check, whole);
	*check = is_udp && !changed ? 0xffff : changed;

	/* With IPv4 each header keeps its own sum but for the addresses, which both cover. With IPv6 only one does. */
	if (DP_FAMILY == 4 && unlikely(sums == CHECKSUM_COMPLETE))
		bpf_csum_update(skb, ~dp_fold32(difference));
}

/* Notes the sequence numbers of others, as dp_note_sent() and dp_note_received() do. */
static __always_inline void DP(dp_follow)(struct DP(dp_flow) *flow, __u8 direction, const __u8 *tcp, __u8 seen, __u32 length)
{
	__u32 next;

	if (direction == DP_FLOW_OUT) {
		next = bpf_ntohl(*(const __be32 *)(tcp + TCP_ACKNOWLEDGED));
		if (flow->next != next)
			flow->next = next;
		return;
	}
	next = bpf_ntohl(*(const __be32 *)(tcp + TCP_SEQUENCE));
	length -= (tcp[TCP_OFFSET] >> 4) * 4;
	if (unlikely(seen & DP_SEEN_SYN)) {
		if (!(flow->seen & DP_SEEN_SYN))
			flow->next = next + length + 1;
	} else if (length && flow->next == next) {
		flow->next = next + length;
	}
}

/* Translates a packet of a flow that is known: a verdict of tc, or enum dp_nat_way. */
static __always_inline int DP(dp_known)(struct __sk_buff *skb, __u8 direction)
{
	void *data = (void *)(long)skb->data, *end = (void *)(long)skb->data_end;
	struct sk_buff *view = dp_kernel_view(skb);
	struct DP(dp_flow_key) key;
	struct DP(dp_flow) *flow;
	enum dp_sum_state sums;
	struct dp_ports *ports;
	__u8 *transport;
	__u32 start, check;
	__u8 seen;
	DP_IP *ip;

	if (!view)
		return DP_NAT_CLOSER;
	start = dp_link_header(view);
	if (unlikely(start > DP_NAT_LINK_HEADER))
		return DP_NAT_CLOSER;
	ip = data + start;
	transport = (__u8 *)(ip + 1);
	if (unlikely(transport + UDP_HEADER > (__u8 *)end))
		return DP_NAT_CLOSER;
	key.protocol = DP(dp_plain_protocol)(ip);
	if (key.protocol == IPPROTO_TCP) {
		if (unlikely(transport + TCP_HEADER > (__u8 *)end))
			return DP_NAT_CLOSER;
		if (unlikely(dp_is_special(transport[TCP_FLAGS], direction)))
			return DP_NAT_CLOSER;
		seen = dp_seen_of(transport[TCP_FLAGS]);
		check = TCP_CHECK;
	} else if (key.protocol == IPPROTO_UDP) {
		seen = DP_SEEN_PACKET;
		check = UDP_CHECK;
	} else {
		return DP_NAT_CLOSER;
	}
	asm("" : "+r"(check)); /* so that nobody asks for the protocol again: the verifier has forgotten what header that one had */
	DP(dp_read_addresses)(ip, &key);
	ports = (struct dp_ports *)transport;
	key.source_port = ports->source;
	key.destination_port = ports->destination;
	key.direction = direction;
	key.pad = 0;
	sums = dp_sum_state(view);
	flow = bpf_map_lookup_elem(&DP(dp_flows), &key);
	if (!flow)
		return DP_NAT_NO_FLOW;
	if (unlikely(!dp_is_used_now(flow->used_at)))
		return DP_NAT_CLOSER;
	if (check == TCP_CHECK)
		DP(dp_follow)(flow, direction, transport, seen, DP(dp_content_length)(skb, ip, start));
	DP(dp_touch)(flow, seen);
	DP(dp_put)(skb, ip, ports, (__u16 *)(transport + check), direction, flow, check == UDP_CHECK, sums);
	return TC_ACT_UNSPEC;
}

#undef DP_IP
