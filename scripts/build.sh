#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# build.sh [--arch A] [--stock] [--debug | --kcsan] [--copy-to DIR]: build a kernel.
# Prints the paths of the image and of vmlinux. With --copy-to the image is
# copied to DIR/kernel before anybody else may rebuild it.
set -eu
. "$(dirname "$0")/lib.sh"
. "$TOP/scripts/progress.sh"

arch=x86_64 tree=ours variant='' copy_to=''
parsed=$(getopt -n run -s sh -o '' -l arch:,stock,debug,kcsan,copy-to: -- "$@") ||
	usage_error "wrong options for build"
eval "set -- $parsed"
while [ "$1" != -- ]; do
	case $1 in
	--arch) arch=$2; shift ;;
	--stock) tree=stock ;;
	--debug | --kcsan) variant=${1#--} ;;
	--copy-to) copy_to=$2; shift ;;
	esac
	shift
done
[ $# = 1 ] || usage_error "build takes no argument '$2'"
arch_vars "$arch"
name=$tree-$arch${variant:+-$variant}
out=$BUILD/$tree/o-$arch${variant:+-$variant}
log=$LOG/build-$name.log

# ccache knows an object of the two x86_64 trees by its preprocessed source: half of them are
# the same, which is worth a fifth more time for each that is compiled. Of arm64 none are,
# because processor.h comes to asm/hw_breakpoint.h; nor is there a second tree of a variant.
[ "$arch$variant" = x86_64 ] || export CCACHE_DEPEND=1

# In the background, which this becomes
kmake() {
	exec nice make -C "$BUILD/$tree" -j"$JOBS" ARCH="$KARCH" CROSS_COMPILE="$CROSS" \
		CC="ccache ${CROSS}gcc" O="$(basename "$out")" "$@"
}

# What a build from nothing prints, for the progress line
expected_lines() {
	[ ! -f "$out/vmlinux" ] || return 0
	case $name in *arm64*) echo 1810 ;; *) echo 1950 ;; esac
}

compile() {
	locked compile with_progress "$log" "building the $tree kernel ($arch${variant:+ $variant})" \
		"$(expected_lines)" kmake "$(basename "$IMAGE")" modules || {
		grep -E -m 12 'error:|Error |undefined reference' "$log" >&2 || :
		show_tail "$log"
		die "the kernel did not build: the whole log is ${log#"$TOP"/}"
	}
}

# What this kernel is built from; the tools in the tree are not, nor what is only read
inputs() {
	cat "$BUILD/stock.stamp" "$out/.config"
	[ "$tree" = stock ] || grep -vE '^"(tools/|Documentation/|MAINTAINERS")' "$BUILD/ours/.overlay.json"
}

build_kernel() {
	need_space 1500
	"$TOP/scripts/packages.sh" base kernel
	[ "$arch" != arm64 ] || "$TOP/scripts/packages.sh" arm64
	"$TOP/scripts/source.sh" "$tree"
	"$TOP/scripts/kconfig.sh" "$tree" "$arch" "$variant"
	key=$(inputs | sha256sum)
	if ! stamp_is "$out/.built" "$key" || [ ! -f "$out/$IMAGE" ]; then
		rm -f "$out/.built"
		compile
		stamp "$out/.built" "$key"
	fi
	[ -z "$copy_to" ] || cp "$out/$IMAGE" "$copy_to/kernel"
}

locked "kernel-$name" build_kernel
echo "$out/$IMAGE"
echo "$out/vmlinux"
