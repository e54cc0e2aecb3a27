/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What programs that walk over the elements of maps use of the kernel's interface. */
#ifndef DP_KERNEL_ITERATORS_H
#define DP_KERNEL_ITERATORS_H

#define KERNEL_TYPE __attribute__((preserve_access_index))

struct bpf_iter_meta {
	void *seq;
} KERNEL_TYPE;

/* The context of iter/bpf_map_elem. After the last element it is called once more, without one. */
struct bpf_iter__bpf_map_elem {
	struct bpf_iter_meta *meta;
	void *map;
	void *key;
	void *value;
};

#endif
