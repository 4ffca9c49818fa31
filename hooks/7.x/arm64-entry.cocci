// file: arch/arm64/kernel/entry-common.c
// reason: an exception of an instruction that is stepped in the kernel ended the step where
//	PSTATE.D is unmasked, and the instruction hit once more after it; and what rests for the
//	current task or until the kernel is left has to be looked at where it is left
// expect: +32 -0
@@ identifier f, state; @@
  f(struct pt_regs *regs, unsigned long esr)
  {
+ struct hwbp_kernel_step step;
  ...
  state = arm64_enter_from_kernel_mode(regs);
+ hw_breakpoint_suspend_step(&step, regs);
  local_daif_inherit(regs);
  ...
  arm64_exit_to_kernel_mode(regs, state);
+ el1_resume_step(&step, regs);
  }

@@ identifier state; @@
  el1_brk64(struct pt_regs *regs, unsigned long esr)
  {
+ struct hwbp_kernel_step step;
  ...
  state = arm64_enter_el1_dbg(regs);
+ hw_breakpoint_suspend_step(&step, regs);
  ...
  arm64_exit_el1_dbg(regs, state);
+ el1_resume_step(&step, regs);
  }

@@ identifier leave = {arm64_syscall_exit_to_user_mode, arm64_exit_to_user_mode};
   identifier prepare = {syscall_exit_to_user_mode_prepare, irqentry_exit_to_user_mode_prepare}; @@
  leave(struct pt_regs *regs)
  {
+ u64 pc = instruction_pointer(regs);
+
  local_irq_disable();
  prepare(regs);
+ /* The work may have sent the task elsewhere. */
+ hw_breakpoint_go_on(regs, pc);
  ...
  }
