/* SPDX-License-Identifier: GPL-2.0 */
/* Breakpoints of user space, for the tests in this folder. */
#ifndef _SELFTEST_BP_H
#define _SELFTEST_BP_H

#include <errno.h>
#include <linux/hw_breakpoint.h>
#include <linux/perf_event.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))

/* Nothing is mapped there: the tests count slots, not hits. */
#define BP_ADDR		0x8000UL

#if defined(__x86_64__) || defined(__i386__)
#define BP_LEN_X	sizeof(long)
#else
#define BP_LEN_X	4
#endif

static inline void bp_attr(struct perf_event_attr *attr, int bp_type)
{
	memset(attr, 0, sizeof(*attr));
	attr->type = PERF_TYPE_BREAKPOINT;
	attr->size = sizeof(*attr);
	attr->bp_addr = BP_ADDR;
	attr->bp_type = bp_type;
	attr->bp_len = bp_type == HW_BREAKPOINT_X ? BP_LEN_X : 4;
	attr->exclude_kernel = 1;
	attr->exclude_hv = 1;
}

/* Return: a file descriptor, or a negative error. */
static inline int bp_open_attr(struct perf_event_attr *attr, pid_t pid, int cpu)
{
	int fd = syscall(SYS_perf_event_open, attr, pid, cpu, -1,
			 PERF_FLAG_FD_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

static inline int bp_open(int bp_type, pid_t pid, int cpu, int inherit)
{
	struct perf_event_attr attr;

	bp_attr(&attr, bp_type);
	attr.inherit = inherit;
	return bp_open_attr(&attr, pid, cpu);
}

/* Return: how many of @bp_type @pid can still take on @cpu; at most @max. */
static inline int bp_room(int bp_type, pid_t pid, int cpu, int max)
{
	int fd[64], n, i;

	for (n = 0; n < max; n++) {
		fd[n] = bp_open(bp_type, pid, cpu, 0);
		if (fd[n] < 0)
			break;
	}
	for (i = 0; i < n; i++)
		close(fd[i]);
	return n;
}

#endif
