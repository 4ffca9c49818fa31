// file: arch/arm64/kvm/debug.c
// reason: a guest's breakpoints and watchpoints are lent to it by the breakpoint core, here, with
//	interrupts off; DEBUG_DIRTY only says that it has written a debug register and may own
//	them for one entry
// expect: +4 -6
@@ expression vcpu; @@
- !vcpu_get_flag(vcpu, DEBUG_DIRTY)
+ !kvm_arm_may_own_debug_regs(vcpu)

@@ expression vcpu; @@
  vcpu->arch.debug_ptr = &vcpu->arch.external_debug_state;
- vcpu_set_flag(vcpu, DEBUG_DIRTY);

@@ expression vcpu; @@
- if (vcpu_read_sys_reg(vcpu, MDSCR_EL1) & (DBG_MDSCR_KDE | DBG_MDSCR_MDE))
- 	vcpu_set_flag(vcpu, DEBUG_DIRTY);

@@ expression vcpu; @@
  trace_kvm_arm_set_dreg32("MDSCR_EL1", vcpu_read_sys_reg(vcpu, MDSCR_EL1));
+ kvm_arm_lend_debug_regs(vcpu);

@@ expression vcpu; @@
  trace_kvm_arm_clear_debug(vcpu->guest_debug);
+ kvm_arm_take_back_debug_regs(vcpu);

@@ @@
  #include "trace.h"
+ #include "hw_breakpoint.h"
