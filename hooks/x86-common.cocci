// file: arch/x86/kernel/cpu/common.c
// reason: what debuggers have reserved for a CPU that comes up is there as soon as its registers are
// expect: +2 -0
@@ @@
  initialize_debug_regs();
+ /* What debuggers have reserved for this CPU is there from now on. */
+ hwbp_restore();
