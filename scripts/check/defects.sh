#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# about: defects of the stock layer that every architecture has, stock and ours side by side
# needs: stock-x86_64 ours-x86_64 stock-arm64 ours-arm64
# packages: base arm64
# limit: 600
set -eu
. "$(dirname "$0")/../lib.sh"
. "$TOP/scripts/check-lib.sh"

tests=$TOP/tools/testing/selftests/hw_breakpoint
mkdir -p "$LOG/check"

# client TREE ARCH: the kernel client, for that kernel
client() {
	_dir=$CHECK_DIR/$2/$1
	mkdir -p "$_dir"
	cp "$tests"/module/* "$_dir/"
	make -C "$(kernel_out "$1" "$2")" ARCH="$KARCH" CROSS_COMPILE="$CROSS" \
		CC="ccache ${CROSS}gcc" M="$_dir" modules >&2
}

# every program in one guest
cat >"$CHECK_DIR/all" <<'E2'
#!/bin/sh
cd "$(dirname "$0")"
for p in context_swap task_exit task_exec modify restart side_by_side; do
	timeout 100 ./$p
done
# with a word: without what the emulator's x86 cannot do
timeout 100 ./probed $([ "$(uname -m)" = aarch64 ] || echo breakpoints)
timeout 60 sh hotplug.sh ./hwbp_client.ko
E2
chmod +x "$CHECK_DIR/all"

run_all() {
	_bin=$CHECK_DIR/$2
	guest "$1" "$2" --timeout 280 --with "$_bin/context_swap" --with "$_bin/task_exit" \
		--with "$_bin/task_exec" --with "$_bin/modify" --with "$_bin/restart" --with "$_bin/side_by_side" \
		--with "$_bin/probed" --with "$tests/hotplug.sh" \
		--with "$_bin/$1/hwbp_client.ko" "$CHECK_DIR/all" >"$LOG/check/defects-both-$2.$1" ||
		say "defects: the $1 $2 guest ended with status $?"
}

both() {
	arch_vars "$1"
	mkdir -p "$CHECK_DIR/$1"
	make -C "$tests" CC="${CROSS}gcc" LDFLAGS=-static OUTPUT="$CHECK_DIR/$1" >&2
	for _tree in stock ours; do
		client "$_tree" "$1"
		run_all "$_tree" "$1"
	done
	"$TOP/scripts/defects.py" "$LOG/check/defects-both-$1.stock" "$LOG/check/defects-both-$1.ours"
}

subtest x86_64 both x86_64
subtest arm64 both arm64
check_done
