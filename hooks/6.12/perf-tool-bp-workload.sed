# file: tools/perf/util/evlist.c
# reason: a breakpoint in a command that perf starts: its address is known after the exec only
# expect: +7 -2
/^#include "evsel\.h"$/i\
#include "bp-symbol/bp-symbol.h"
/^int evlist__prepare_workload\(/,/^\}/s/^(	)evlist->workload\.cork_fd = -1;$/\1evlist__unaim_breakpoints(evlist);\n&/
/^int evlist__start_workload\(/,/^\}/{
	s/^(		int ret);$/\1 = evlist__hold_workload(evlist, evlist->workload.pid);\n\n		if (ret)\n			return ret;/
	s/^(		return ret);$/\1 < 0 ? ret : evlist__aim_workload(evlist, evlist->workload.pid);/
}
