// file: arch/arm64/kernel/debug-monitors.c
// reason: a tracer's step in the middle of one of ours was swallowed with it, and a tracer that
//	went on without stepping ended ours, so that breakpoints stayed off
// expect: +4 -1
@@ @@
  user_enable_single_step(struct task_struct *task)
  {
  ...
+ if (hw_breakpoint_share_step(task, true))
+ 	return;
  if (!test_and_set_ti_thread_flag(...))
  	set_regs_spsr_ss(...);
  }

@@ @@
  user_disable_single_step(struct task_struct *task)
  {
- clear_ti_thread_flag(task_thread_info(task), TIF_SINGLESTEP);
+ if (!hw_breakpoint_share_step(task, false))
+ 	clear_ti_thread_flag(task_thread_info(task), TIF_SINGLESTEP);
  }
