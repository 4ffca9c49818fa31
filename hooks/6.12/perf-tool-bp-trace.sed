# file: tools/perf/builtin-trace.c
# reason: breakpoint events that name a symbol
# expect: +10 -2
/^#include "util\/evlist\.h"$/i\
#include "util/bp-symbol/bp-symbol.h"
/^	err = trace__symbols_init\(trace, evlist\);$/i\
	err = evlist__aim_breakpoints(evlist, &trace->opts.target, argv);\
	if (err < 0)\
		goto out_delete_evlist;\

/^	if \(forks\)$/{
	N
	s/^(	if \(forks\))\n		(evlist__start_workload\(evlist\);)$/\1 {\n		err = \2\n		if (err < 0)\n			goto out_disable;\n	}/
}
