# file: tools/perf/Build
# reason: perf hwbp
# expect: +1 -0
/^perf-\$\(CONFIG_LIBTRACEEVENT\) \+= builtin-kmem\.o$/i\
perf-$(CONFIG_LIBTRACEEVENT) += builtin-hwbp.o
