// file: arch/x86/power/cpu.c
// reason: the CPU that suspends the machine keeps its events and loses its debug registers
// expect: +1 -0
@@ @@
  perf_restore_debug_store();
+ hw_breakpoint_restore();
