// file: arch/x86/kvm/x86.c
// reason: what the instruction emulator reports by itself is split, where guest and debugger share the
//	registers; and RF means the same to both there
// expect: +3 -1
@@ expression vcpu; identifier dr6; @@
  kvm_inject_emulated_db(..., unsigned long dr6)
  {
  ...
+ if (kvm_shares_debug_regs(vcpu))
+ 	return kvm_split_db(vcpu, dr6, kvm_whose_step(vcpu));
  if (vcpu->guest_debug & (KVM_GUESTDBG_USE_HW_BP | KVM_GUESTDBG_SINGLESTEP)) { ... }
  ...
  }

@@ expression vcpu; @@
  kvm_is_code_breakpoint_inhibited(...)
  {
- if (vcpu->guest_debug & KVM_GUESTDBG_USE_HW_BP)
+ if (kvm_debugger_has_debug_regs(vcpu))
  	return false;
  ...
  }
