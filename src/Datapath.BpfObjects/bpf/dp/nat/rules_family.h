/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The rules: what a new flow gets. */

#define DP_PREFIXES(name)                                                      \
	struct {                                                               \
		__uint(type, BPF_MAP_TYPE_LPM_TRIE);                           \
		__type(key, struct DP(dp_nat_prefix));                         \
		__type(value, struct dp_nat_class);                            \
		__uint(max_entries, 131072);                                   \
		__uint(map_flags, BPF_F_NO_PREALLOC | BPF_F_RDONLY_PROG);      \
	} name SEC(".maps")

DP_PREFIXES(DP(dp_nat_sources));
DP_PREFIXES(DP(dp_nat_destinations));

#undef DP_PREFIXES

#define DP_PREFIX_BITS (32 + 8 * sizeof(struct DP(dp_ip)))

static __always_inline struct dp_nat_class *DP(dp_class_of)(void *prefixes, const struct DP(dp_ip) *address, __u32 generation)
{
	struct DP(dp_nat_prefix) key = { .prefix_length = DP_PREFIX_BITS, .generation = generation, .address = *address };

	return bpf_map_lookup_elem(prefixes, &key);
}

/* The source address of the route by which a packet leaves. Kernels that know the flags take the route's own, or what they would choose themselves. */
static __noinline int DP(dp_route_source)(struct __sk_buff *skb, const struct DP(dp_packet) *packet, struct DP(dp_ip) *address)
{
	struct bpf_fib_lookup route = { .family = DP(DP_INET), .ifindex = skb->ifindex };

	__builtin_memcpy(route.source, &packet->source, sizeof(packet->source));
	__builtin_memcpy(route.destination, &packet->destination, sizeof(packet->destination));
	if (bpf_fib_lookup(skb, &route, sizeof(route), BPF_FIB_LOOKUP_OUTPUT | BPF_FIB_LOOKUP_SKIP_NEIGH | BPF_FIB_LOOKUP_SRC)) {
		dp_nat_count(DP_NAT_NO_ROUTE_SOURCE);
		return -1;
	}
	__builtin_memcpy(address, route.source, sizeof(*address));
	return 0;
}

/* The address that a source gets; the device's own if the choice has none. */
static __always_inline void DP(dp_choose_address)(struct __sk_buff *skb, const struct DP(dp_packet) *packet, const struct dp_nat_device *device,
						  __u32 generation, __u32 number, struct DP(dp_ip) *address)
{
	__u32 index = (generation % DP_NAT_GENERATIONS) * DP_NAT_CHOICES + number - 1;
	struct dp_nat_choice *choice = bpf_map_lookup_elem(&dp_nat_choices, &index);
	__u32 count = choice ? choice->DP(count) : 0;

	if (choice && count) {
		__u32 hash = DP(dp_fold_ip)(&packet->source) * 0x9e3779b1U;

		*address = choice->DP(addresses)[((hash >> 16) * count >> 16) % DP_NAT_CHOICE_ADDRESSES];
		return;
	}
	if (!choice || !choice->asks_route || DP(dp_route_source)(skb, packet, address))
		*address = device->DP(address);
}

/* One more than the number of a choice of addresses; 0: the packet is left alone. */
static __always_inline __u32 DP(dp_decide)(struct __sk_buff *skb, const struct DP(dp_packet) *packet, __u32 generation)
{
	__u32 index = generation % DP_NAT_GENERATIONS;
	struct dp_nat_table *table = bpf_map_lookup_elem(&dp_nat_table, &index);
	struct dp_nat_class *source, *destination;
	__u32 row, column, cell;

	if (!table)
		return 0;
	source = DP(dp_class_of)(&DP(dp_nat_sources), &packet->source, generation);
	row = source ? source->number : dp_class_by_origin(table, generation, skb->ingress_ifindex);
	destination = DP(dp_class_of)(&DP(dp_nat_destinations), &packet->destination, generation);
	column = destination ? destination->number : 0;
	cell = (row % DP_NAT_CLASSES) * DP_NAT_CLASSES + column % DP_NAT_CLASSES;
	asm("%0 &= 0xffff" : "+r"(cell)); /* it is less anyway, but older kernels lose count */
	return table->cells[cell];
}

/* Whether some packets from an address are translated. By which device they will come is not known. */
static __always_inline int DP(dp_is_source)(const struct DP(dp_ip) *address, __u32 generation)
{
	struct dp_nat_class *class = DP(dp_class_of)(&DP(dp_nat_sources), address, generation);
	__u32 index = generation % DP_NAT_GENERATIONS;
	struct dp_nat_table *table = bpf_map_lookup_elem(&dp_nat_table, &index);
	__u32 number;

	if (!table)
		return 0;
	if (!class)
		return !!(table->forwarded_class & DP_NAT_BY_ORIGIN);
	number = class->number % DP_NAT_CLASSES;
	return !!(table->translated[number / 64] & 1ULL << number % 64);
}

#undef DP_PREFIX_BITS
