// file: kernel/events/core.c
// reason: a PMU may reserve what an event needs when its context is fixed, before creation can no longer fail;
//	what an exiting task leaves in its context is free; what is reserved goes with the context;
//	an event that leaves its context while its file is open, at an exec, runs no more: what it has is free;
//	a change is checked for the event and all its copies before any changes;
//	a copy that a fork makes becomes what its original is in the moment that it is linked, and reserves then;
//	a pinned event that has reserved what is not there for the moment is no error: it waits;
//	what is reserved for an event is freed with it
// expect: +19 -1
@@ @@
  #include "internal.h"
+ #include "reserve.h"

@@ statement S; @@
  find_get_pmu_context(...)
  {
+ int err = perf_reserve_attach(event, ctx);
  ...
+ if (err)
+ 	return ERR_PTR(err);
  if (!ctx->task) S
  ...
  }

@@ identifier ctx, clone_ctx; @@
  perf_event_exit_task_context(...)
  {
  ...
  clone_ctx = unclone_ctx(ctx);
  raw_spin_unlock_irq(&ctx->lock);
+ perf_reserve_retire(ctx);
  ...
  }

@@ @@
  perf_event_exit_event(struct perf_event *event, ...)
  {
  ...
+ perf_reserve_leave(event);
  perf_event_wakeup(event);
  }

@@ @@
  mutex_lock(&event->child_mutex);
+ err = perf_reserve_prepare(event, attr);
+ if (err)
+ 	goto out;
  perf_event_modify_copy_attr(&event->attr, attr);

@@ @@
  inherit_event(...)
  {
  ...
  unsigned long flags;
+ int err;
  ...
  }

@@ @@
  mutex_lock(&parent_event->child_mutex);
+ err = perf_reserve_join(child_event);
+ if (err) {
+ 	mutex_unlock(&parent_event->child_mutex);
+ 	free_event(child_event);
+ 	return ERR_PTR(err);
+ }
  if (is_orphaned_event(parent_event) || ...) { ... }

@@ @@
  free_ctx(...)
  {
  ...
+ perf_reserve_free(ctx);
  kfree(ctx);
  }

@@ @@
  free_event_rcu(...)
  {
  ...
+ perf_reserve_free_event(event);
  kmem_cache_free(perf_event_cache, event);
  }

@@ statement S; @@
- if (event->attr.pinned) {
+ if (event->attr.pinned && !perf_reserve_waits(event)) {
  	perf_cgroup_event_disable(event, ctx);
  	...
  } else S
