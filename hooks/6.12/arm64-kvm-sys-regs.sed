# file: arch/arm64/kvm/sys_regs.c
# reason: comments on when breakpoint registers are switched, which is not so any more
# expect: +4 -27
# Long ones, which a semantic patch does not edit.
/^ \* We want to avoid world-switching all the DBG registers all the$/,/^ \*   now use the debug registers\.$/c\
 * A guest that writes a debug register may own them for the next entry, see\
 * hw_breakpoint.c.
/^ \* All writes will set the DEBUG_DIRTY flag to ensure the hyp code$/{
	N
	s/ to ensure the hyp code\n \* switches between host and guest values in future\.$/, see\
 * kvm_arm_may_own_debug_regs()./
}
