// file: arch/arm64/include/asm/debug-monitors.h
// reason: a kernel single-step needs KDE and not MDE
// expect: +2 -0
// See the edits of debug-monitors.c.
@@ @@
  enum dbg_active_el {
  ...,
  DBG_ACTIVE_EL1,
+ /* A single-step of the kernel: KDE, and not MDE */
+ DBG_ACTIVE_STEP,
  };
