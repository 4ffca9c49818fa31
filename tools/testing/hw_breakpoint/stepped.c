// SPDX-License-Identifier: GPL-2.0
/* Code that the layer inlines into others, to be gone through by instructions. */

#include "test.h"

#ifndef SHIM_ARM64
/* hooks/kvm-x86.cocci, kvm-svm.sed: with breakpoints of the guest's own, or without */
void stepped_guest(struct guest *g)
{
	unsigned long addr[HBP_NUM], dr7 = 0;
	int i;

	for (i = 0; i < HBP_NUM; i++) {
		addr[i] = g->image[i].addr;
		dr7 |= g->enabled & BIT(i) ? DR_LOCAL_ENABLE << (i * DR_ENABLE_SIZE) : 0;
	}
	if ((g->enabled || g->owns) && !g->encrypted)
		hw_breakpoint_lend(addr, g->owns ? ~0UL : dr7);
	else if (hw_breakpoint_active())
		local_db_save();
	regs_run_guest(g);
	if (g->encrypted) {
		hw_breakpoint_lost();
	} else if (g->owns) {
		for (i = 0; i < HBP_NUM; i++)
			addr[i] = g->image[i].addr;
		hw_breakpoint_guest_wrote(addr);
	}
	hw_breakpoint_take_back();
}

/* kexec, or a suspend */
void stepped_restore(void)
{
	hw_breakpoint_disable();
	regs_lose();
	hw_breakpoint_restore();
}

/* arch/x86/kernel/traps.c, with hooks/x86-traps.sed: what it does in user mode. */
static void exc_debug(void)
{
	struct pt_regs regs = { };
	unsigned long dr6;
	struct die_args args = { .regs = &regs, .err = (long)&dr6 };

	get_debugreg(dr6, 6);
	dr6 ^= DR6_RESERVED;
	hw_breakpoint_note_hits(dr6);
	set_debugreg(DR6_RESERVED, 6);
	hw_breakpoint_exceptions_notify(NULL, DIE_DEBUG, &args);
}
#else
/* Who writes the registers sees to it that MDE is clear. */
void stepped_guest(struct guest *g)
{
	u32 all = arch_hwbp_pool(TYPE_INST) | arch_hwbp_pool(TYPE_DATA);

	hw_breakpoint_silence();
	if (g->enabled || g->owns)
		hwbp_lend(g->image, g->owns ? all : g->enabled);
	regs_run_guest(g);
	if (g->owns)
		hwbp_guest_wrote(g->image, all);
	if (g->enabled || g->owns)
		hwbp_take_back();
	hw_breakpoint_unsilence();
}

void stepped_restore(void)
{
	hw_breakpoint_silence();
	hwbp_lend(NULL, 0);
	regs_lose();
	hwbp_restore();
	hw_breakpoint_unsilence();
}

/* No NMI comes between a hit and its end, see arch_hwbp_unreported(). */
static void exc_debug(void) { }
#endif

/* Writes @n times. Return: how many of them have hit nothing. */
unsigned int stepped_writes(u64 addr, unsigned int n)
{
	unsigned int missed = 0;

	while (n--) {
		if (regs_access(addr))
			exc_debug();
		else
			missed++;
	}
	return missed;
}
