// file: kernel/events/core.c
// reason: a change is made without disabling the event and its copies: it misses no hit then
// expect: +2 -1
@@ @@
  perf_event_modify_breakpoint(struct perf_event *bp, struct perf_event_attr *attr)
  {
  ...
- _perf_event_disable(bp);
+ if (attr->disabled)
+ 	_perf_event_disable(bp);
  ...
  }
