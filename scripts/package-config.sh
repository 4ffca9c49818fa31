#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# package-config.sh ARCH [FILE]: configure build/ours/o-ARCH-package, which packages are
# made of: FILE, or Debian's cloud flavour, with package/package.config on top.
set -eu
. "$(dirname "$0")/lib.sh"
. "$TOP/scripts/apt.sh"
. "$TOP/scripts/package-lib.sh"

arch=$1 config=${2:-}
arch_vars "$arch"
out=$BUILD/ours/o-$arch-package
package_config=$TOP/scripts/package/package.config

# What is left of ours.config: nothing where there is no KUnit
configure() {
	mkdir -p "$out"
	if [ -n "$config" ]; then
		cat "$config" >"$out/base.config"
	else
		debian_config "cloud-$DEB_ARCH" >"$out/base.config"
	fi
	[ -s "$out/base.config" ]
	cd "$BUILD/ours"
	sh scripts/kconfig/merge_config.sh -m -O "$out" "$out/base.config" "$package_config" \
		"$QEMU_DIR/ours.config"
	make ARCH="$KARCH" CROSS_COMPILE="$CROSS" CC="ccache ${CROSS}gcc" HOSTCC="ccache gcc" \
		O="$(basename "$out")" olddefconfig
}

inputs() {
	cat "$BUILD/stock.stamp" "$package_config" "$QEMU_DIR/ours.config" "$TOP/scripts/package-config.sh"
	if [ -n "$config" ]; then cat "$config"; else echo cloud; fi
	grep -o '"[^"]*Kconfig[^"]*": "[^"]*"' "$BUILD/ours/.overlay.json" || :
	"${CROSS}gcc" --version
}

# the step is a process of its own: -e holds in it
if [ "${3:-}" = configure ]; then
	configure
	exit 0
fi
key=$(inputs | sha256sum)
if ! made_from "$out/.config" "$key"; then
	rm -f "$out/.config.stamp"
	what=${config:-"that of Debian's cloud kernel"}
	step "$LOG/config-package-$arch.log" "configuring the kernel to be packed: $what" \
		"$0" "$arch" "$config" configure
	stamp "$out/.config.stamp" "$key"
fi
lacking=$(config_lacks "$out/.config")
[ -z "$lacking" ] || die "the configuration has lost what the layer or its tests need: $lacking
run: look up what these depend on, set that, too, and run again"
