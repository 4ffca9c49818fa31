// file: arch/x86/kernel/process.c
// reason: a child inherits no breakpoints of its parent's tracer, nor may DR7 say so
// expect: +1 -0
@@ struct task_struct *p; @@
  memset(p->thread.ptrace_bps, ...);
+ p->thread.ptrace_dr7 = 0;
