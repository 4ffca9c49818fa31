# file: arch/x86/kvm/regs.h
# reason: the DR7 that the instruction emulator looks at is made of two, where guest and debugger
#	share the registers
# expect: +2 -0
/^static inline unsigned long kvm_get_effective_dr7\(/,/^\}$/s/^\{$/&\n\tif (vcpu->guest_debug \& KVM_GUESTDBG_SHARE_HW)\n\t\treturn vcpu->arch.eff_dr7;/
