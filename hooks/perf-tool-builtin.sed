# file: tools/perf/builtin.h
# reason: perf hwbp
# expect: +1 -0
/^int cmd_kwork\(/i\
int cmd_hwbp(int argc, const char **argv);
