# file: tools/perf/bench/bench.h
# reason: perf bench breakpoint switch, modify and hit
# expect: +3 -0
/^int bench_breakpoint_enable\(/a\
int bench_breakpoint_switch(int argc, const char **argv);\
int bench_breakpoint_modify(int argc, const char **argv);\
int bench_breakpoint_hit(int argc, const char **argv);
