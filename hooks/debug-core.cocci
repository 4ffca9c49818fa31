// file: kernel/debug/debug_core.c
// reason: a hardware breakpoint that was hit while another CPU removed it in kgdb is no reason to stop;
//	a CPU that hits one while another one steps has to wait for it; those that are
//	held for a step go on if it lasts; hardware breakpoints can be set while there is an
//	I/O driver, and are removed before it goes
// expect: +6 -2
@@ @@
- --sstep_tries
+ kgdb_hw_wait_for_step(&sstep_tries)

@@ @@
+ kgdb_hw_free_others(&dbg_master_lock, &dbg_slave_lock);
  if (!raw_spin_is_locked(&dbg_slave_lock))
  	goto return_normal;

@@ @@
- if (kgdb_skipexception(ks->ex_vector, ks->linux_regs))
+ if (kgdb_skipexception(ks->ex_vector, ks->linux_regs) || kgdb_hw_gone())
  	goto kgdb_restore;

@@ @@
  kgdb_io_module_registered = 1;
+ kgdb_hw_start();

@@ @@
  BUG_ON(kgdb_connected);
+ kgdb_hw_exit();

@@ @@
  #include <linux/kgdb.h>
+ #include <linux/kgdb_hw_break.h>
