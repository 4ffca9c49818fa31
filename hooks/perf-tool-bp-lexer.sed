# file: tools/perf/util/parse-events.l
# reason: mem:SYMBOL; a number and all that follows stay as they are
# expect: +2 -0
/^modifier_bp	/a\
bp_symbol	[a-zA-Z_.$][a-zA-Z0-9_.$]*(@[a-zA-Z0-9_.\\-]+)?(\\+({num_hex}|{num_dec}))?
/^mem:			/a\
mem:{bp_symbol}		{ BEGIN(mem); return str(yyscanner, PE_MEM_SYMBOL); }
