#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# about: hooks apply completely or are named; the overlay follows every change
# needs: trees
set -eu
. "$(dirname "$0")/../lib.sh"
. "$TOP/scripts/check-lib.sh"

hook() { python3 "$TOP/scripts/hook.py" --tree "$CHECK_DIR/stock" "$@"; }
overlay() { python3 "$TOP/scripts/overlay.py" "$CHECK_DIR/stock" "$CHECK_DIR/ours" "$CHECK_DIR/checkout"; }

# fails_naming WORD COMMAND...: it fails and says WORD
fails_naming() {
	_word=$1
	shift
	if "$@" >"$CHECK_DIR/said" 2>&1; then
		echo "did not fail"
		return 1
	fi
	cat "$CHECK_DIR/said"
	grep -qF "$_word" "$CHECK_DIR/said"
}

# Every hook of ours against a copy of its file with the anchors gone
breaks() {
	mkdir -p "$CHECK_DIR/stock/$(dirname "$1")"
	: >"$CHECK_DIR/stock/$1"
	fails_naming "$2" hook "$2"
}

small_tree() {
	c=$CHECK_DIR/checkout
	mkdir -p "$c/hooks" "$c/kernel" "$CHECK_DIR/stock/kernel" "$CHECK_DIR/ours/kernel"
	git -C "$CHECK_DIR" init -q checkout
	printf 'one\ntwo\n' >"$CHECK_DIR/stock/kernel/a"
	printf 'int f(void)\n{\n\treturn g(1);\n}\n' >"$CHECK_DIR/stock/kernel/b.c"
	echo old >"$CHECK_DIR/stock/kernel/c"
	cp -al "$CHECK_DIR/stock/kernel" "$CHECK_DIR/ours/"
	printf '# file: kernel/a\n# reason: test\n# expect: +1 -1\ns/^two$/three/\n' >"$c/hooks/a.sed"
	printf '// file: kernel/b.c\n// reason: test\n// expect: +1 -1\n@@ expression e; @@\n- g(e)\n+ h(e)\n' >"$c/hooks/b.cocci"
	echo kernel/c >"$c/hooks/deleted"
	echo new >"$c/kernel/new"
	printf 'VERSION = 6\nPATCHLEVEL = 12\nSUBLEVEL = 1\n' >"$CHECK_DIR/stock/Makefile"
}

is() { [ "$(cat "$CHECK_DIR/ours/kernel/$1")" = "$(printf '%b' "$2")" ]; }

lays() {
	overlay
	is a 'one\nthree' && is b.c 'int f(void)\n{\n\treturn h(1);\n}' && is new new &&
		[ ! -e "$CHECK_DIR/ours/kernel/c" ] && grep -q two "$CHECK_DIR/stock/kernel/a"
}

writes_nothing_twice() {
	touch -d '2001-01-01' "$CHECK_DIR/ours/kernel/new" "$CHECK_DIR/ours/kernel/a"
	echo newer >"$CHECK_DIR/checkout/kernel/newer"
	overlay
	[ "$(stat -c %Y "$CHECK_DIR/ours/kernel/new" "$CHECK_DIR/ours/kernel/a" | sort -u | wc -l)" = 1 ]
}

takes_back() {
	rm "$CHECK_DIR/checkout/kernel/new" "$CHECK_DIR/checkout/hooks/"*
	overlay
	is a 'one\ntwo' && is c old && [ ! -e "$CHECK_DIR/ours/kernel/new" ]
}

stops_when_short() {
	printf '# file: kernel/a\n# reason: test\n# expect: +1 -1\ns/^gone$/x/\n' >"$CHECK_DIR/checkout/hooks/short.sed"
	fails_naming hooks/short.sed overlay
}

for h in hooks/*.sed hooks/*.cocci hooks/*/*.sed hooks/*/*.cocci; do
	[ -e "$h" ] || continue
	# one that may find nothing to do cannot tell a broken file from a later kernel
	! grep -q 'expect:.* or +0 -0' "$h" || continue
	f=$(sed -n 's,^[/#]*  *file: *,,p' "$h" | head -n 1)
	check_case "names-broken-${h#hooks/}" breaks "$f" "$h"
done
rm -rf "$CHECK_DIR/stock"
small_tree
check_case overlay-lays-files-hooks-deletions lays
check_case overlay-leaves-unchanged-files-alone writes_nothing_twice
check_case overlay-takes-back-what-is-gone takes_back
check_case overlay-stops-at-incomplete-hook stops_when_short
check_done
