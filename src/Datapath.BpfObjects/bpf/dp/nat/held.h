/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Holding fragments until their first comes, and sending them on behind it. */
#ifndef DP_HELD_H
#define DP_HELD_H

#include "held_maps.h"
#include "nat.h"

static __always_inline __u64 dp_turn(__u32 ticket, enum dp_held_state state)
{
	return (__u64)ticket * (DP_HELD_STATES + 1) + state;
}

/* A ticket is the number of a ring, and above it how many slots of that were claimed before. */
static __always_inline struct dp_held *dp_held_of(__u32 ticket)
{
	__u32 index = ticket % DP_HELD_RINGS * DP_HELD_RING + ticket / DP_HELD_RINGS % DP_HELD_RING;

	return bpf_map_lookup_elem(&dp_held, &index);
}

static __always_inline int dp_change_turn(struct dp_held *held, __u64 from, __u64 to)
{
	return __sync_val_compare_and_swap(&held->turn, from, to) == from;
}

/* Gives a slot away that is one's own: what is in it is good, or no longer asked for. */
static __always_inline void dp_set_turn(struct dp_held *held, __u64 turn)
{
	__sync_lock_test_and_set(&held->turn, turn);
}

static __always_inline int dp_is_late(const struct dp_held *held, __u64 now)
{
	return (__s64)(now - held->since) > (__s64)DP_SECOND;
}

/* Makes a full slot one's own; NULL: somebody else has it, or it is another's by now. */
static __always_inline struct dp_held *dp_take_held(__u32 ticket)
{
	struct dp_held *held = dp_held_of(ticket);

	return held && dp_change_turn(held, dp_turn(ticket, DP_HELD_FULL), dp_turn(ticket, DP_HELD_BUSY)) ? held : NULL;
}

/* Counts and tells of a fragment that is given up: at a time of the monotonic clock, 0 for now. */
DP_VERIFIED_ALONE int dp_lose_held(const struct dp_held *held, __u32 reason, __u64 now)
{
	if (!held || !held->family)
		return 0; /* where it begins it is counted */
	dp_nat_count(reason);
	if (held->family == 4) {
		struct dp_flow_key4 key = {
			.source.word[0] = held->key.source.word[3],
			.destination.word[0] = held->key.destination.word[3],
			.protocol = held->protocol,
			.direction = held->key.direction,
		};

		dp_tell4(&key, NULL, held->device, dp_nat_what(DP_NAT_EVENT_REFUSED, reason), now);
	} else {
		struct dp_flow_key6 key = {
			.source = held->key.source,
			.destination = held->key.destination,
			.protocol = held->protocol,
			.direction = held->key.direction,
		};

		dp_tell6(&key, NULL, held->device, dp_nat_what(DP_NAT_EVENT_REFUSED, reason), now);
	}
	return 0;
}

/* The slot after the one that was claimed before. Whoever is still in it, the oldest of the ring, is lost. NULL: it is busy. */
static __always_inline struct dp_held *dp_claim_held(__u32 ring, __u32 *ticket, __u64 now)
{
	struct dp_held_ring *turns = bpf_map_lookup_elem(&dp_held_rings, &ring);
	struct dp_held *held;
	__u64 turn;

	if (!turns)
		return NULL;
	*ticket = (__sync_fetch_and_add(&turns->claimed, 1) + 1) * DP_HELD_RINGS + ring;
	held = dp_held_of(*ticket);
	if (!held)
		return NULL;
	turn = READ_ONCE(held->turn);
	if ((turn & DP_HELD_STATES) == DP_HELD_BUSY || !dp_change_turn(held, turn, dp_turn(*ticket, DP_HELD_BUSY)))
		return NULL;
	if ((turn & DP_HELD_STATES) == DP_HELD_FULL)
		dp_lose_held(held, dp_is_late(held, now) ? DP_NAT_REFUSED_FRAGMENT_EXPIRED : DP_NAT_REFUSED_FRAGMENT_CROWDED, 0);
	return held;
}

/* The bytes of a fragment that are on their way into slots or out of them, in the frame of whoever moves them. */
struct dp_move {
	struct __sk_buff *skb;
	__u64 now;
	__u32 at;     /* in the packet */
	__u32 end;    /* of it */
	__u32 ring;
	__u32 ticket; /* of the slot that was filled last, or of the next to be emptied */
};

/* The last of the bytes that go into a slot, of so many that are left: one less than the length, so that a check of one end makes both known. */
static __always_inline __u64 dp_last_of_slot(__u32 left)
{
	__u64 last = (left < DP_HELD_BYTES ? left : DP_HELD_BYTES) - 1ULL;

	asm volatile("" : "+r"(last)); /* the verifier learns nothing of a difference, so it is asked for what comes of it */
	return last;
}

static __always_inline int dp_fill_slot(struct __sk_buff *skb, __u32 at, __u32 end, struct dp_held *held)
{
	__u64 last = dp_last_of_slot(end - at);

	return last < DP_HELD_BYTES ? bpf_skb_load_bytes(skb, at, held->bytes, last + 1) : -1;
}

static __always_inline int dp_empty_slot(struct __sk_buff *skb, __u32 at, __u32 end, const struct dp_held *held)
{
	__u64 last = dp_last_of_slot(end - at);

	return last < DP_HELD_BYTES ? bpf_skb_store_bytes(skb, at, held->bytes, last + 1, BPF_F_RECOMPUTE_CSUM) : -1;
}

