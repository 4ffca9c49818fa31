// file: arch/x86/mm/tlb.c
// reason: what a debugger sets in an NMI meanwhile decides neither about switching off nor about on;
//	and DR7 alone does it, the address registers can stay
// expect: +2 -4
@@ @@
  use_temporary_mm(...)
  {
  ...
- if (hw_breakpoint_active())
- 	hw_breakpoint_disable();
+ hw_breakpoint_silence();
  ...
  }

@@ @@
  unuse_temporary_mm(...)
  {
  ...
- if (hw_breakpoint_active())
- 	hw_breakpoint_restore();
+ hw_breakpoint_unsilence();
  }
