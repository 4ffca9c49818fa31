// file: arch/arm64/kernel/kgdb.c
// reason: kgdb has hardware breakpoints here, too
// expect: +4 -1
@@ @@
- const struct kgdb_arch arch_kgdb_ops;
+ const struct kgdb_arch arch_kgdb_ops = {
+ 	KGDB_HW_BREAK_OPS,
+ };

@@ @@
  #include <linux/kgdb.h>
+ #include <linux/kgdb_hw_break.h>