/* Copies the last part that is not in a slot yet. At an end before all is done the parts that are stay until they are displaced or swept: nothing leads to them. */
static long dp_fill_part(__u32 index, struct dp_move *move)
{
	__u32 ticket = 0;
	struct dp_held *held = dp_claim_held(move->ring, &ticket, move->now);

	(void)index;
	if (!held)
		return 1;
	held->since = move->now;
	held->family = 0;
	held->more = move->ticket;
	if (dp_fill_slot(move->skb, move->at, move->end, held)) {
		dp_set_turn(held, DP_HELD_FREE);
		return 1;
	}
	dp_set_turn(held, dp_turn(ticket, DP_HELD_FULL));
	move->ticket = ticket;
	move->end = move->at;
	move->at -= DP_HELD_BYTES;
	return 0;
}

/* Copies what of a packet goes beyond one slot; *more becomes the ticket of where that begins. */
DP_VERIFIED_ALONE int dp_fill_further(struct __sk_buff *skb, __u32 ip, __u32 ring, __u32 *more)
{
	__u32 parts = (skb->len - ip - 1) / DP_HELD_BYTES;
	struct dp_move move = { .skb = skb, .now = bpf_ktime_get_coarse_ns(), .at = ip + parts * DP_HELD_BYTES, .end = skb->len, .ring = ring };

	if (!more)
		return -1; /* cannot be, but the verifier knows no caller */
	bpf_loop(parts, dp_fill_part, &move, 0);
	*more = move.ticket;
	return move.end == ip + DP_HELD_BYTES ? 0 : -1;
}

/* Takes the next part out of its slot. */
static long dp_empty_part(__u32 index, struct dp_move *move)
{
	struct dp_held *held = move->ticket && move->at < move->end ? dp_take_held(move->ticket) : NULL;
	int error;

	(void)index;
	if (!held)
		return 1;
	error = dp_empty_slot(move->skb, move->at, move->end, held);
	move->ticket = held->more;
	dp_set_turn(held, DP_HELD_FREE);
	if (error)
		return 1;
	move->at += DP_HELD_BYTES;
	return 0;
}

/* Makes a packet another, behind its link header. */
DP_VERIFIED_ALONE int dp_become_held(struct __sk_buff *skb, __u32 ip, const struct dp_held *held)
{
	struct dp_move move = { .skb = skb };

	if (!held)
		return -1; /* cannot be, but the verifier knows no caller */
	move.at = ip + DP_HELD_BYTES;
	move.end = ip + held->length;
	move.ticket = held->more;
	if (bpf_skb_change_tail(skb, move.end, 0))
		return -1;
	if (dp_empty_slot(skb, ip, move.end, held))
		return -1;
	if (move.ticket)
		bpf_loop(DP_HELD_PARTS, dp_empty_part, &move, 0);
	return move.at < move.end ? -1 : 0; /* others may have displaced a part */
}

/* A chain on its way out, in the frame of whoever sends it. */
struct dp_release {
	struct __sk_buff *skb;
	__u64 now;
	__u64 flags;
	__u32 ip;
	__u32 ticket;  /* of the next */
	__u32 is_sent; /* what is in the buffer now has left, or must not */
};

/* Sends what is in the buffer and puts the next of the chain there; 1 ends it. What is too late stays where it is, until it is swept. */
static long dp_release_next(__u32 index, struct dp_release *release)
{
	struct dp_held *held = dp_held_of(release->ticket);

	(void)index;
	if (!release->ticket || !held || dp_is_late(held, release->now))
		return 1;
	held = dp_take_held(release->ticket);
	if (!held)
		return 1;
	if (!release->is_sent)
		bpf_clone_redirect(release->skb, release->skb->ifindex, release->flags); /* what the device refuses, it counts */
	release->is_sent = !!dp_become_held(release->skb, release->ip, held);
	release->ticket = held->next;
	if (release->is_sent)
		dp_lose_held(held, DP_NAT_REFUSED_FRAGMENT, 0);
	else
		dp_nat_count(DP_NAT_REORDERED);
	dp_set_turn(held, DP_HELD_FREE);
	return 0;
}

/* Has a packet go its way from the start. Its fragment is known by then, so it does not come here again. */
static __always_inline int dp_go_round(struct __sk_buff *skb, __u64 flags)
{
	return bpf_redirect(skb->ifindex, flags);
}

/* Takes a chain for oneself: the ticket of its head. */
static __always_inline __u32 dp_unchain(struct dp_waiting *waiting)
{
	return __sync_lock_test_and_set(&waiting->last, 0);
}

/*
 * The first fragment goes round once more and those that wait for it follow, in its buffer: so all meet what they would have met in order. Outwards that
 * happens at once, in the midst of this, and uses the same scratch. is_sent: what is in the buffer is one of those that wait.
 */
DP_VERIFIED_ALONE int dp_release(struct __sk_buff *skb, __u32 last, __u32 ip, __u64 flags, __u32 is_sent)
{
	struct dp_release release = {
		.skb = skb,
		.now = bpf_ktime_get_coarse_ns(),
		.flags = flags,
		.ip = ip,
		.ticket = last,
		.is_sent = is_sent,
	};

	bpf_loop(DP_HELD_RING, dp_release_next, &release, 0);
	return release.is_sent ? TC_ACT_SHOT : dp_go_round(skb, flags);
}

/*
 * Puts a full slot at the head of a chain. Should others displace it at this very moment, theirs leads on to what it should not: that is sent too early,
 * goes round, and is held again.
 */
static __always_inline int dp_chain(struct dp_waiting *waiting, struct dp_held *held, __u32 ticket)
{
	for (int i = 0; i < 8; i++) {
		__u32 last = READ_ONCE(waiting->last);

		held->next = last;
		if (__sync_val_compare_and_swap(&waiting->last, last, ticket) == last)
			return 0;
	}
	return -1;
}

#endif
