# file: arch/x86/kernel/traps.c
# reason: a debugger in an NMI must know of hits that have been read from DR6 and not reported yet
# expect: +1 -0
/^static __always_inline unsigned long debug_read_(clear|reset)_dr6\(void\)$/,/^\}$/s/^\tset_debugreg\([^,]*, 6\);$/\thw_breakpoint_note_hits(dr6);\n&/
