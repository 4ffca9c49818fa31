// file: arch/arm64/kvm/sys_regs.c
// reason: a guest that writes a debug register writes several, and owns them all for one entry; one
//	that reads need not, for memory is always right
// expect: +4 -2
@@ identifier f, p; expression vcpu; @@
  f(..., struct sys_reg_params *p, ...)
  {
  ...
- kvm_debug_set_guest_ownership(vcpu);
+ if (p->is_write)
+ 	kvm_debug_set_guest_ownership(vcpu);
  ...
  }
