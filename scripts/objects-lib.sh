# SPDX-License-Identifier: GPL-2.0
# Configurations in which our files and those that hooks edit are compiled, and no kernel is.
# Sourced after lib.sh; works in $out, a folder of build/ours, for $arch.
# shellcheck shell=sh disable=SC2153,SC2154
#
#   compile_for ARCH COMPILER
#                     what kmake makes; gcc or clang, with Debian's version behind it or not;
#                     i386 is an architecture, too
#   kmake ARG...      make in $out
#   configure FILE... tinyconfig with these on top
#   all_options       such files: a guest's kernel, and what else hooked files need
#   hooked_objects    of what hooks edit, and of ours what a file of the kernel includes
#   our_objects       of our C files, whether a configuration has them or not
#   vanished FILE...  requested lines of these that .config does not honour

compile_for() {
	arch=$1 cc=$2 cc_words=''
	case $1 in
	# kbuild's name; its files are x86_64's
	i386) arch_vars x86_64; karch=i386 ;;
	*) arch_vars "$1"; karch=$KARCH ;;
	esac
	case $2 in
	clang*) cc_words="LLVM=${2#clang}" ;;
	*) cc=$CROSS$2 cc_words="CROSS_COMPILE=$CROSS" ;;
	esac
}

kmake() {
	# shellcheck disable=SC2086 # words are arguments
	nice make -C "$BUILD/ours" -s -j"$JOBS" ARCH="$karch" $cc_words CC="ccache $cc" \
		O="$(basename "$out")" "$@" 2>&1
}

# Of options that are there twice Kconfig takes the last. (errexit is off in what check_case calls)
configure() {
	mkdir -p "$out" && kmake tinyconfig && cat "$@" >>"$out/.config" && kmake olddefconfig
}

all_options() {
	case $arch in i386) _arch=x86_64 ;; *) _arch=$arch ;; esac
	for _f in common "$_arch" "$HWB_SERIES" "$HWB_SERIES-$_arch" ours; do
		[ ! -f "$QEMU_DIR/$_f.config" ] || echo "$QEMU_DIR/$_f.config"
	done
	echo "$TOP/scripts/hooked.config"
}

# of_sources EXPRESSION: objects of the C files in it, of this architecture and of none
of_sources() {
	PYTHONPATH=$TOP/scripts PYTHONDONTWRITEBYTECODE=1 python3 -c '
import sys, hook, overlay
series, arch = sys.argv[1:]
for path in sorted('"$1"'):
    folder = path.split("/")
    if path.endswith(".c") and folder[0] != "tools" and (folder[0] != "arch" or folder[1] == arch):
        print(path)' "$HWB_SERIES" "$KARCH" | sed 's,\(/nvhe/.*\)\.c$,\1.nvhe.o,; s,\.c$,.o,'
}

hooked_objects() {
	of_sources 'hook.by_file("hooks", series)'
	[ "$KARCH" != arm64 ] || printf 'arch/arm64/kvm/hyp/%s\n' vhe/debug-sr.o nvhe/debug-sr.nvhe.o
}

our_objects() { of_sources 'overlay.our_files(".", series)'; }

vanished() {
	cat "$@" | grep '^CONFIG_' | while read -r _line; do
		case $_line in
		*=n) ! grep -q "^${_line%=n}=" "$out/.config" || echo "$_line" ;;
		*) grep -qxF "$_line" "$out/.config" || echo "$_line" ;;
		esac
	done
}
