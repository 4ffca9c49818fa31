#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# about: an event of any PMU takes no more memory than on stock
# needs: stock-x86_64 ours-x86_64 stock-arm64 ours-arm64
# packages: base kernel arm64
set -eu
. "$(dirname "$0")/../lib.sh"
. "$TOP/scripts/check-lib.sh"

# size TREE: bytes of struct perf_event there, as large as an array of an object
size() {
	_dir=$CHECK_DIR/$1-$KARCH
	mkdir -p "$_dir"
	echo 'obj-m := size.o' >"$_dir/Kbuild"
	printf '#include <linux/perf_event.h>\nchar event[sizeof(struct perf_event)%s];\n' "${more:-}" \
		>"$_dir/size.c"
	make -C "$(kernel_out "$1" "$arch")" ARCH="$KARCH" CROSS_COMPILE="$CROSS" \
		CC="ccache ${CROSS}gcc" M="$_dir" size.o >&2 || return
	"${CROSS}nm" -S --radix=d "$_dir/size.o" | awk '$4 == "event" { print $2 + 0 }'
}

no_larger() {
	_stock=$(size stock) && _ours=$(size ours) || return
	echo "stock $_stock bytes, ours $_ours"
	[ "$_stock" -gt 0 ] && [ "$_ours" -le "$_stock" ]
}

larger_is_found() {
	_stock=$(size stock)
	more=' + 64'
	_ours=$(size ours)
	[ "$_ours" -gt 0 ] && [ "$_ours" -gt "$_stock" ]
}

for arch in x86_64 arm64; do
	arch_vars $arch
	check_case "$arch, no larger" no_larger
done
check_case larger-is-found larger_is_found
check_done
