# file: tools/perf/util/machine.c
# reason: perf report --mem-mode finds variables that begin as 0, and those of the other mode
# expect: +2 -1
/^#include "event\.h"$/i\
#include "bp-symbol/bp-symbol.h"
/^static void ip__resolve_data\(/,/^\}/s/^	thread__find_symbol\(/	thread__find_data_symbol(/
