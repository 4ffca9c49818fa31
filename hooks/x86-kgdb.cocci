// file: arch/x86/kernel/kgdb.c
// reason: kgdb's hardware breakpoints are kernel/debug/hw_break.c, for all architectures;
//	it holds the other CPUs while one steps
// expect: +3 -237
@@ @@
- static struct hw_breakpoint { ... } breakinfo[HBP_NUM];

@@ @@
- static unsigned long early_dr7;

@@ identifier f = { kgdb_correct_hw_break, kgdb_remove_all_hw_break, kgdb_disable_hw_debug, kgdb_hw_overflow_handler, kgdb_arch_late, hw_break_reserve_slot, hw_break_release_slot, kgdb_remove_hw_break }; type T; @@
- T f(...) { ... }

@@ @@
  kgdb_arch_exit(...)
  {
- int i;
- for (...; ...; ...) { ... }
  ...
  }

@@ @@
  const struct kgdb_arch arch_kgdb_ops = {
  ...,
- .flags = KGDB_HW_BREAKPOINT,
- .set_hw_breakpoint = kgdb_set_hw_break,
- .remove_hw_breakpoint = kgdb_remove_hw_break,
- .disable_hw_break = kgdb_disable_hw_debug,
- .remove_all_hw_break = kgdb_remove_all_hw_break,
- .correct_hw_break = kgdb_correct_hw_break,
+ KGDB_HW_BREAK_OPS,
  };

@@ @@
  atomic_set(&kgdb_cpu_doing_single_step, raw_smp_processor_id());
+ kgdb_hw_step(linux_regs);

@@ @@
  #include <linux/kgdb.h>
+ #include <linux/kgdb_hw_break.h>
