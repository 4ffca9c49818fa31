/* SPDX-License-Identifier: GPL-2.0 */
/* What the arm64 tests of stepping share; included once by each. */
#ifndef _SELFTEST_ARM64_H
#define _SELFTEST_ARM64_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>

#include "bp.h"
#include "ktap.h"

static int open_at(int type, const volatile void *addr, int len, pid_t pid, int cpu)
{
	struct perf_event_attr attr;

	bp_attr(&attr, type);
	attr.bp_addr = (uintptr_t)addr;
	attr.bp_len = len;
	return bp_open_attr(&attr, pid, cpu);
}

static inline int watch(int type, const volatile void *addr, int len)
{
	return must(open_at(type, addr, len, 0, -1), "perf_event_open");
}

#endif
