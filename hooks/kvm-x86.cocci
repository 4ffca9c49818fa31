// file: arch/x86/kvm/x86.c
// reason: the guest's DR0-DR3 replace the host's, and what a debugger sets in an NMI until they are
//	back has to wait; where the guest has none, DR7 alone is off
// expect: +3 -4
@@ expression vcpu; @@
  if (unlikely(vcpu->arch.switch_db_regs)) {
- 	set_debugreg(DR7_FIXED_1, 7);
+ 	hw_breakpoint_lend();
  	...
  } else if (unlikely(hw_breakpoint_active())) {
- 	set_debugreg(DR7_FIXED_1, 7);
+ 	local_db_save();
  }

@@ @@
- if (hw_breakpoint_active())
- 	hw_breakpoint_restore();
+ hw_breakpoint_take_back();
