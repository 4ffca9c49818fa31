// file: arch/x86/include/asm/debugreg.h
// reason: DR7 is switched off and on in one place, asm/hw_breakpoint_entry.h; a value kept over
//	an NMI would undo what a debugger has done in it
// expect: +1 -54
@@ identifier f = { hw_breakpoint_disable, hw_breakpoint_active, local_db_save, local_db_restore }; type T; @@
- T f(...) { ... }

@@ @@
- extern void hw_breakpoint_restore(void);
+ #include <asm/hw_breakpoint_entry.h>
