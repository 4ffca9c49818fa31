// file: arch/x86/kvm/vmx/tdx.c
// reason: a TDX guest has debug registers of its own, and its exit clears those of the CPU; before the
//	handler of an NMI, which may set a debugger's breakpoints
// expect: +1 -0
@@ identifier tdx; @@
  tdx_vcpu_enter_exit(...)
  {
  ...
  tdx->vp_enter_ret = tdh_vp_enter(...);
+ hw_breakpoint_forget();
  ...
  }
