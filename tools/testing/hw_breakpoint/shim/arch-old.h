/* SPDX-License-Identifier: GPL-2.0 */
/* An architecture without a back end, and its registers. */
#ifndef _SHIM_ARCH_OLD_H
#define _SHIM_ARCH_OLD_H

#include "cpu.h"

struct thread_struct {
	char	unused;
};

struct pt_regs {
	unsigned long	ip;
};

struct perf_event;
struct perf_event_attr;
struct notifier_block;

#define TASK_SIZE_MAX		(1UL << 47)
#define shim_arch_cpu_up()	((void)0)
#define shim_arch_boot()	((void)0)

/* regs-old.c: the registers of this CPU; what is not on does not fire. */
void old_write(int slot, unsigned long address, int len, int type);
void old_write_off(int slot);
/* The next installations fail, so many of them. */
extern int old_failures;

#endif
