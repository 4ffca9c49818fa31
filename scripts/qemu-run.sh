# SPDX-License-Identifier: GPL-2.0
# Which QEMU binary runs, and with which libraries and firmware. Sourced.
# shellcheck shell=sh

QEMU_ROOT=$COMMON/qemu

qemu_binary() {
	case $1 in arm64) echo qemu-system-aarch64 ;; *) echo qemu-system-x86_64 ;; esac
}

# qemu_run ARCH ARG...: becomes QEMU; call it in a subshell, which can be killed
qemu_run() {
	_bin=$(qemu_binary "$1")
	shift
	if [ -x "$QEMU_ROOT/usr/bin/$_bin" ]; then
		_lib=$QEMU_ROOT/usr/lib/$(uname -m)-linux-gnu
		exec env LD_LIBRARY_PATH="$_lib:$QEMU_ROOT/lib/$(uname -m)-linux-gnu" \
			"$QEMU_ROOT/usr/bin/$_bin" -L "$QEMU_ROOT/usr/share/seabios" \
			-L "$QEMU_ROOT/usr/share/qemu" "$@"
	else
		exec "$_bin" "$@"
	fi
}

# qemu_good: both emulators start and are at least 9.1
qemu_good() {
	for _a in x86_64 arm64; do
		_v=$(qemu_run "$_a" --version 2>/dev/null |
			sed -n 's/.*version \([0-9]*\)\.\([0-9]*\).*/\1 \2/p')
		# shellcheck disable=SC2086
		set -- ${_v:-0 0}
		[ "$1" -gt 9 ] || { [ "$1" = 9 ] && [ "$2" -ge 1 ]; } || return 1
	done
}
