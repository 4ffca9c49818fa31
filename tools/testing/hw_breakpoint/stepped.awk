# SPDX-License-Identifier: GPL-2.0
# stepped.awk: gcc's assembly with a look at nmi_countdown before every instruction,
# see nmi.c. No register and no flag changes; it uses the stack, so -mno-red-zone.
BEGIN {
	print ".macro NMI_POINT"
	print "\tpushq %rcx"
	print "\tmovq nmi_countdown(%rip), %rcx"
	print "\tleaq -1(%rcx), %rcx"
	print "\tmovq %rcx, nmi_countdown(%rip)"
	print "\tjrcxz .Lnmi\\@"
	print "\tjmp .Lnext\\@"
	print ".Lnmi\\@:"
	print "\tcall nmi_entry"
	print ".Lnext\\@:"
	print "\tpopq %rcx"
	print ".endm"
}
/^\t[a-z]/ { print "\tNMI_POINT" }
{ print }
