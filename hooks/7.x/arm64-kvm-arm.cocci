// file: arch/arm64/kvm/arm.c
// reason: a guest's breakpoints and watchpoints are lent to it by the breakpoint core, here, with
//	interrupts off
// expect: +3 -0
@@ identifier ret; expression vcpu; @@
+ kvm_arm_lend_debug_regs(vcpu);
  ret = kvm_arm_vcpu_enter_exit(vcpu);
+ kvm_arm_take_back_debug_regs(vcpu);

@@ @@
  #include "sys_regs.h"
+ #include "hw_breakpoint.h"
