#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# kconfig.sh TREE ARCH VARIANT: configure build/TREE/o-ARCH[-VARIANT].
# A requested option that did not survive is an error: a test that needs it
# would otherwise vanish without a word.
set -eu
. "$(dirname "$0")/lib.sh"

tree=$1 arch=$2 variant=$3
arch_vars "$arch"
out=$BUILD/$tree/o-$arch${variant:+-$variant}
fragments="$QEMU_DIR/common.config $QEMU_DIR/$arch.config"
# options which only one series of kernels has
for f in "$QEMU_DIR/$HWB_SERIES.config" "$QEMU_DIR/$HWB_SERIES-$arch.config"; do
	[ ! -f "$f" ] || fragments="$fragments $f"
done
[ -z "$variant" ] || fragments="$fragments $QEMU_DIR/$variant.config"
# options which only our tree has
[ "$tree" = stock ] || fragments="$fragments $QEMU_DIR/ours.config"

kmake() {
	make -C "$BUILD/$tree" ARCH="$KARCH" CROSS_COMPILE="$CROSS" CC="ccache ${CROSS}gcc" \
		O="$(basename "$out")" "$@"
}

configure() {
	mkdir -p "$out"
	kmake tinyconfig
	# shellcheck disable=SC2086
	(cd "$BUILD/$tree" && sh scripts/kconfig/merge_config.sh -m -O "$out" "$out/.config" $fragments)
	kmake olddefconfig
}

# Requested lines that .config does not honour
vanished() {
	# shellcheck disable=SC2086
	cat $fragments | grep '^CONFIG_' | while read -r line; do
		case $line in
		*=n) ! grep -q "^${line%=n}=" "$out/.config" || echo "$line" ;;
		*) grep -qxF "$line" "$out/.config" || echo "$line" ;;
		esac
	done
}

# What the configuration depends on besides the kernel's own version
inputs() {
	# shellcheck disable=SC2086
	{
		cat $fragments "$BUILD/stock.stamp"
		"${CROSS}gcc" --version
		[ "$tree" = stock ] || grep -o '"[^"]*Kconfig[^"]*": "[^"]*"' "$BUILD/ours/.overlay.json" || :
	} | sha256sum
}

key=$(inputs)
[ -f "$out/.config" ] && stamp_is "$out/.config.stamp" "$key" && exit 0
# a configuration that is interrupted must not pass for the one before
rm -f "$out/.config.stamp"
step "$LOG/config-$tree-$arch${variant:+-$variant}.log" "configuring $tree $arch $variant" configure
lost=$(vanished)
[ -z "$lost" ] || die "kernel options were requested but did not survive in $tree $arch $variant:
$lost
run: look up their dependencies in Kconfig and mend $QEMU_DIR"
stamp "$out/.config.stamp" "$key"
