// file: kernel/debug/debug_core.c
// reason: a hardware breakpoint that was hit while another CPU removed it in kgdb is no reason to stop;
//	a CPU that hits one while another one steps has to wait for it
// expect: +3 -2
@@ @@
- int sstep_tries = 100;
+ int sstep_tries = KGDB_HW_STEP_TRIES;

@@ @@
- if (kgdb_skipexception(ks->ex_vector, ks->linux_regs))
+ if (kgdb_skipexception(ks->ex_vector, ks->linux_regs) || kgdb_hw_gone())
  	goto kgdb_restore;

@@ @@
  #include <linux/kgdb.h>
+ #include <linux/kgdb_hw_break.h>
