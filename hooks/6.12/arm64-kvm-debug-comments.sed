# file: arch/arm64/kvm/debug.c
# reason: comments on when a guest's accesses to debug registers are trapped, and on who loads its
#	breakpoints, which are not so any more
# expect: +5 -6
s/^(\t \*  - The guest) is not using debug \(DEBUG_DIRTY clear\)\.$/\1 may not own the registers, see hw_breakpoint.h./
/^ \* Additionally, KVM only traps guest accesses to the debug registers if$/{
	N
	N
	s/^[^\n]*\n[^\n]*\n \* flag on vcpu->arch\.iflags\)\.  Since/ * Additionally, a guest may own the debug registers for one entry after it\
 * has written one, see hw_breakpoint.c.  Since/
}
/^\t\t \* debug ioctl\. The existing DEBUG_DIRTY mechanism ensures$/{
	N
	s/The existing [^\n]*\n\t\t \* the registers are updated on the world switch\.$/kvm_arm_lend_debug_regs() loads the\
\t\t * registers from there./
}
