// file: arch/x86/power/cpu.c
// reason: the CPU that suspends the machine keeps its events and loses its debug registers
//	(or, where a hibernation image was made or a suspend failed, still has them, live)
// expect: +2 -0
@@ @@
  perf_restore_debug_store();
+ hw_breakpoint_disable();
+ hw_breakpoint_restore();
