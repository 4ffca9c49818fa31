# file: arch/arm64/kvm/debug.c
# reason: a comment on when the guest owns the registers, and on what is loaded when it does not
# expect: +5 -4
/^\t \*  - VCPU_DEBUG_GUEST_OWNED: The guest has debug exceptions enabled, and$/,/^\t \*    context needs to be loaded on the CPU\.$/c\
	 *  - VCPU_DEBUG_FREE: It does not. What the guest has enabled is lent to\
	 *    it at each entry, see hw_breakpoint.h.\
	 *\
	 *  - VCPU_DEBUG_GUEST_OWNED: Not here, but for the one entry after a\
	 *    trapped access. All breakpoint/watchpoint registers are loaded, and\
	 *    read back at the exit.
