// file: arch/arm64/kernel/ptrace.c
// reason: a step of ours over a system call is nobody's: it ended the program with SIGTRAP. No step
//	outlives the program, at execve() and exit
// expect: +6 -1
@@ @@
  syscall_trace_exit(...)
  {
  unsigned long flags = read_thread_flags();
+
+ if (hw_breakpoint_hides_step())
+ 	flags &= ~_TIF_SINGLESTEP;
  ...
  }

@@
// one function does both in 6.12
identifier report = {report_syscall, report_syscall_exit};
@@
  report(...)
  {
  <...
- test_thread_flag(TIF_SINGLESTEP)
+ (test_thread_flag(TIF_SINGLESTEP) && !hw_breakpoint_hides_step())
  ...>
  }

@@ @@
  flush_ptrace_hw_breakpoint(...)
  {
  ...
  struct thread_struct *t = ...;
+
+ hw_breakpoint_forget_step();
  ...
  }
