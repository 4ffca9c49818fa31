// file: arch/arm64/kernel/ptrace.c
// reason: a tracer writes all registers, those that it does not use, too. What is off and has never been on
//	takes no slot: gdb's first watchpoint took all that its task could have, and where perf had one, it
//	could set none, and not even take away what had been refused
// expect: +27 -5
@@ typedef bool, u32, u64; @@
+ static bool ptrace_hbp_stays_off(unsigned int note_type, struct task_struct *tsk,
+ 				 unsigned long idx, u32 uctrl)
+ {
+ 	struct arch_hw_breakpoint_ctrl ctrl;
+
+ 	decode_ctrl_reg(uctrl, &ctrl);
+ 	return !ctrl.enabled && !ptrace_hbp_get_event(note_type, tsk, idx);
+ }
+
  ptrace_hbp_set_ctrl(...)
  {
  ...
  struct arch_hw_breakpoint_ctrl ctrl;
+
+ if (ptrace_hbp_stays_off(note_type, tsk, idx, uctrl))
+ 	return 0;
  ...
  }

@@ @@
+ static int ptrace_hbp_set(unsigned int note_type, struct task_struct *tsk, unsigned long idx,
+ 			  u64 addr, u32 ctrl)
+ {
+ 	int err;
+
+ 	if (ptrace_hbp_stays_off(note_type, tsk, idx, ctrl))
+ 		return 0;
+ 	err = ptrace_hbp_set_addr(note_type, tsk, idx, addr);
+ 	return err ?: ptrace_hbp_set_ctrl(note_type, tsk, idx, ctrl);
+ }
+
  hw_break_set(...)
  {
  <...
- ret = ptrace_hbp_set_addr(note_type, target, idx, addr);
- if (ret)
- 	return ret;
  offset += PTRACE_HBP_ADDR_SZ;
  ...>
  }

@@ @@
  hw_break_set(...)
  {
  <...
  if (!count)
- 	break;
+ 	return ptrace_hbp_set_addr(note_type, target, idx, addr);
  ...>
  }

@@ @@
  hw_break_set(...)
  {
  <...
- ptrace_hbp_set_ctrl(note_type, target, idx, ctrl)
+ ptrace_hbp_set(note_type, target, idx, addr, ctrl)
  ...>
  }
