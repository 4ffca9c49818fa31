// file: arch/x86/kernel/cpu/common.c
// reason: what debuggers have reserved for a CPU that comes up is there as soon as its registers are
// expect: +1 -0
@@ @@
  initialize_debug_regs();
+ hwbp_restore();
