// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* A program of nearly every kind, none of which does anything. */
#include "kernel.h"

#define EMPTY(name, section, result) SEC(section) int name(void *ctx) { (void)ctx; return result; }

EMPTY(bind4, "cgroup/bind4", 1)
EMPTY(getsockname6, "cgroup/getsockname6", 1)
EMPTY(sock_create, "cgroup/sock_create", 1)
EMPTY(sock_release, "cgroup/sock_release", 1)
EMPTY(post_bind4, "cgroup/post_bind4", 1)
EMPTY(cgroup_skb, "cgroup/skb", 1)
EMPTY(skb_ingress, "cgroup_skb/ingress", 1)
EMPTY(skb_egress, "cgroup_skb/egress", 1)
EMPTY(a_sockops, "sockops", 1)
EMPTY(sockfilter, "socket", 0)
EMPTY(a_tc, "tc", 0)
EMPTY(tcx_ingress, "tcx/ingress", 0)
EMPTY(tcx_egress, "tcx/egress", 0)
EMPTY(a_xdp, "xdp", 2)
EMPTY(xdp_frags, "xdp.frags", 2)
EMPTY(walk, "iter/task", 0)
EMPTY(a_netfilter, "netfilter", 1)
EMPTY(tracepoint, "tracepoint/syscalls/sys_enter_openat", 0)
EMPTY(raw_tp, "raw_tp/sys_enter", 0)
EMPTY(tp_btf, "tp_btf/sys_enter", 0)
EMPTY(perf, "perf_event", 0)
EMPTY(lookup, "sk_lookup", 1)
EMPTY(dissector, "flow_dissector", 0)
EMPTY(sys, "syscall", 0)
EMPTY(optional, "?iter/no_such_thing", 0)
EMPTY(kprobe, "kprobe/do_exit", 0)
EMPTY(kretprobe_multi, "kretprobe.multi/do_*", 0)
EMPTY(uprobe, "uprobe//bin/sh:main", 0)
EMPTY(netkit, "netkit/peer", 0)
EMPTY(unknown, "?kprobes/do_exit", 0)

char _license[] SEC("license") = "GPL";
