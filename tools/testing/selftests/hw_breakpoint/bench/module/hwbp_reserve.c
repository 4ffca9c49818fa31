// SPDX-License-Identifier: GPL-2.0
/*
 * What a debugger's reservation costs, for QEMU's plugin: each call is between two
 * markers. As many breakpoints as there are slots are reserved one after the other, on
 * one CPU or on all, the next is refused, and then they are released. Those who come
 * last have the most to look at.
 *
 * From an NMI the instructions are the same: nothing there asks for the context.
 */
#include <linux/errno.h>
#include <linux/hw_breakpoint.h>
#include <linux/hw_breakpoint_debug.h>
#include <linux/irqflags.h>
#include <linux/kernel.h>
#include <linux/module.h>

#include "mark.h"

#define MAX_SLOTS	16

static struct hw_breakpoint_debug bps[MAX_SLOTS + 1] = {
	[0 ... MAX_SLOTS] = { .owner = "bench" },
};

/* A marker's name is that of the operation and a number. */
static void begin(const char *operation, int n)
{
	union {
		char		text[16];
		uint64_t	name[2];
	} u = { };

	snprintf(u.text, sizeof(u.text), "%s-%d", operation, n);
	mark_begin(u.name);
}

static int reserve(int n, const char *name, int cpu, unsigned int flags)
{
	unsigned long irq_flags;
	int ret;

	local_irq_save(irq_flags);
	begin(name, n);
	ret = hw_breakpoint_debug_reserve(&bps[n], cpu, HW_BREAKPOINT_W, flags);
	mark_end();
	local_irq_restore(irq_flags);
	return ret;
}

static void release(int n, const char *name)
{
	unsigned long irq_flags;

	local_irq_save(irq_flags);
	begin(name, n);
	hw_breakpoint_debug_release(&bps[n]);
	mark_end();
	local_irq_restore(irq_flags);
}

/* Return: how many there were slots for. */
static int all_slots(const char *reserving, const char *releasing, int cpu,
		     unsigned int flags)
{
	int n = 0, i;

	while (n < ARRAY_SIZE(bps) && !reserve(n, reserving, cpu, flags))
		n++;
	for (i = 0; i < n; i++)
		release(i, releasing);
	hw_breakpoint_debug_flush();
	return n;
}

static int __init reserve_init(void)
{
	/* The first time jump labels and the like may be new. */
	int slots = all_slots("warm", "warm", 0, 0);

	if (!slots)
		return -ENOSPC;
	if (all_slots("one", "one-release", 0, 0) != slots ||
	    all_slots("one-take", "one-release", 0, HW_BREAKPOINT_TAKE) != slots)
		return -EIO;
	if (all_slots("all", "all-release", HW_BREAKPOINT_ALL_CPUS, 0) != slots ||
	    all_slots("all-take", "all-release", HW_BREAKPOINT_ALL_CPUS,
		      HW_BREAKPOINT_TAKE) != slots)
		return -EIO;
	pr_info("hwbp_reserve: %d slots, %u CPUs\n", slots, num_possible_cpus());
	return 0;
}
module_init(reserve_init);

static void __exit reserve_exit(void) { }
module_exit(reserve_exit);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Reservations of a debugger between markers, to be counted");
