# file: arch/x86/kvm/regs.h
# reason: the DR7 that the instruction emulator looks at is the one that is loaded, whoever has set
#	it: it may be made of two, where guest and debugger share the registers
# expect: +1 -4
/^static inline unsigned long kvm_get_effective_dr7\(/,/^\}$/{
	/^\tif \(vcpu->guest_debug & KVM_GUESTDBG_USE_HW_BP\)$/,/^$/d
	s/^\treturn vcpu->arch\.dr7;$/\treturn vcpu->arch.eff_dr7;/
}
