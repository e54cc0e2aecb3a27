// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Counts the primes below a number: loops, callbacks and an argument that is read and written. */
#include "gallery.h"

struct question {
	__u32 below;
	__u32 primes;
};

struct search {
	__u32 number;
	__u32 divided;
};

static long divide(__u32 index, struct search *search)
{
	__u32 divisor = index + 2;

	if (divisor * divisor > search->number)
		return 1;
	if (search->number % divisor)
		return 0;
	search->divided = 1;
	return 1;
}

static long look(__u32 index, struct question *question)
{
	struct search search = { .number = index + 2 };

	bpf_loop(1 << 12, divide, &search, 0);
	question->primes += !search.divided;
	return 0;
}

SEC("syscall")
int count(struct question *ctx)
{
	struct question question = { .below = ctx->below };

	if (question.below < 2)
		return 0;
	bpf_loop(question.below - 2, look, &question, 0);
	ctx->primes = question.primes;
	return 0;
}

LICENSE;
