// file: arch/arm64/kernel/probes/uprobes.c
// reason: a tracer's PTRACE_SINGLESTEP over a probed instruction ran on, or did two instructions where the
//	probe simulates it; and any step of a task that had ever met a probe warned
// expect: +7 -3
@@ @@
  arch_uprobe_pre_xol(...)
  {
  ...
+ hw_breakpoint_begin_probe();
  user_enable_single_step(current);
  ...
  }

@@ identifier regs; @@
  arch_uprobe_post_xol(struct arch_uprobe *auprobe, struct pt_regs *regs)
  {
  ...
- user_disable_single_step(current);
+ if (!hw_breakpoint_end_probe(regs, true))
+ 	user_disable_single_step(current);
  ...
  }

@@ identifier regs; @@
  arch_uprobe_abort_xol(struct arch_uprobe *auprobe, struct pt_regs *regs)
  {
  ...
- user_disable_single_step(current);
+ if (!hw_breakpoint_end_probe(regs, false))
+ 	user_disable_single_step(current);
  ...
  }

@@ identifier regs; @@
  arch_uprobe_skip_sstep(struct arch_uprobe *auprobe, struct pt_regs *regs)
  {
  ...
  if (auprobe->api.handler)
  	auprobe->api.handler(...);
+ hw_breakpoint_probe_simulated(regs);
  ...
  }

@@ identifier utask; expression pc, next; @@
- WARN_ON(utask && (pc != next));
+ WARN_ON(utask && utask->active_uprobe && pc != next);
