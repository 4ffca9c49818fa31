// file: arch/arm64/kvm/guest.c
// reason: a debugger may share the debug registers with the guest, KVM_GUESTDBG_SHARE_HW, and is
//	refused before anything changes if it cannot
// expect: +5 -3 or +7 -4
@@ @@
  #include "trace.h"
+ #include "hw_breakpoint.h"

@@ expression vcpu, dbg; @@
  trace_kvm_set_guest_debug(vcpu, ...);
  ...
- if (dbg->control & ~KVM_GUESTDBG_VALID_MASK)
+ if (dbg->control & ~KVM_GUESTDBG_VALID_MASK ||
+     !kvm_arm_may_share_debug_regs(vcpu, dbg))
  { ... }

@@ expression vcpu, control; @@
- vcpu->guest_debug = control;
+ kvm_arm_begin_debug(vcpu, control);

@@ expression vcpu, dbg; @@
  vcpu->arch.external_debug_state = dbg->arch;
+ kvm_arm_note_resting(vcpu);
