# file: arch/x86/kernel/nmi.c
# reason: with FRED nothing switches DR7 off in an NMI; a debugger in it that moves a slot would
#	write registers that may fire, where the NMI has come as DR7 was switched on;
#	and what exc_nmi() has of its own and touches before it is switched off, nobody may watch
# expect: +12 -0
s/^#include <linux\/export.h>$/&\n#include <linux\/hw_breakpoint_arch.h>/
s/^static DEFINE_PER_CPU\(unsigned long, nmi_dr7\);$/&\n\
\/* This exc_nmi() touches with breakpoints on. *\/\
const struct hwbp_entry_data hwbp_nmi_entry_data[] = {\
\tHWBP_PER_CPU(nmi_state),\
\tHWBP_PER_CPU(nmi_cr2),\
\tHWBP_PER_CPU(nmi_stats),\
\t{ }\
};/
/^DEFINE_FREDENTRY_NMI\(exc_nmi\)$/,/^\}$/{
	s/^\tirq_state = irqentry_nmi_enter\(regs\);$/\t\/* The hardware leaves DR7 on. *\/\n\thw_breakpoint_silence();\n&/
	s/^\tirqentry_nmi_exit\(regs, irq_state\);$/&\n\thw_breakpoint_unsilence();/
}
