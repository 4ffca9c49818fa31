# file: arch/x86/kernel/traps.c
# reason: a debugger in an NMI must know of hits that have been read from DR6 and not reported yet;
#	with FRED they are on the stack, and what DR6 says of them would be there for ever;
#	a tracer's hit by an instruction that a uprobe steps was lost, since the uprobe takes the #DB
# expect: +7 -1
/^static __always_inline unsigned long debug_read_(clear|reset)_dr6\(void\)$/,/^\}$/s/^\tset_debugreg\([^,]*, 6\);$/\thw_breakpoint_note_hits(dr6);\n&/
/^DEFINE_FREDENTRY_DEBUG\(exc_debug\)$/,/^\}$/s/^\tunsigned long dr6 = fred_event_data\(regs\);$/&\n\n\thw_breakpoint_note_hits(dr6);\n\tset_debugreg(DR6_RESERVED, 6);/
/^static noinstr void exc_debug_user\(/,/^\}$/{
	s/^\tif \(notify_debug\(regs, &dr6\)\)$/\tif (notify_debug(regs, \&dr6)) {\n\t\thw_breakpoint_tell_tracer(regs);/
	s/^\t\tgoto out;$/&\n\t}/
}
