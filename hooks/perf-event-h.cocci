// file: include/linux/perf_event.h
// reason: a PMU may reserve for a context
// expect: +3 -0
@@ @@
  #include <linux/rhashtable-types.h>
+ #include <linux/perf_reserve.h>

@@ @@
  struct pmu {
  ...
  struct module *module;
+ const struct perf_reserve_ops *reserve;
  ...
  };

@@ @@
  struct perf_event_context {
  ...
  struct perf_event_context *parent_ctx;
+ struct perf_reserved *reserved;
  ...
  };
