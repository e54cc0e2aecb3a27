/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Where the flows of a family are. */

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__type(key, struct DP(dp_flow_key));
	__type(value, struct DP(dp_flow));
	__uint(max_entries, 524288);
	__uint(map_flags, BPF_F_NO_PREALLOC);
} DP(dp_flows) SEC(".maps");

/* The incoming entry's key, of a flow that leaves as a packet does from this address and port. */
static __always_inline struct DP(dp_flow_key) DP(dp_reverse_of)(const struct DP(dp_flow_key) *out, const struct DP(dp_ip) *address, __be16 port,
							       int is_echo)
{
	return (struct DP(dp_flow_key)){
		.source = out->destination,
		.destination = *address,
		.source_port = is_echo ? port : out->destination_port,
		.destination_port = port,
		.protocol = out->protocol,
		.direction = DP_FLOW_IN,
	};
}

/* Whether what leaves translated to an address is no flow but a source's mapping towards all peers. */
static __always_inline int DP(dp_is_mapping)(const struct DP(dp_flow_key) *out, const struct DP(dp_ip) *address)
{
	return out->protocol == IPPROTO_UDP && !out->destination_port && DP(dp_same_ip)(&out->destination, address);
}

/* Whether an incoming entry is of the flow of an outgoing key, not of another that has its port by now. */
static __always_inline int DP(dp_is_twin)(const struct DP(dp_flow) *in, const struct DP(dp_flow_key) *out)
{
	return in->port == out->source_port && DP(dp_same_ip)(&in->address, &out->source);
}

/* The outgoing entry's key of an incoming one. */
static __always_inline struct DP(dp_flow_key) DP(dp_origin_of)(const struct DP(dp_flow_key) *in, const struct DP(dp_flow) *flow)
{
	int is_echo = in->protocol == DP(DP_ICMP);

	return (struct DP(dp_flow_key)){
		.source = flow->address,
		.destination = in->source,
		.source_port = flow->port,
		.destination_port = is_echo ? flow->port : in->source_port,
		.protocol = in->protocol,
		.direction = DP_FLOW_OUT,
	};
}
