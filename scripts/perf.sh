#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# perf.sh ARCH: build tools/perf of our tree into build/ours/o-ARCH-perf/perf.
# What perf can do without is left out: the build takes a minute.
set -eu
. "$(dirname "$0")/lib.sh"
. "$TOP/scripts/apt.sh"
. "$TOP/scripts/progress.sh"

arch=$1
arch_vars "$arch"
out=$BUILD/ours/o-$arch-perf
log=$LOG/perf-$arch.log
sysroot=$BUILD/sysroot-$arch

# The cross compiler knows libc only; perf's libraries come from packages
fetch_sysroot() {
	private_apt "$DEB_ARCH"
	apt_get libtraceevent-dev libelf-dev zlib1g-dev
	rm -rf "$sysroot" "$sysroot.new"
	mkdir -p "$sysroot.new/usr/lib"
	ln -s usr/lib "$sysroot.new/lib"
	apt_unpack "$sysroot.new" || die "cannot unpack packages below $BUILD: is the disk full?"
	mv "$sysroot.new" "$sysroot"
}

# Only when compiling for another machine
cross_flags() {
	[ -n "$CROSS" ] || return 0
	export PKG_CONFIG_LIBDIR="$sysroot/usr/lib/$TRIPLET/pkgconfig"
	export PKG_CONFIG_SYSROOT_DIR="$sysroot"
	EXTRA="--sysroot=$sysroot"
}

compile() {
	EXTRA=
	cross_flags
	# Its generated sources name the folder that they were generated in
	[ "$(cat "$out/made-in" 2>/dev/null)" = "$out" ] || rm -rf "$out"
	mkdir -p "$out"
	echo "$out" >"$out/made-in"
	locked compile with_progress "$log" "building perf ($arch)" 570 \
		nice make -C "$BUILD/ours/tools/perf" -j"$JOBS" O="$out" ARCH="$KARCH" \
		CROSS_COMPILE="$CROSS" CC="ccache ${CROSS}gcc" HOSTCC="ccache gcc" \
		EXTRA_CFLAGS="$EXTRA" LDFLAGS="$EXTRA" WERROR=0 V=0 \
		NO_LIBPERL=1 NO_LIBPYTHON=1 NO_JEVENTS=1 NO_SLANG=1 NO_GTK2=1 NO_LIBCRYPTO=1 NO_LIBUNWIND=1 \
		NO_LIBDW=1 NO_DWARF=1 NO_LIBDW_DWARF_UNWIND=1 NO_SDT=1 NO_LIBCAP=1 NO_JVMTI=1 \
		NO_LIBBABELTRACE=1 NO_LIBAUDIT=1 NO_LZMA=1 NO_LIBZSTD=1 NO_LIBNUMA=1 \
		NO_CAPSTONE=1 NO_LIBLLVM=1 NO_RUST=1 NO_LIBBPF=1 NO_LIBPFM4=1 NO_LIBDEBUGINFOD=1 NO_AUXTRACE=1 \
		BUILD_BPF_SKEL=0 NO_DEMANGLE=1 "$out/perf" || {
		grep -E -m 8 'error:|Error ' "$log" >&2 || :
		show_tail "$log"
		die "perf did not build: the whole log is ${log#"$TOP"/}"
	}
	"${CROSS}strip" -o "$out/perf.stripped" "$out/perf"
}

# Only libraries that the guest has, whatever else this machine offers
check_libraries() {
	needed=$(readelf -d "$out/perf" | sed -n 's/.*(NEEDED).*\[\(.*\)\.so.*/\1/p')
	for lib in $needed; do
		case $lib in
		libc | libelf | libm | libtraceevent | libz | ld-linux-*) ;;
		*) die "perf was linked with $lib, which the guest has not: see ${log#"$TOP"/}" ;;
		esac
	done
	case $needed in
	*libtraceevent*) ;;
	*) die "perf was built without libtraceevent: see ${log#"$TOP"/}" ;;
	esac
}

# Sources of ours that perf is built from, and stock's version
inputs() {
	cat "$BUILD/stock.stamp" "$TOP/scripts/perf.sh"
	grep '"tools/' "$BUILD/ours/.overlay.json" | grep -v '"tools/testing/'
}

build_perf() {
	"$TOP/scripts/packages.sh" base kernel perf
	[ "$arch" != arm64 ] || "$TOP/scripts/packages.sh" arm64
	"$TOP/scripts/source.sh" ours
	key=$(inputs | sha256sum)
	if made_from "$out/perf" "$key"; then return 0; fi
	need_space 800
	[ -z "$CROSS" ] || [ -d "$sysroot" ] || fetch_sysroot
	compile
	check_libraries
	stamp "$out/perf.stamp" "$key"
}

locked "perf-$arch" build_perf
