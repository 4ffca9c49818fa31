# file: tools/perf/util/Build
# reason: what perf hwbp is made of
# expect: +1 -0
/^perf-util-\$\(CONFIG_LIBTRACEEVENT\) \+= trace-event-read\.o$/a\
perf-util-$(CONFIG_LIBTRACEEVENT) += hwbp/
