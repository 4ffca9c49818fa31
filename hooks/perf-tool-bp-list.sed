# file: tools/perf/util/print-events.c
# reason: perf list says that a breakpoint event may name a symbol
# expect: +1 -1
s/"mem:<addr>\[\/len\]\[:access\]"/"mem:<addr or symbol>[\/len][:access]"/
