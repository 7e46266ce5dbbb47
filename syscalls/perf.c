/* SPDX-License-Identifier: GPL-2.0 */
#include "syscalls/bpf.h"

#include <errno.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <linux/perf_event.h>

#include "syscalls/descriptor.h"

int sys_perf_event_open_bpf(int cpu, unsigned wakeup)
{
	struct perf_event_attr attr = {
		.type = PERF_TYPE_SOFTWARE,
		.size = sizeof(attr),
		.config = PERF_COUNT_SW_BPF_OUTPUT,
		.sample_period = 1,
		.sample_type = PERF_SAMPLE_RAW,
		.wakeup_events = wakeup,
	};
	long fd = syscall(__NR_perf_event_open, &attr, -1, cpu, -1, PERF_FLAG_FD_CLOEXEC);

	return fd < 0 ? -errno : descriptor_above_2((int)fd);
}

int sys_perf_event_enable(int fd)
{
	/* By number: <sys/ioctl.h> of musl and the kernel's headers define the same macros differently. */
	return syscall(__NR_ioctl, fd, PERF_EVENT_IOC_ENABLE, 0) ? -errno : 0;
}
