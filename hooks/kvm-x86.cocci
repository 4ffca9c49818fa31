// file: arch/x86/kvm/x86.c
// reason: the guest's DR0-DR3 are on loan: written where they differ from what the registers hold,
//	and the host's again only where they have gone; a debugger's NMI in between loses nothing;
//	what counts in user mode alone is armed when the vCPU is put
// expect: +7 -8
@@ expression vcpu, lent; @@
  if (unlikely(lent)) {
- 	set_debugreg(DR7_FIXED_1, 7);
- 	set_debugreg(vcpu->arch.eff_db[0], 0);
- 	set_debugreg(vcpu->arch.eff_db[1], 1);
- 	set_debugreg(vcpu->arch.eff_db[2], 2);
- 	set_debugreg(vcpu->arch.eff_db[3], 3);
+ 	kvm_lend_debug_regs(vcpu);
  	...
  } else if (unlikely(hw_breakpoint_active())) {
- 	set_debugreg(DR7_FIXED_1, 7);
+ 	hw_breakpoint_silence();
  }

@@ expression vcpu; @@
  kvm_x86_call(sync_dirty_debug_regs)(vcpu);
+ hw_breakpoint_guest_wrote(vcpu->arch.db);

@@ @@
- if (hw_breakpoint_active())
- 	hw_breakpoint_restore();
+ hw_breakpoint_take_back();

@@ expression vcpu, cpu; @@
  kvm_x86_call(vcpu_load)(vcpu, cpu);
+ hw_breakpoint_expect_guests();

@@ expression vcpu; @@
  kvm_x86_call(vcpu_put)(vcpu);
+ hw_breakpoint_rearm();

@@ @@
  #include "x86.h"
+ #include "hw_breakpoint.h"
