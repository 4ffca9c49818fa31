// file: include/linux/perf_event.h
// reason: a PMU may reserve for a context; no breakpoint is looked up by its address
// expect: +3 -1
@@ @@
  #include <linux/rhashtable-types.h>
+ #include <linux/perf_reserve.h>

@@ @@
  struct hw_perf_event {
  ...
  union {
  ...
  struct {
  struct arch_hw_breakpoint info;
- struct rhlist_head bp_list;
  };
  ...
  };
  ...
  };

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
