// file: kernel/exit.c
// reason: a task that dies in a section where breakpoints are off, or while their registers are on
//	loan, never ends it; the first is before interrupts and preemption are on again after an oops
// expect: +2 -0
@@ @@
+ hw_breakpoint_heal();
  if (unlikely(irqs_disabled())) { ... }

@@ @@
+ hw_breakpoint_heal();
  WARN_ON(irqs_disabled());
