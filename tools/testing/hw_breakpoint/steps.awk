# SPDX-License-Identifier: GPL-2.0
# steps.awk: gcc's assembly with a look at steps_left before every instruction that
# accesses memory or calls, see steps.h. The instructions between two of these change only
# registers, which steps_here() gives back: it makes no difference before or after which of
# them it is called.
#
# The look changes no register and no flag; it uses the stack, so -mno-red-zone.
BEGIN {
	print ".macro STEP"
	print "\tpushq %rcx"
	print "\tmovq steps_left(%rip), %rcx"
	print "\tleaq -1(%rcx), %rcx"
	print "\tmovq %rcx, steps_left(%rip)"
	print "\tjrcxz .Lhere\\@"
	print "\tjmp .Lnext\\@"
	print ".Lhere\\@:"
	print "\tcall steps_entry"
	print ".Lnext\\@:"
	print "\tpopq %rcx"
	print ".endm"
}
/^\t[a-z]/ && (/\(|%fs:|^\tcall|^\trep|^\tlock/) && !/^\t(lea|nop)/ { print "\tSTEP" }
{ print }
