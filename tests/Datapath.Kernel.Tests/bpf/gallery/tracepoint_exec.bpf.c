// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* An event for each program that starts, with the name of its file. */
#include "gallery.h"

struct entry {
	__u64 common;
	__u32 file; /* offset in the low half, length in the high half */
	int pid;
	int old_pid;
};

struct started {
	__u32 pid;
	char command[16];
	char file[64];
};

struct {
	__uint(type, RINGBUF);
	__uint(max_entries, 65536);
} events SEC(".maps");

static long (*const bpf_probe_read_kernel_str)(void *to, __u32 size, const void *from) = (void *)115;

SEC("tracepoint/sched/sched_process_exec")
int exec(struct entry *ctx)
{
	struct started *event = bpf_ringbuf_reserve(&events, sizeof(*event), 0);

	if (!event)
		return 0;
	event->pid = bpf_get_current_pid_tgid() >> 32;
	bpf_get_current_comm(event->command, sizeof(event->command));
	bpf_probe_read_kernel_str(event->file, sizeof(event->file), (char *)ctx + (ctx->file & 0xffff));
	bpf_ringbuf_submit(event, 0);
	return 0;
}

LICENSE;
