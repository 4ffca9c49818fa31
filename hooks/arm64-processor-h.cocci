// file: arch/arm64/include/asm/processor.h
// reason: what rests while a task is stepped is known by hit, not by kind; and who wants the step
// expect: +1 -5
@@ @@
  struct debug_info {
  ...
- int suspended_step;
- int bps_disabled;
- int wps_disabled;
  struct perf_event *hbp_break[...];
  struct perf_event *hbp_watch[...];
+ struct hwbp_user_step step;
  ...
  };
