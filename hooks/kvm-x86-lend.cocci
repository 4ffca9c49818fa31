// file: arch/x86/kvm/x86.c
// reason: the guest's DR0-DR3 are on loan: written where they differ from what the registers hold,
//	and the host's again only where they have gone
// expect: +2 -5
@@ expression vcpu, lent; statement S; @@
  if (unlikely(lent)) {
- 	set_debugreg(DR7_FIXED_1, 7);
- 	set_debugreg(vcpu->arch.eff_db[0], 0);
- 	set_debugreg(vcpu->arch.eff_db[1], 1);
- 	set_debugreg(vcpu->arch.eff_db[2], 2);
- 	set_debugreg(vcpu->arch.eff_db[3], 3);
+ 	kvm_lend_debug_regs(vcpu);
  	...
  } else S

@@ @@
  #include "x86.h"
+ #include "hw_breakpoint.h"
