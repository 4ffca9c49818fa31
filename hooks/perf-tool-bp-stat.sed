# file: tools/perf/builtin-stat.c
# reason: breakpoint events that name a symbol
# expect: +9 -2
/^#include "util\/evsel\.h"$/i\
#include "util/bp-symbol/bp-symbol.h"
/^	evlist__check_cpu_maps\(/i\
	if (evlist__aim_breakpoints(evsel_list, &target, argv) < 0)\
		goto out;\

/^	if \(forks\)$/{
	N
	s/^(	if \(forks\))\n		(evlist__start_workload\(evsel_list\);)$/\1 {\n		err = \2\n		if (err < 0)\n			goto err_out;\n	}/
}
