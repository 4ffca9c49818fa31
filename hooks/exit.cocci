// file: kernel/exit.c
// reason: a task that dies in a section where breakpoints are off, or while their registers are on
//	loan, never ends it; the first is before interrupts and preemption are on again after an oops
// expect: +4 -0
@@ @@
+ /* It may have died in a section without breakpoints, which it will not end. */
+ hw_breakpoint_heal();
  if (unlikely(irqs_disabled())) { ... }

@@ @@
+ /* For who has not come by make_task_dead() */
+ hw_breakpoint_heal();
  WARN_ON(irqs_disabled());
