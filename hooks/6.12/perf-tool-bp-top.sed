# file: tools/perf/builtin-top.c
# reason: breakpoint events that name a symbol
# expect: +5 -0
/^#include "util\/evsel\.h"$/i\
#include "util/bp-symbol/bp-symbol.h"
/^	if \(top\.delay_secs < 1\)$/i\
	status = evlist__aim_breakpoints(top.evlist, target, NULL);\
	if (status < 0)\
		goto out_delete_evlist;\

