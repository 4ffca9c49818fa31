# file: arch/x86/kernel/traps.c
# reason: a debugger in an NMI must know of hits that have been read from DR6 and not reported yet;
#	with FRED they are on the stack, and what DR6 says of them would be there for ever;
#	a tracer's hit by an instruction that a uprobe steps was lost, since the uprobe takes the #DB;
#	and the registers that a #DB in user mode has saved are copied from its stack to the task's:
#	a hit of the copy would be delivered on the stack that is copied from, and a hit before
#	DR6 has been read would take what it says of the first;
#	the layer comes before the die chain, where it would be one of several to be asked
# expect: +19 -3
/^static __always_inline unsigned long debug_read_(clear|reset)_dr6\(void\)$/,/^\}$/s/^\tset_debugreg\([^,]*, 6\);$/\thw_breakpoint_note_hits(dr6);\n&/
/^DEFINE_FREDENTRY_DEBUG\(exc_debug\)$/,/^\}$/s/^\tunsigned long dr6 = fred_event_data\(regs\);$/&\n\n\thw_breakpoint_note_hits(dr6);\n\t\/* DR6 says the same still, and would for ever. *\/\n\tset_debugreg(DR6_RESERVED, 6);/
/^DEFINE_IDTENTRY_DEBUG_USER\(exc_debug\)$/,/^\}$/s/^\texc_debug_user\(regs, (debug_read_\w+\(\))\);$/\tunsigned long dr6 = \1;\n\n\thw_breakpoint_end_copy();\n\texc_debug_user(regs, dr6);/
/^static bool notify_debug\(/,/^\}$/s/^\tif \(notify_die\(DIE_DEBUG, /\tif (hw_breakpoint_debug_exception(regs, dr6))\n\t\treturn true;\n&/
/^static noinstr void exc_debug_user\(/,/^\}$/{
	s/^\tif \(notify_debug\(regs, &dr6\)\)$/\tif (notify_debug(regs, \&dr6)) {\n\t\thw_breakpoint_tell_tracer(regs);/
	s/^\t\tgoto out;$/&\n\t}/
}
/^asmlinkage __visible noinstr struct pt_regs \*sync_regs\(/,/^\}$/s/^\tif \(regs != eregs\)$/\t\/* A hit of the copy comes on the stack that is copied from. *\/\n\tif (unlikely(hwbp_master() \& HWBP_MASTER_IN_KERNEL))\n\t\thw_breakpoint_copy_regs(regs, eregs);\n\telse if (regs != eregs)/
s/^#include <linux\/hardirq.h>$/&\n#include <linux\/hw_breakpoint_arch.h>/
