# file: arch/arm64/include/asm/kvm_host.h
# reason: no host breakpoint register is saved around a guest; in the middle of nested structures,
#	which a semantic patch does not find
# expect: +0 -2
/^\t\t\/\* \{Break,watch\}point registers \*\/$/{
	N
	/\n\t\tstruct kvm_guest_debug_arch regs;$/d
}
