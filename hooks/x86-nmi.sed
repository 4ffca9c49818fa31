# file: arch/x86/kernel/nmi.c
# reason: with FRED nothing switches DR7 off in an NMI; a debugger in it that moves a slot would
#	write registers that may fire, where the NMI has come as DR7 was switched on
# expect: +2 -0
/^DEFINE_FREDENTRY_NMI\(exc_nmi\)$/,/^\}$/{
	s/^\tirq_state = irqentry_nmi_enter\(regs\);$/\thw_breakpoint_silence();\n&/
	s/^\tirqentry_nmi_exit\(regs, irq_state\);$/&\n\thw_breakpoint_unsilence();/
}
