# file: tools/perf/builtin-record.c
# reason: breakpoint events that name a symbol; what a breakpoint's sample is about is an address
# expect: +10 -1
/^#include "util\/evsel\.h"$/i\
#include "util/bp-symbol/bp-symbol.h"
/^	if \(rec->filter_action\) \{$/i\
	if (evlist__has_breakpoints_only(rec->evlist))\
		rec->opts.sample_address = true;\

/^	err = auxtrace_record__options\(/i\
	if (evlist__aim_breakpoints(rec->evlist, &rec->opts.target, argv) < 0)\
		goto out;\

s/^(		)(evlist__start_workload\(rec->evlist\));$/\1err = \2;\n\1if (err < 0)\n\1	goto out_child;/
