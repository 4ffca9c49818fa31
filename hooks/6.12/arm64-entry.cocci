// file: arch/arm64/kernel/entry-common.c
// reason: an exception of an instruction that is stepped in the kernel ended the step where
//	PSTATE.D is unmasked, and the instruction hit once more after it; and what rests for the
//	current task or until the kernel is left has to be looked at where it is left
// expect: +26 -0
@@ identifier f; @@
  f(struct pt_regs *regs, unsigned long esr)
  {
+ struct hwbp_kernel_step step;
  unsigned long far = ...;
  ...
  enter_from_kernel_mode(regs);
+ hw_breakpoint_suspend_step(&step, regs);
  local_daif_inherit(regs);
  ...
  exit_to_kernel_mode(regs);
+ el1_resume_step(&step, regs);
  }

@@ identifier f; @@
  f(struct pt_regs *regs, unsigned long esr)
  {
+ struct hwbp_kernel_step step;
+
  enter_from_kernel_mode(regs);
+ hw_breakpoint_suspend_step(&step, regs);
  local_daif_inherit(regs);
  ...
  exit_to_kernel_mode(regs);
+ el1_resume_step(&step, regs);
  }

@@ @@
  el1_brk64(struct pt_regs *regs, unsigned long esr)
  {
+ struct hwbp_kernel_step step;
+
  arm64_enter_el1_dbg(regs);
+ hw_breakpoint_suspend_step(&step, regs);
  ...
  arm64_exit_el1_dbg(regs);
+ el1_resume_step(&step, regs);
  }

@@ identifier regs, thread_flags; statement S; @@
  do_notify_resume(struct pt_regs *regs, unsigned long thread_flags)
  {
+ u64 pc = instruction_pointer(regs);
+
  S
+ /* The work may have sent the task elsewhere. */
+ hw_breakpoint_go_on(regs, pc);
  }
