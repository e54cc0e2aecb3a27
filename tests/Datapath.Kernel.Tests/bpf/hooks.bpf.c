// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* A program of each kind that kinds.bpf.c does not have. Those for the younger hooks are loaded only if a test asks for them. */
#include "kernel.h"

#define EMPTY(name, section, result) SEC(section) int name(void *ctx) { (void)ctx; return result; }

EMPTY(device, "cgroup/dev", 1)
EMPTY(setting, "cgroup/sysctl", 1)
EMPTY(read_option, "cgroup/getsockopt", 1)
EMPTY(connect_unix, "?cgroup/connect_unix", 1)
EMPTY(sendmsg_unix, "?cgroup/sendmsg_unix", 1)
EMPTY(recvmsg_unix, "?cgroup/recvmsg_unix", 1)
EMPTY(getpeername_unix, "?cgroup/getpeername_unix", 1)
EMPTY(getsockname_unix, "?cgroup/getsockname_unix", 1)
EMPTY(xdp_devmap, "xdp/devmap", 2)
EMPTY(xdp_cpumap, "xdp/cpumap", 2)
EMPTY(xdp_frags_devmap, "?xdp.frags/devmap", 2)
EMPTY(xdp_frags_cpumap, "?xdp.frags/cpumap", 2)
EMPTY(an_action, "action", 0)
EMPTY(message, "sk_msg", 1)
EMPTY(stream, "sk_skb", 1)
EMPTY(stream_parser, "sk_skb/stream_parser", 0)
EMPTY(stream_verdict, "sk_skb/stream_verdict", 1)
EMPTY(skb_verdict, "sk_skb/verdict", 1)
EMPTY(reuseport, "sk_reuseport", 1)
EMPTY(reuseport_migrate, "sk_reuseport/migrate", 1)
EMPTY(a_lwt_in, "lwt_in", 0)
EMPTY(a_lwt_out, "lwt_out", 0)
EMPTY(a_lwt_xmit, "lwt_xmit", 0)
EMPTY(a_lwt_seg6local, "lwt_seg6local", 0)
EMPTY(raw_tp_writable, "raw_tp.w/bpf_test_finish", 0)
EMPTY(raw_tracepoint_writable, "raw_tracepoint.w/bpf_test_finish", 0)

struct sockopt_view { /* struct bpf_sockopt */
	__u64 sk, optval, optval_end;
	__s32 level, optname, optlen, retval;
};

SEC("cgroup/setsockopt")
int refuse_option(struct sockopt_view *ctx)
{
	return !(ctx->level == 1 && ctx->optname == 12); /* SOL_SOCKET, SO_PRIORITY */
}

char _license[] SEC("license") = "GPL";
