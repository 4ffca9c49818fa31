// SPDX-License-Identifier: GPL-2.0
/* The registers of every CPU of the architecture that has no back end, see old.c. */

#include "test.h"

#define KERNEL	0xffffffff81000000UL

static struct watch regs[SHIM_CPUS][OLD_SLOTS];
static struct regs_count counts[SHIM_CPUS];

void regs_init(void) { }
void regs_allow_same(bool allow) { }

void old_write(int slot, unsigned long address, int len, int type)
{
	struct watch *w = &regs[shim_cpu][slot];

	WARN_ON(!shim_irqs_off);
	if (w->len)
		FAIL("slot %d is written while it is on", slot);
	*w = (struct watch) { .addr = address, .len = len, .type = type };
	counts[shim_cpu].addr++;
}

void old_write_off(int slot)
{
	WARN_ON(!shim_irqs_off);
	regs[shim_cpu][slot].len = 0;
	counts[shim_cpu].ctrl++;
}

int regs_armed(struct watch *w)
{
	int slot, n = 0;

	for (slot = 0; slot < OLD_SLOTS; slot++) {
		if (regs[shim_cpu][slot].len)
			w[n++] = regs[shim_cpu][slot];
	}
	return n;
}

int regs_may_fire(struct watch *w)
{
	return regs_armed(w);
}

struct watch regs_expected(const struct perf_event_attr *attr)
{
	return (struct watch) { .addr = attr->bp_addr, .len = attr->bp_len, .type = attr->bp_type };
}

void regs_attr(struct perf_event_attr *attr, int n)
{
	attr->bp_addr = 0x10000 + n * 0x100;
	attr->bp_type = HW_BREAKPOINT_W;
	attr->bp_len = 8;
}

void regs_kernel_attr(struct perf_event_attr *attr, int n)
{
	regs_attr(attr, n);
	attr->bp_addr |= KERNEL;
}

void regs_random_attr(struct perf_event_attr *attr)
{
	regs_attr(attr, random_below(3));
	attr->bp_type = random_below(2) ? HW_BREAKPOINT_W : HW_BREAKPOINT_X;
	attr->bp_len = 1 << random_below(4);
}

/* Its registers are off. */
void regs_power_on(void)
{
	memset(regs[shim_cpu], 0, sizeof(regs[shim_cpu]));
}

/* Nothing is silenced in an NMI. */
unsigned long regs_nmi_enter(void)
{
	shim_in_nmi = true;
	return 0;
}

void regs_nmi_leave(unsigned long flags)
{
	shim_in_nmi = false;
}

bool regs_masked(void)
{
	return false;
}

struct regs_count regs_count(void)
{
	return counts[shim_cpu];
}

void regs_count_reset(void)
{
	counts[shim_cpu] = (struct regs_count) { };
}
