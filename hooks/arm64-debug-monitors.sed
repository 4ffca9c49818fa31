# file: arch/arm64/kernel/debug-monitors.c
# reason: MDE is the breakpoint core's master switch: a kernel single-step, which does not need it, must not keep armed slots firing;
#	KDE was not cleared while MDE was in use, so EL0 watchpoints went on to fire in uaccess routines
# expect: +8 -8
s/^(	u32 mdscr, disable = )0;$/\1~0;/
s/^(	if \()(this_cpu_(inc|dec)_return\(mde_ref_count\))/\1el != DBG_ACTIVE_STEP \&\& \2/
s/^(	if \(el )== DBG_ACTIVE_EL1( &&)$/\1!= DBG_ACTIVE_EL0\2/
s/^(	if \()disable\) \{$/\1~disable) {/
s/^(	(en|dis)able_debug_monitors\()DBG_ACTIVE_EL1\);$/\1DBG_ACTIVE_STEP);/
