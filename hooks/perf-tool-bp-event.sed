# file: tools/perf/util/event.c
# reason: perf script shows the symbol that a breakpoint watches, and finds variables that begin as 0
# expect: +5 -5
/^#include "event\.h"$/a\
#include "bp-symbol/bp-symbol.h"
/^bool sample_addr_correlates_sym\(/,/^\}/s/^	if \(attr->type == PERF_TYPE_SOFTWARE &&$/	if (attr->type == PERF_TYPE_BREAKPOINT)\n		return true;\n\n&/
/^void thread__resolve\(/,/^\}/{
	s/^	thread__find_map_fb\(/	thread__find_data_symbol(/
	/^	al->sym = NULL;$/,/^		al->sym = /d
}
