# file: arch/arm64/include/asm/kvm_host.h
# reason: no host breakpoint register is saved around a guest; and what the comments say of it. A
#	debugger may share them with the guest
# expect: +5 -6 or +4 -5
# In the middle of nested structures, which a semantic patch does not find; 7.x has no DEBUG_DIRTY.
/^\t\t\/\* \{Break,watch\}point registers \*\/$/{
	N
	/\n\t\tstruct kvm_guest_debug_arch regs;$/d
}
/^\t \* debugging the guest from the host and to maintain separate host and$/{
	N
	s/ and to maintain separate host and\n\t \* guest state during world switches\././
}
s|^/\* Guest debug is live \*/$|/* The guest has written a debug register, see kvm/hw_breakpoint.c */|
s/^(\t\t\t\t )KVM_GUESTDBG_SINGLESTEP\)$/\1KVM_GUESTDBG_SINGLESTEP | \\\
\1KVM_GUESTDBG_SHARE_HW | \\\
\1KVM_GUESTDBG_EXIT_REST)/
