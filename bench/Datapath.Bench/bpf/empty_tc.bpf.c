// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Programs of a device that do nothing: what the kernel takes to run any program there, and to time it. */
#include "../../../src/Datapath.BpfObjects/bpf/dp/kernel.h"

struct __sk_buff;

SEC("tc")
int empty_out(__attribute__((unused)) struct __sk_buff *skb)
{
	return -1;
}

SEC("tc")
int empty_in(__attribute__((unused)) struct __sk_buff *skb)
{
	return -1;
}

char _license[] SEC("license") = "Dual BSD/GPL";
