/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Flows that are left alone to their end, whatever becomes of the rules. TCP begins anew with its first packet; others end when they have been idle for long. */

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__type(key, struct DP(dp_flow_key));
	__type(value, struct dp_kept);
	__uint(max_entries, 262144);
} DP(dp_kept) SEC(".maps");

#if DP_FAMILY == 4
/* In the time of use: something has left by the flow since it was noted. */
#define DP_KEPT_ANSWERED 1ULL

enum {
	DP_KEPT_TCP = 7440, /* seconds */
	DP_KEPT_TWO_WAY = 120,
	DP_KEPT_ONE_WAY = 30,
};

static __always_inline int dp_is_good(const struct dp_kept *kept, __u8 protocol, __u64 now)
{
	__u64 lifetime = protocol == IPPROTO_TCP ? DP_KEPT_TCP : kept->used_at & DP_KEPT_ANSWERED ? DP_KEPT_TWO_WAY : DP_KEPT_ONE_WAY;

	return (__s64)(now - kept->used_at) < (__s64)(lifetime * DP_SECOND);
}
#endif

/* Whether a packet that leaves is of such a flow, which goes on by it. */
static __noinline int DP(dp_is_kept)(const struct DP(dp_flow_key) *out, __u8 seen)
{
	struct dp_kept *kept = bpf_map_lookup_elem(&DP(dp_kept), out);
	__u64 now;

	if (!kept || dp_is_first(seen))
		return 0;
	now = bpf_ktime_get_coarse_ns();
	if (!dp_is_good(kept, out->protocol, now))
		return 0;
	if (!(kept->used_at & DP_KEPT_ANSWERED) || now - kept->used_at > DP_SECOND)
		kept->used_at = now | DP_KEPT_ANSWERED;
	return 1;
}

static __always_inline void DP(dp_note_kept)(const struct DP(dp_flow_key) *out)
{
	struct dp_kept kept = { .used_at = bpf_ktime_get_coarse_ns() & ~DP_KEPT_ANSWERED };

	bpf_map_update_elem(&DP(dp_kept), out, &kept, BPF_ANY);
}
