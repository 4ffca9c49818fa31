// file: include/linux/perf_event.h
// reason: a breakpoint event carries its reservation, a context its account
// expect: +4 -1
@@ @@
  #include <linux/rhashtable-types.h>
+ #include <linux/hw_breakpoint_types.h>

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
  struct perf_event_context {
  ...
  struct perf_event_context *parent_ctx;
+ struct hw_breakpoint_account *bp_account;
  ...
  };
