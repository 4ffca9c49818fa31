// file: arch/arm64/kernel/kgdb.c
// reason: kgdb has hardware breakpoints here, too; its step may last, and the other CPUs
//	are not held then
// expect: +6 -3
@@ @@
- const struct kgdb_arch arch_kgdb_ops;
+ const struct kgdb_arch arch_kgdb_ops = {
+ 	KGDB_HW_BREAK_OPS,
+ };

@@ @@
- kgdb_single_step = 1;
+ kgdb_hw_step(linux_regs);

@@ @@
  kgdb_single_step_handler(...)
  {
- if (!kgdb_single_step)
+ if (!kgdb_hw_stepping())
  	return DBG_HOOK_ERROR;
  ...
  }

@@ @@
  #include <linux/kgdb.h>
+ #include <linux/kgdb_hw_break.h>
