// file: include/linux/perf_event.h
// reason: no breakpoint is looked up by its address
// expect: +0 -1
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
