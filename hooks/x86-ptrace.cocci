// file: arch/x86/kernel/ptrace.c
// reason: a write of DR7 changes all that it names or nothing, and arms no register that has no address yet;
//	the layer keeps the traced task's registers
// expect: +2 -177
@@
// a list: Debian 13's spatch knows no (a|b) in regular expressions
identifier f = {ptrace_triggered, ptrace_get_dr7, ptrace_fill_bp_fields, ptrace_register_breakpoint,
		ptrace_modify_breakpoint, ptrace_write_dr7, ptrace_set_breakpoint_addr};
@@
- f(...) { ... }

@@ expression tsk, n, val; @@
- ptrace_set_breakpoint_addr(tsk, n, val)
+ hw_breakpoint_ptrace_address(tsk, n, val)

@@ expression rc, tsk, thread, val; @@
- rc = ptrace_write_dr7(tsk, val);
- if (!rc)
- 	thread->ptrace_dr7 = val;
+ rc = hw_breakpoint_ptrace_dr7(tsk, val);
