// file: arch/arm64/include/asm/debug-monitors.h
// reason: a kernel single-step needs KDE and not MDE, see arm64-debug-monitors.cocci
// expect: +1 -0
@@ @@
  enum dbg_active_el {
  ...,
  DBG_ACTIVE_EL1,
+ DBG_ACTIVE_STEP,
  };
