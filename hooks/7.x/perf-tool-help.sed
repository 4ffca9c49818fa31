# file: tools/perf/builtin-help.c
# reason: perf hwbp in what perf lists
# expect: +1 -0
/^		\{"kmem", /i\
		{"hwbp", "Show who has which hardware breakpoint, now and over time"},
