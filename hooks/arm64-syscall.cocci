// file: arch/arm64/kernel/syscall.c
// reason: an svc that is executed anew, because a signal has restarted its system call, counts anew
// expect: +3 -0
@@ identifier flags; @@
  el0_svc_common(...)
  {
  unsigned long flags = read_thread_flags();
+
+ if (flags & _TIF_SINGLESTEP)
+ 	hw_breakpoint_syscall();
  ...
  }
