/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Mappings that do not depend on the peer (RFC 4787): a source's datagrams leave by one address and port, whoever they are for. Such a mapping is a flow
 * towards the translated address itself at port 0, to which nothing is ever sent: so it has its port for itself, and ends, as flows do.
 */

/* Begins as the mapping of a flow that leaves translated to an address. */
static __always_inline struct DP(dp_flow_key) DP(dp_mapping_of)(const struct DP(dp_flow_key) *out, const struct DP(dp_ip) *address)
{
	return (struct DP(dp_flow_key)){
		.source = out->source,
		.destination = *address,
		.source_port = out->source_port,
		.protocol = out->protocol,
		.direction = DP_FLOW_OUT,
	};
}

/* A flow that goes on takes its mapping with it. */
static __noinline int DP(dp_use_mapping)(const struct DP(dp_flow_key) *out, const struct DP(dp_ip) *address)
{
	struct DP(dp_flow_key) key = DP(dp_mapping_of)(out, address);
	struct DP(dp_flow) *mapping = bpf_map_lookup_elem(&DP(dp_flows), &key);

	if (mapping)
		mapping->used_at = dp_used_now();
	return 0;
}

/* Notes which port a flow that begins is to have, finding or making its source's mapping. Returns 0, or the counter of the reason against it. */
static __always_inline int DP(dp_find_mapping)(struct __sk_buff *skb, struct DP(dp_scratch) *scratch, const struct DP(dp_flow_key) *out,
					       const struct DP(dp_ip) *address)
{
	struct DP(dp_flow) *mapping;
	int refusal;

	scratch->out = DP(dp_mapping_of)(out, address);
	mapping = bpf_map_lookup_elem(&DP(dp_flows), &scratch->out);
	if (mapping) {
		mapping->used_at = dp_used_now();
		scratch->made.port = mapping->port;
	} else {
		refusal = DP(dp_allocate)(skb, address);
		if (refusal)
			return refusal;
	}
	scratch->packet.facts.mapped_port = scratch->made.port;
	return 0;
}
