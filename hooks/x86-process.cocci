// file: arch/x86/kernel/process.c
// reason: a child inherits no breakpoints of its parent's tracer, and neither DR7 nor DR6 may say so
// expect: +2 -0
@@ struct task_struct *p; @@
  memset(p->thread.ptrace_bps, ...);
+ p->thread.ptrace_dr7 = 0;
+ p->thread.virtual_dr6 = 0;
