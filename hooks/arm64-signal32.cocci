// file: arch/arm64/kernel/signal32.c
// reason: as in signal.c, for 32-bit programs: a step that was left for a signal handler has to go on
//	after it, or the instruction hits again, for ever if the hit is what sends the signal
// expect: +2 -0
@@ expression err; @@
  compat_restore_sigframe(...)
  {
  ...
  err |= !valid_user_regs(&regs->user_regs, current);
+ /* An instruction that was left for the handler is stepped now. */
+ hw_breakpoint_sigreturn(regs);
  ...
  }
