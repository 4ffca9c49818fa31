#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# about: ./run port names each hook, part of a hook and file that does not fit a kernel
# packages: base kernel
set -eu
. "$(dirname "$0")/../lib.sh"
. "$TOP/scripts/check-lib.sh"

tree=$CHECK_DIR/tree
c=$CHECK_DIR/checkout

version() { printf 'VERSION = %s\nPATCHLEVEL = %s\nSUBLEVEL = %s\n' "$1" "$2" "$3" >"$tree/Makefile"; }

# A kernel of two files, and a checkout with two hooks that fit it
begin() {
	rm -rf "$tree" "$c"
	mkdir -p "$tree/kernel" "$c/kernel" "$c/hooks/6.12" "$c/hooks/7.x" "$c/scripts"
	cp scripts/*.py "$c/scripts/"
	git -C "$c" init -q
	version 6 12 99
	printf 'one\ntwo\nthree {\n\tfour\n}\n' >"$tree/kernel/a"
	printf 'int f(void)\n{\n\treturn g(1) + k(2);\n}\n' >"$tree/kernel/b.c"
	printf '# file: kernel/a\n# reason: test\n# expect: +2 -2\ns/^two$/2/\n/^three \\{$/,/^\\}$/{\n\ts/four/4/\n}\n' \
		>"$c/hooks/a.sed"
	printf '// file: kernel/b.c\n// reason: test\n// expect: +1 -1\n@@ expression e; @@\n- g(e)\n+ h(e)\n\n@@\nexpression e;\n@@\n- k(e)\n+ l(e)\n' \
		>"$c/hooks/b.cocci"
	echo new >"$c/kernel/new"
}

port() { python3 "$c/scripts/port.py" "$tree"; }

fits() {
	port >"$CHECK_DIR/said" 2>&1 || { cat "$CHECK_DIR/said"; return 1; }
	grep -qF "$1" "$CHECK_DIR/said" || { cat "$CHECK_DIR/said"; return 1; }
}

# misfits WORDS...: status 1, and the words are said
misfits() {
	_status=0
	port >"$CHECK_DIR/said" 2>&1 || _status=$?
	cat "$CHECK_DIR/said"
	for _word in "$@"; do
		grep -qF "$_word" "$CHECK_DIR/said" || { echo "not said: $_word"; return 1; }
	done
	[ "$_status" = 1 ]
}

# One line, which says what is wrong
refuses() { misfits "$@" && [ "$(wc -l <"$CHECK_DIR/said")" = 1 ]; }

everything_fits() { begin && fits '6.12.99, series 6.12: 2 hooks apply, 0 do not; 0 files'; }

changes_nothing() {
	begin
	cp -a "$tree" "$CHECK_DIR/before"
	sed -i s/two/zwei/ "$tree/kernel/a" "$CHECK_DIR/before/kernel/a"
	misfits zwei 2>/dev/null || :
	diff -r "$tree" "$CHECK_DIR/before"
}

names_command() {
	begin
	sed -i s/four/vier/ "$tree/kernel/a"
	misfits 'kernel/a: got +1 -1, expected +2 -2' 'hooks/a.sed:6 matches nothing' \
		'hooks/b.cocci: kernel/b.c: applies' && ! grep -q 'a.sed:4' "$CHECK_DIR/said"
}

names_rule() {
	begin
	sed -i s/k/kk/ "$tree/kernel/b.c"
	echo 'int i = g(2);' >>"$tree/kernel/b.c"
	misfits 'kernel/b.c: got +2 -2, expected +1 -1' 'hooks/b.cocci:8 matches nothing' &&
		! grep -q 'b.cocci:4' "$CHECK_DIR/said"
}

names_missing_file() { begin && rm "$tree/kernel/a" && misfits 'hooks/a.sed: kernel/a: the kernel has no such file'; }
names_collision() { begin && echo theirs >"$tree/kernel/new" && misfits 'kernel/new: the kernel has this file'; }

knows_replaced() {
	begin
	echo kernel/new >"$c/hooks/replaced"
	misfits 'kernel/new: the kernel has no such file' || return 1
	echo theirs >"$tree/kernel/new"
	fits '0 files'
}

# A series has hooks and files of its own
takes_series() {
	begin
	mv "$c/hooks/a.sed" "$c/hooks/6.12/"
	mkdir -p "$c/series/7.x/kernel"
	echo own >"$c/series/7.x/kernel/own"
	echo theirs >"$tree/kernel/own"
	fits '2 hooks apply' || return 1
	version 7 4 0
	misfits 'series 7.x: 1 hooks apply' 'kernel/own: the kernel has this file'
}

hook_twice() { begin && cp "$c/hooks/a.sed" "$c/hooks/6.12/" && refuses 'in one place only'; }
no_tree() { begin && rm "$tree/Makefile" && refuses 'is no kernel tree'; }
too_old() { begin && version 6 6 3 && refuses 'is Linux 6.6.3'; }
between() { begin && version 6 18 0 && refuses 'is Linux 6.18.0'; }

check_case everything-fits everything_fits
check_case changes-nothing changes_nothing
check_case names-command names_command
check_case names-rule names_rule
check_case names-missing-file names_missing_file
check_case names-collision names_collision
check_case knows-replaced knows_replaced
check_case takes-series takes_series
check_case hook-in-two-places hook_twice
check_case no-tree no_tree
check_case version-too-old too_old
check_case version-between between
check_done
