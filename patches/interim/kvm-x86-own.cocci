// file: arch/x86/kvm/x86.c
// reason: KVM writes the guest's registers by itself until it borrows them
// expect: +3 -1
@@ expression vcpu, lent; statement S; @@
  if (unlikely(lent)) {
- 	set_debugreg(DR7_FIXED_1, 7);
+ 	hw_breakpoint_silence();
  	set_debugreg(vcpu->arch.eff_db[0], 0);
  	...
  } else S

@@ @@
+ /* What the guest has left in DR0-DR3 is not in the shadow. */
+ hw_breakpoint_forget();
  hw_breakpoint_take_back();
