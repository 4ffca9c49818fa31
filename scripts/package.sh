#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# package.sh [--arch A] [--config FILE] [--only WHAT]...: Debian packages of the kernel, by
# its own bindeb-pkg, and of perf and the selftests beside it. Prints their paths.
set -eu
. "$(dirname "$0")/lib.sh"
. "$TOP/scripts/apt.sh"
. "$TOP/scripts/package-lib.sh"
. "$TOP/scripts/progress.sh"

arch=x86_64 config='' only=''

options() {
	parsed=$(getopt -n run -s sh -o '' -l arch:,config:,only: -- "$@") ||
		usage_error "wrong options for package"
	eval "set -- $parsed"
	while [ "$1" != -- ]; do
		case $1 in
		--arch) arch=$2 ;;
		--config) config=$2 ;;
		--only)
			case $2 in
			kernel | perf | selftests) only="$only $2" ;;
			*) usage_error "--only needs kernel, perf or selftests, not '$2'" ;;
			esac ;;
		esac
		shift 2
	done
	[ $# = 1 ] || usage_error "package takes no argument '$2'"
	only=${only:-kernel perf selftests}
	arch_vars "$arch"
}

# ---- the configuration ----

# As the kernel calls the architecture
arch_option() { case $arch in x86_64) echo CONFIG_X86_64=y ;; arm64) echo CONFIG_ARM64=y ;; esac; }

# Before anything is fetched or built
check_config() {
	{ [ -f "$config" ] && [ -r "$config" ]; } || usage_error "no such configuration: $config"
	grep -qx "$(arch_option)" "$config" ||
		usage_error "$config is no whole configuration for $arch: $(arch_option) is not in it"
	_lacking=$(config_lacks "$config")
	[ -z "$_lacking" ] ||
		usage_error "$config lacks what the layer or its tests need; set in it: $_lacking"
}

# The machine's own kernel is the one to be replaced, if it is of that architecture
choose_config() {
	_own=/boot/config-$(uname -r)
	if [ -n "$config" ]; then
		check_config
	elif [ -r "$_own" ] && grep -qx "$(arch_option)" "$_own"; then
		config=$_own
		check_config
	fi
}

# ---- the kernel ----

# Programs of the headers' package are built for that architecture, and one needs libcrypto
foreign_openssl() {
	[ -n "$CROSS" ] || return 0
	sysroot=$BUILD/sysroot-openssl-$arch
	if [ ! -d "$sysroot" ]; then
		private_apt "$DEB_ARCH"
		apt_get libssl-dev
		rm -rf "$sysroot.new"
		mkdir -p "$sysroot.new"
		apt_unpack "$sysroot.new" || die "cannot unpack packages below $BUILD: is the disk full?"
		# alone: libc's linker scripts beside it name paths of that architecture
		mkdir "$sysroot.new/alone"
		mv "$sysroot.new/usr/lib/$TRIPLET/libcrypto."* "$sysroot.new/alone/"
		mv "$sysroot.new" "$sysroot"
	fi
	# behind the machine's own, which are there for the programs of this build
	host_cflags="-idirafter $sysroot/usr/include -idirafter $sysroot/usr/include/$TRIPLET"
	host_ldflags="-L$sysroot/alone"
}

# Becomes make, as with_progress wants it
kmake() {
	exec nice make -C "$BUILD/ours" -j"$JOBS" ARCH="$KARCH" CROSS_COMPILE="$CROSS" \
		CC="ccache ${CROSS}gcc" HOSTCC="ccache gcc" O="$(basename "$out")" \
		HOSTCFLAGS="$host_cflags" HOSTLDFLAGS="$host_ldflags" "$@"
}

# The kernel first, as bindeb-pkg builds it: dpkg's processes would not hear ^C in the
# background, and this takes the time
build() { kmake KBUILD_BUILD_VERSION="${KDEB_PKGVERSION##*-}" headers all; }

bindeb() { (kmake DPKG_FLAGS="--hook-init=$TOP/scripts/package/changelog.sh" bindeb-pkg); }

# What a build may need: a guess by the number of modules, with debug information or without
space() {
	_each=2
	! grep -qx CONFIG_DEBUG_INFO=y "$out/.config" || _each=6
	echo $((3000 + _each * $(grep -c '=m$' "$out/.config")))
}

compile() {
	HWBP_ORIGIN=$(package_origin | xargs)
	DEB_BUILD_PROFILES=pkg.linux-hwbp.nokerneldbg
	export HWBP_ORIGIN DEB_BUILD_PROFILES
	log=$LOG/$name.log
	locked compile with_progress "$log" "building the kernel to be packed ($arch)" '' build || {
		grep -E -m 12 'error:|Error |undefined reference' "$log" >&2 || :
		show_tail "$log"
		die "the kernel did not build: the whole log is ${log#"$TOP"/}; the next call goes on"
	}
	step "$LOG/$name-deb.log" "packing the kernel ($arch)" bindeb
}

# Not linux-libc-dev, which would replace Debian's, nor what goes with an upload
keep() {
	rm -f "$to/linux-image-"*"_$DEB_ARCH.deb" "$to/linux-headers-"*"_$DEB_ARCH.deb"
	mv "$BUILD/ours/linux-image-"*"_${KDEB_PKGVERSION}_$DEB_ARCH.deb" \
		"$BUILD/ours/linux-headers-"*"_${KDEB_PKGVERSION}_$DEB_ARCH.deb" "$to/"
	rm -f "$BUILD/ours/"*.deb "$BUILD/ours/"*.changes "$BUILD/ours/"*.buildinfo
}

kernel_inputs() {
	echo "$KDEB_PKGVERSION"
	cat "$out/.config"
	grep -vE '^"(tools|Documentation)/' "$BUILD/ours/.overlay.json"
}

build_kernel() {
	"$TOP/scripts/packages.sh" base kernel tools package
	[ "$arch" != arm64 ] || "$TOP/scripts/packages.sh" arm64
	"$TOP/scripts/source.sh" ours
	"$TOP/scripts/package-config.sh" "$arch" "$config"
	package_names
	_key=$(kernel_inputs | sha256sum)
	if made_from "$out/.packaged" "$_key"; then return 0; fi
	[ -f "$out/vmlinux" ] || need_space "$(space)"
	need_space 2000
	foreign_openssl
	_began=$(date +%s)
	compile
	keep
	: >"$out/.packaged"
	stamp "$out/.packaged.stamp" "$_key"
	say "the kernel's packages took $(($(date +%s) - _began)) s and $(du -sm "$out" | cut -f 1) MB"
}

options "$@"
choose_config
name=package-$arch
out=$BUILD/ours/o-$arch-package
to=$BUILD/package
host_cflags='' host_ldflags=''
mkdir -p "$to"
beside=''
for what in $only; do
	if [ "$what" = kernel ]; then
		locked "$name" build_kernel
		ls "$to/linux-image-"*"_$DEB_ARCH.deb" "$to/linux-headers-"*"_$DEB_ARCH.deb"
	else
		beside="$beside $what"
	fi
done
# shellcheck disable=SC2086 # words
[ -z "$beside" ] || "$TOP/scripts/debs.sh" "$arch" $beside
