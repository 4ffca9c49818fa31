#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# about: our files and the hooked ones compile without a warning with other compilers and options
# needs: trees
# packages: base kernel arm64
# limit: 14400
# alone: yes
#
# The rows of scripts/configs.txt. Kbuild itself is asked which of these files a configuration
# has. Rows of one architecture and compiler share a folder, in which the tools are made once.
set -eu
. "$(dirname "$0")/../lib.sh"
. "$TOP/scripts/check-lib.sh"
. "$TOP/scripts/objects-lib.sh"
. "$TOP/scripts/kunit-lib.sh"

# Comments go, and a backslash joins lines. HWB_ROWS='NAME...' runs these, for who mends one.
# shellcheck disable=SC2162 # read is to see the backslash
rows() {
	grep -v '^#' "$TOP/scripts/configs.txt" | while read _name _rest; do
		case " ${HWB_ROWS:-$_name} " in *" $_name "*) ;; *) continue ;; esac
		[ -z "$_name" ] || echo "$_name $_rest"
	done
}

# chosen WHEN: is it run now?
chosen() { [ -n "${CHECK_FULL:-}${HWB_ROWS:-}" ] || case $1 in quick*) ;; *) false ;; esac; }

# options WORD...: as lines of a configuration, those of this series
options() {
	for _word in "$@"; do
		case $_word in
		"$HWB_SERIES":*) echo "CONFIG_${_word#*:}" ;;
		*:*) ;;
		*) echo "CONFIG_$_word" ;;
		esac
	done
}

# All names that this kernel's Kconfig files define, into $CHECK_DIR/known
known_options() {
	grep -rhoE --include='Kconfig*' '^[[:space:]]*(menu)?config [A-Za-z0-9_]+' "$BUILD/ours" |
		sed 's/.*config /CONFIG_/' | sort -u >"$CHECK_DIR/known"
}

# The options of the row are what was asked for. Of one that the kernel does not know, "=n"
# would always be true.
as_requested() {
	_unknown=$(sed 's/=.*//' "$CHECK_DIR/row.config" | grep -vxFf "$CHECK_DIR/known")
	[ -z "$_unknown" ] || { echo "this kernel has no such option: $_unknown"; return 1; }
	_lost=$(vanished "$CHECK_DIR/row.config")
	[ -z "$_lost" ] || { echo "options that are not as requested: $_lost"; return 1; }
}

configures() {
	case $base in all) _files=$(all_options) ;; *) _files='' ;; esac
	# shellcheck disable=SC2086 # words are files
	configure $_files "$CHECK_DIR/row.config" >"$out.log" || { cat "$out.log"; return 1; }
	as_requested
}

# Those of our objects that Kbuild would make now, into $CHECK_DIR/wanted. A folder that the
# configuration has not is none that make knows.
plan() {
	{ hooked_objects; our_objects; } | sort -u >"$CHECK_DIR/objects"
	(cd "$out" && xargs rm -f <"$CHECK_DIR/objects")
	kmake prepare || return
	_folders=$(sed 's,[^/]*$,,' "$CHECK_DIR/objects" | sort -u)
	# shellcheck disable=SC2086 # words are files
	kmake -n -k $_folders >"$CHECK_DIR/plan" || :
	grep -oE -e '-o [^ ]+\.o ' "$CHECK_DIR/plan" | cut -d ' ' -f 2 | sort -u |
		comm -12 - "$CHECK_DIR/objects" >"$CHECK_DIR/wanted"
	grep -qx kernel/exit.o "$CHECK_DIR/wanted" || { tail -n 20 "$CHECK_DIR/plan"; return 1; }
}

# silent FILE: nobody complains in it; what objtool says is no error of make
silent() { ! grep -E '(warning|error):|\*\*\*' "$1"; }

compiles() {
	plan || return
	_failed=0
	# shellcheck disable=SC2046 # words are files
	kmake -k W=1e $(cat "$CHECK_DIR/wanted") >"$out.log" || _failed=1
	silent "$out.log" || return
	[ $_failed = 0 ] || { cat "$out.log"; return 1; }
	(cd "$out" && while read -r _o; do [ -f "$_o" ] || echo "not made: $_o"; done) \
		<"$CHECK_DIR/wanted" >"$CHECK_DIR/lacking"
	cat "$CHECK_DIR/lacking"
	[ ! -s "$CHECK_DIR/lacking" ]
}

row() {
	configures && locked compile compiles
}

# The kernel of the row, in the folder that is configured for it
builds() {
	locked compile kmake "$(basename "$IMAGE")" modules >"$out.log" || { tail -n 40 "$out.log"; return 1; }
	silent "$out.log"
}

boots() {
	"$TOP/scripts/qemu.sh" && "$TOP/scripts/root.sh" "$arch" && builds &&
		passes_kunit "$out/$IMAGE" && grep '^ok .* hw_breakpoint_core$' "$CHECK_DIR/suites"
}

# The compiler's own name, and its package; none where the machine's gcc is meant
find_compiler() {
	package=''
	case $compiler-$arch in
	gcc-*-arm64) package=$compiler-aarch64-linux-gnu ;;
	gcc-[0-9]*) package=$compiler ;;
	clang-*)
		compiler=$(apt-cache search --names-only '^clang-[0-9]+$' | cut -d ' ' -f 1 | sort -V | tail -n 1)
		package=${compiler:?apt knows no clang: let apt-get update read its lists} ;;
	esac
}

offered() { [ -n "$(apt-cache search --names-only "^$1\$")" ]; }

# ---- what is wrong is found ----

# requested OPTION LINE...: is it as requested in a configuration of these lines?
requested() {
	out=$CHECK_DIR
	options "$1" >"$CHECK_DIR/row.config"
	shift
	printf '%s\n' "$@" >"$out/.config"
	as_requested
}

wrong_options_are_found() {
	requested SMP=y CONFIG_SMP=y && requested SMP=n '# CONFIG_SMP is not set' &&
		requested KVM=m CONFIG_KVM=m && ! requested SMP=y '# CONFIG_SMP is not set' &&
		! requested SMP=n CONFIG_SMP=y && ! requested KVM=m CONFIG_KVM=y &&
		! requested NO_SUCH_OPTION=n '' && requested "$HWB_SERIES:SMP=y" CONFIG_SMP=y &&
		! requested "$HWB_SERIES:SMP=y" ''
}

complaints_are_found() {
	for _line in 'a.c:1:2: warning: unused' 'a.c:1:2: error: no' 'a.o: warning: objtool: f()' \
		'make[2]: *** [a.o] Error 1'; do
		echo "$_line" >"$CHECK_DIR/log"
		! silent "$CHECK_DIR/log" || return
	done
	echo '  CC a.o' >"$CHECK_DIR/log"
	silent "$CHECK_DIR/log"
}

known_options
check_case wrong-options-are-found wrong_options_are_found
check_case complaints-are-found complaints_are_found
rows >"$CHECK_DIR/rows"
while read -r name arch compiler base when words; do
	chosen "$when" || continue
	find_compiler
	if [ -n "$package" ]; then
		offered "$package" || { check_skip "$name" "Debian's $(codename) has no $package"; continue; }
		"$TOP/scripts/packages.sh" "$package"
	fi
	compile_for "$arch" "$compiler"
	out=$BUILD/ours/o-configs-$arch-$compiler
	# shellcheck disable=SC2086 # words are options
	options $words >"$CHECK_DIR/row.config"
	say "configs: $name"
	check_case "$name" row
	case ${CHECK_FULL:+full}-$when in full-*boot) check_case "$name-boots" boots ;; esac
done <"$CHECK_DIR/rows"
check_done
