// file: include/linux/perf_event.h
// reason: a breakpoint event carries its reservation; a PMU may reserve for a context
// expect: +6 -1
@@ @@
  #include <linux/rhashtable-types.h>
+ #include <linux/hw_breakpoint_types.h>
+ #include <linux/perf_reserve.h>

@@ @@
  struct hw_perf_event {
  ...
  union {
  ...
  struct {
  struct arch_hw_breakpoint info;
+ struct arch_hw_breakpoint next;
- struct rhlist_head bp_list;
+ struct hw_breakpoint_reservation reservation;
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
