// file: arch/arm64/kvm/debug.c
// reason: what a guest has enabled is lent to it at each entry, while its accesses are trapped. It owns
//	the registers for one entry after such an access, where it may: not because it has enabled
//	some, or each entry after a load would write and read them all. Who shares the registers with
//	the guest has MDE on for both
// expect: +4 -10
@@ expression vcpu; @@
  kvm_arm_setup_mdcr_el2(...)
  {
  <...
- !kvm_guest_owns_debug_regs(vcpu)
+ !kvm_arm_may_own_debug_regs(vcpu)
  ...>
  }

@@ identifier mdscr; expression vcpu; @@
  kvm_vcpu_load_debug(...)
  {
- u64 mdscr;
  <...
- mdscr = vcpu_read_sys_reg(vcpu, MDSCR_EL1);
- if (mdscr & (MDSCR_EL1_KDE | MDSCR_EL1_MDE))
- 	vcpu->arch.debug_owner = VCPU_DEBUG_GUEST_OWNED;
- else
- 	vcpu->arch.debug_owner = VCPU_DEBUG_FREE;
+ vcpu->arch.debug_owner = VCPU_DEBUG_FREE;
  ...>
  }

@@ identifier vcpu, mdscr; @@
- if (vcpu->guest_debug & KVM_GUESTDBG_USE_HW)
+ if (vcpu->guest_debug & (KVM_GUESTDBG_USE_HW | KVM_GUESTDBG_SHARE_HW))
  	mdscr |= MDSCR_EL1_MDE | MDSCR_EL1_KDE;

@@ @@
  #include <asm/kvm_emulate.h>
+ #include "hw_breakpoint.h"
