// SPDX-License-Identifier: GPL-2.0
/* What nmi.c does instruction by instruction of code that is inlined elsewhere. */

#include "test.h"

#ifndef SHIM_ARM64
/* hooks/kvm-x86.cocci: the guest has breakpoints of its own, or has none. */
void stepped_guest(bool lend)
{
	if (lend)
		hw_breakpoint_lend();
	else if (hw_breakpoint_active())
		local_db_save();
	regs_guest(lend);
	hw_breakpoint_take_back();
}

/* kexec, or a suspend */
void stepped_restore(void)
{
	hw_breakpoint_disable();
	regs_lose();
	hw_breakpoint_restore();
}
#else
/* Who writes the registers sees to it that MDE is clear. */
void stepped_guest(bool lend)
{
	hw_breakpoint_silence();
	if (lend) {
		hwbp_lend();
		regs_scramble();
		hwbp_take_back();
	}
	hw_breakpoint_unsilence();
}

void stepped_restore(void)
{
	hw_breakpoint_silence();
	hwbp_lend();
	regs_lose();
	hwbp_restore();
	hw_breakpoint_unsilence();
}
#endif
