// file: arch/x86/power/cpu.c
// reason: the CPU that suspends the machine keeps its events and loses its debug registers
//	(or, where a hibernation image was made or a suspend failed, still has them, live)
// expect: +3 -0
@@ @@
  perf_restore_debug_store();
+ /* This CPU keeps its events; its debug registers are lost, or still live. */
+ hw_breakpoint_disable();
+ hw_breakpoint_restore();
