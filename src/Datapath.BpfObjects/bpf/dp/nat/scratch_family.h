/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What is noted while a packet is dealt with. It does not lie on the stack, of which all calls together have 512 bytes; nothing else of its kind comes
 * between on the same processor, but what is sent out in the midst of a program: after that nothing here is good. The verifier tells no values in it
 * apart, so that code behind many branches is looked at once.
 */

/* A search for a port. */
struct DP(dp_search) {
	struct DP(dp_flow_key) reverse; /* its port is the one to try */
	__be16 wanted;
	__u16 first;
	__u16 last;
	__u8 is_echo;
	__u8 is_fixed; /* only the wanted port will do */
	__s32 outcome; /* enum dp_search_outcome, or an error */
	__u32 tries;
};

struct DP(dp_scratch) {
	struct DP(dp_packet) packet;
	struct DP(dp_flow) made; /* the flow that begins */
	struct DP(dp_flow_key) out; /* its outgoing key, or that of the mapping which it uses */
	struct DP(dp_flow_key) neighbour; /* that would be in its way */
	struct DP(dp_search) search;
	struct DP(dp_fragment_key) fragment;
	__u32 more;  /* of a fragment that is to be held: the ticket of the slot in which it goes on */
	__u32 chain; /* of fragments that are to go: the ticket of its head */
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__type(key, __u32);
	__type(value, struct DP(dp_scratch));
	__uint(max_entries, 1);
} DP(dp_nat_scratch) SEC(".maps");

/* With a packet that nothing is known of yet. */
static __always_inline struct DP(dp_scratch) *DP(dp_new_packet)(__u32 ip)
{
	__u32 index = 0;
	struct DP(dp_scratch) *scratch = bpf_map_lookup_elem(&DP(dp_nat_scratch), &index);

	if (scratch)
		scratch->packet.facts = (struct dp_packet_facts){ .ip = ip };
	return scratch;
}
