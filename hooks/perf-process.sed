# file: kernel/events/core.c
# reason: an event of a whole process has copies on all CPUs in the place of being installed itself, until the process
#	executes a program or exits; its output goes to no buffer of another event, which several CPUs would write to;
#	a new task is known to be a thread or a process when the fork is through, and not when it inherits events
# expect: +10 -3
/^void perf_event_fork\(/,/^}/s/^\{$/&\n\tperf_reserve_fork(task);/
/^void perf_event_exec\(/,/^}/s/^(\tctx = perf_pin_task_context\(current\);)$/\tperf_process_exec();\n\1/
/^void perf_event_exit_task\(/,/^}/s/^(\tperf_event_exit_task_context\((\w+), true\);)$/\1\n\tperf_process_exit(\2);/
/^static void mutex_lock_double\(/i #include "process.h"\n
s/^\tif \(event == output_event\)$/\tif (event == output_event || (event->attach_state \& PERF_ATTACH_PROCESS))/
s/^\tperf_install_in_context\(ctx, event, event->cpu\);$/\tif (!perf_process_install(event, ctx))\n\t&/
