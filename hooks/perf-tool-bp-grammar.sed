# file: tools/perf/util/parse-events.y
# reason: mem:SYMBOL, with the same length, type and terms behind it as a number
# expect: +43 -0
/^#include "evsel\.h"$/i\
#include "bp-symbol/bp-symbol.h"
/^%token PE_PREFIX_MEM$/a\
%token PE_MEM_SYMBOL
/^%type <str> PE_MODIFIER_BP$/a\
%type <str> PE_MEM_SYMBOL\
%type <str> opt_bp_type\
%type <num> opt_bp_len
/^event_legacy_mem:$/a\
PE_MEM_SYMBOL opt_bp_len opt_bp_type opt_event_config\
{\
	struct list_head *list = alloc_list();\
	int err;\
\
	if (!list)\
		YYNOMEM;\
	err = parse_events_add_bp_symbol(_parse_state, list, $1, $3, $2, $4, @1.first_column);\
	parse_events_terms__delete($4);\
	free($3);\
	free($1);\
	if (err) {\
		free_list_evsel(list);\
		PE_ABORT(err);\
	}\
	$$ = list;\
}\
|
/^event_legacy_tracepoint:$/i\
opt_bp_len:\
PE_BP_SLASH PE_VALUE\
{\
	$$ = $2;\
}\
|\
{\
	$$ = 0;\
}\
\
opt_bp_type:\
PE_BP_COLON PE_MODIFIER_BP\
{\
	$$ = $2;\
}\
|\
{\
	$$ = NULL;\
}\

