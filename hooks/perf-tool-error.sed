# file: tools/perf/util/evsel.c
# reason: why a breakpoint could not be opened, instead of a guess for PMUs
# expect: +4 -0
/^#include "evsel\.h"$/a\
#include "hwbp-error.h"
/^int evsel__open_strerror\(/,/^\}/ {
/^	switch \(err\) \{$/i\
	ret = hwbp_open_strerror(evsel, err, msg, size);\
	if (ret)\
		return ret;
}
