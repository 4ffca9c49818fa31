// file: kernel/events/core.c
// reason: a slot is reserved when an event's context is settled, before creation can no longer fail; the account goes with the context
// expect: +5 -0
@@ @@
  find_get_pmu_context(...)
  {
  ...
  void *task_ctx_data = NULL;
+ int err = hw_breakpoint_attach(event, ctx);
+
+ if (err)
+ 	return ERR_PTR(err);
  ...
  }

@@ @@
  free_ctx(...)
  {
  ...
+ hw_breakpoint_free_account(ctx->bp_account);
  kfree(ctx);
  }
