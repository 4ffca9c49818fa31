# file: tools/perf/command-list.txt
# reason: perf hwbp in what perf lists
# expect: +1 -0
/^perf-inject	/i\
perf-hwbp			mainporcelain traceevent
