#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# about: every kernel file that a hook edits compiles without a warning, and so do ours
# needs: trees
# packages: base kernel arm64
# limit: 1500
# alone: yes
#
# The number of lines that a hook changes does not say that they are right. The guests'
# kernels have not all of these files: scripts/hooked.config adds what they need.
set -eu
. "$(dirname "$0")/../lib.sh"
. "$TOP/scripts/check-lib.sh"
. "$TOP/scripts/objects-lib.sh"

# Objects to make, where ours are not all of a folder
objects() {
	hooked_objects
	backend_objects
	printf '%s\n' kernel/debug/hw_break.o virt/kvm/debug_share.o
	git -C "$TOP" ls-files "arch/$KARCH/kvm/*hw_breakpoint*.c" | sed 's/c$/o/'
}

compile() {
	# shellcheck disable=SC2086 # words are files
	locked compile kmake W=1 $1 kernel/events/hw_breakpoint/ samples/hw_breakpoint/ >"$out/log" ||
		{ cat "$out/log"; return 1; }
	! grep -E 'warning:' "$out/log"
}

all_are_there() {
	for _object in $1; do
		[ -f "$out/$_object" ] || { echo "not made: $_object"; return 1; }
	done
}

for arch in x86_64 arm64; do
	compile_for "$arch" gcc
	out=$BUILD/ours/o-hooked-$arch
	# shellcheck disable=SC2046 # words are files
	check_case "$arch-configures" configure $(all_options)
	list=$(objects)
	(cd "$out" && echo "$list" | xargs rm -f)
	check_case "$arch-compiles" compile "$list"
	check_case "$arch-all-are-there" all_are_there "$list"
done
check_done
