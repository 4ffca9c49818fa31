// file: arch/x86/kvm/regs.c
// reason: the DR7 that is loaded, for whoever has to know which registers it enables; it is made of
//	two where a debugger shares the registers with the guest. Who steps such a guest leaves TF to it
// expect: +8 -2
@@ @@
  #include "x86.h"
+ #include "hw_breakpoint.h"

@@ expression vcpu, dr7; @@
+ if (kvm_shares_debug_regs(vcpu))
+ 	dr7 = kvm_merge_debug_regs(vcpu);
  kvm_x86_call(set_dr7)(vcpu, dr7);
+ vcpu->arch.eff_dr7 = dr7;

@@ expression vcpu, dr, val; @@
  kvm_set_dr(...)
  {
  <...
  if (!(vcpu->guest_debug & KVM_GUESTDBG_USE_HW_BP))
  	vcpu->arch.eff_db[dr] = val;
+ if (kvm_shares_debug_regs(vcpu))
+ 	kvm_update_dr7(vcpu);
  ...>
  }

@@ expression vcpu, rflags; @@
- if (vcpu->guest_debug & KVM_GUESTDBG_SINGLESTEP)
+ if (kvm_steps_by_tf(vcpu))
  	rflags &= ~X86_EFLAGS_TF;

@@ expression vcpu, rflags; @@
- if (vcpu->guest_debug & KVM_GUESTDBG_SINGLESTEP &&
+ if (kvm_steps_by_tf(vcpu) &&
  	kvm_is_linear_rip(vcpu, vcpu->arch.singlestep_rip))
  	rflags |= X86_EFLAGS_TF;
