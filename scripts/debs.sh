#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# debs.sh ARCH [selftests | perf]...: the packages beside the kernel's own, by debhelper from
# scripts/package/debian: hwbp-selftests, linux-perf-hwbp. Prints their paths.
set -eu
. "$(dirname "$0")/lib.sh"
. "$TOP/scripts/package-lib.sh"

arch=$1
shift
arch_vars "$arch"
to=$BUILD/package
work=$to/tools-$arch/hwbp-tools

# The folder that debian/*.install names things in
lay() {
	rm -rf "$work"
	mkdir -p "$work/sbin" "$work/bin"
	cp -r "$TOP/scripts/package/debian" "$work/"
	sed -i "s/@MAINTAINER@/$DEBFULLNAME <$DEBEMAIL>/" "$work/debian/control"
	changelog hwbp-tools "Built from $(package_origin)" >"$work/debian/changelog"
	cp "$TOP/scripts/package/hwbp-selftest.8" "$work/"
	cp "$TOP/scripts/package/hwbp-selftest.sh" "$work/sbin/hwbp-selftest"
	cp -r "$selftests" "$work/selftests"
	echo "$KDEB_PKGVERSION" >"$work/selftests/version"
	[ -n "$perf" ] || return 0
	# not perf-hwbp, which perf would take for its subcommand
	cp "$perf" "$work/bin/perf_hwbp"
	cp "$TOP/tools/perf/Documentation/perf-hwbp.txt" "$work/"
}

pack() {
	cd "$work"
	[ -n "$perf" ] || export DEB_BUILD_PROFILES=pkg.hwbp-tools.noperf
	# what builds for another architecture is no package of that architecture: -d
	dpkg-buildpackage -b -d --no-sign -a"$DEB_ARCH"
}

# dpkg has put them beside the folder
build_debs() {
	"$TOP/scripts/packages.sh" base tools
	package_names
	step "$LOG/debs-$arch.log" "packing ($arch): $*" "$0" "$arch" pack "$selftests" "$perf"
	for what in "$@"; do
		case $what in
		perf) rm -f "$to/linux-perf-hwbp_"*"_$DEB_ARCH.deb" ;;
		selftests) rm -f "$to/hwbp-selftests_"*"_$DEB_ARCH.deb" ;;
		esac
	done
	for deb in "$work"/../*_"${KDEB_PKGVERSION}_$DEB_ARCH.deb"; do
		mv "$deb" "$to/"
		echo "$to/${deb##*/}"
	done
	rm -rf "${work%/*}"
}

if [ "${1:-}" = pack ]; then
	selftests=$2 perf=$3
	package_names
	lay
	pack
	exit 0
fi
perf=''
case " $* " in *" perf "*)
	"$TOP/scripts/perf.sh" "$arch"
	perf=$BUILD/ours/o-$arch-perf/perf.stripped ;;
esac
selftests=$("$TOP/scripts/selftests.sh" "$arch")
locked "debs-$arch" build_debs "$@"
