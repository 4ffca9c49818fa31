// file: arch/arm64/kernel/signal.c
// reason: a signal between a hit and its instruction made the instruction hit again after the
//	handler, for ever if the hit is what sends the signal
// expect: +4 -0
@@ @@
  handle_signal(struct ksignal *ksig, struct pt_regs *regs)
  {
  ...
  rseq_signal_deliver(ksig, regs);
+ /* An instruction that is stepped comes after the handler. */
+ hw_breakpoint_signal(regs);
  ...
  }

@@ expression err; @@
  restore_sigframe(...)
  {
  ...
  err |= !valid_user_regs(&regs->user_regs, current);
+ /* One that was left for the handler is stepped now. */
+ hw_breakpoint_sigreturn(regs);
  ...
  }
