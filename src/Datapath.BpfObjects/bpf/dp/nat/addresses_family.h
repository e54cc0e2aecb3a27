/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Addresses that flows were translated to, beside those of devices: what comes in for one of them may be for a source. Those that are forgotten are the
 * ones that nobody has used or asked for the longest.
 */

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__type(key, struct DP(dp_ip));
	__type(value, __u32);
	__uint(max_entries, 4096);
} DP(dp_nat_addresses) SEC(".maps");

/* Notes the address of a flow that begins. */
static __noinline int DP(dp_note_address)(const struct dp_nat_device *device, const struct DP(dp_ip) *address)
{
	__u32 noted = 1;

	if (DP(dp_same_ip)(address, &device->DP(address)) || bpf_map_lookup_elem(&DP(dp_nat_addresses), address))
		return 0;
	return bpf_map_update_elem(&DP(dp_nat_addresses), address, &noted, BPF_ANY);
}

static __noinline int DP(dp_is_translated_address)(const struct dp_nat_device *device, const struct DP(dp_ip) *address)
{
	return DP(dp_same_ip)(address, &device->DP(address)) || bpf_map_lookup_elem(&DP(dp_nat_addresses), address);
}
