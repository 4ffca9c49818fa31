# SPDX-License-Identifier: GPL-2.0
# steps.awk: gcc's assembly with a look at steps_left before every instruction that
# accesses memory or calls, see steps.h. The instructions between two of these change only
# registers, which steps_here() gives back: it makes no difference before or after which of
# them it is called.
#
# The look changes no register and no flag; it uses the stack, so -mno-red-zone. Each has a
# struct step of its own, with the name of the function that it is in; file is the source's.
BEGIN {
	print ".macro STEP function"
	print "\tpushq %rcx"
	print "\tmovq steps_left(%rip), %rcx"
	print "\tleaq -1(%rcx), %rcx"
	print "\tmovq %rcx, steps_left(%rip)"
	print "\tjrcxz .Lhere\\@"
	print "\tjmp .Lnext\\@"
	print ".Lhere\\@:"
	print "\tleaq .Lstep\\@(%rip), %rcx"
	print "\tcall steps_entry"
	print ".Lnext\\@:"
	print "\tpopq %rcx"
	print "\t.pushsection hwb_steps, \"aw\""
	print ".Lstep\\@:"
	print "\t.quad \\function, 0"
	print "\t.popsection"
	print ".endm"
}
function name_function() {
	print "\t.pushsection .rodata"
	print ".Lfunction" ++functions ":"
	print "\t.asciz \"" file ":" name "\""
	print "\t.popsection"
	name = ""
}
/^[A-Za-z_]/ && /:/ { name = substr($0, 1, index($0, ":") - 1) }
/^\t[a-z]/ && (/\(|%fs:|^\tcall|^\trep|^\tlock/) && !/^\t(lea|nop)/ {
	if (name)
		name_function()
	print "\tSTEP .Lfunction" functions
}
{ print }
