// file: arch/arm64/kernel/probes/kprobes.c
// reason: what a probed instruction hits was lost, because PSTATE.D was masked while its copy ran
// expect: +2 -1
@@ identifier kcb, regs; @@
  kprobes_save_local_irqflag(struct kprobe_ctlblk *kcb, struct pt_regs *regs)
  {
  ...
- regs->pstate |= DAIF_MASK;
+ regs->pstate |= hw_breakpoint_kprobe_masks(DAIF_MASK,
+ 					   kcb->kprobe_status == KPROBE_REENTER);
  }
