// file: arch/arm64/kvm/arm.c
// reason: for debuggers who share the debug registers with the guest, see arm64-kvm-arm-tell
// expect: +1 -0
@@ @@
  #include "sys_regs.h"
+ #include "hw_breakpoint.h"
