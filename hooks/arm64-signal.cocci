// file: arch/arm64/kernel/signal.c
// reason: a signal between a hit and its instruction made the instruction hit again after the
//	handler, for ever if the hit is what sends the signal
// expect: +2 -0
@@ @@
  handle_signal(struct ksignal *ksig, struct pt_regs *regs)
  {
  ...
  rseq_signal_deliver(ksig, regs);
+ hw_breakpoint_signal(regs);
  ...
  }

@@ expression err; @@
  restore_sigframe(...)
  {
  ...
  err |= !valid_user_regs(&regs->user_regs, current);
+ hw_breakpoint_sigreturn(regs);
  ...
  }
