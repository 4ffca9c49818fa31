// file: arch/x86/mm/fault.c
// reason: kgdb has interrupts masked for the instruction that it steps; if that reads
//	user memory which is not there, the fault was taken for a bug
// expect: +2 -1
@@ expression r; @@
- WARN_ON_ONCE(!(r->flags & X86_EFLAGS_IF))
+ WARN_ON_ONCE(!(r->flags & X86_EFLAGS_IF) && !kgdb_hw_step_faults(r))

@@ @@
  #include <linux/vmalloc.h>
+ #include <linux/kgdb_hw_break.h>
