#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# debug.sh [OPTION...]: a guest that waits for gdb while it boots, and prints the line
# to attach with. Its console is on this terminal. The options are in ./run --help.
set -eu
. "$(dirname "$0")/lib.sh"
. "$TOP/scripts/qemu-run.sh"
. "$TOP/scripts/guest.sh"
. "$TOP/scripts/gdb-line.sh"

arch=x86_64 build_flags='' cpus=2 model='' append='' strict=''
parsed=$(getopt -n run -s sh -o '' -l arch:,stock,debug,cpus:,cpu:,append: -- "$@") ||
	usage_error "wrong options for debug"
eval "set -- $parsed"
while [ "$1" != -- ]; do
	case $1 in
	--arch) arch=$2; shift ;;
	--stock | --debug) build_flags="$build_flags $1" ;;
	--cpus) cpus=$2; shift ;;
	--cpu) model=$2; shift ;;
	--append) append="$append $2"; shift ;;
	esac
	shift
done
[ $# = 1 ] || usage_error "debug takes no argument '$2'"
case $cpus in '' | *[!0-9]* | 0) usage_error "not a positive number: '$cpus'" ;; esac
arch_vars "$arch"
append="$(gdb_line_options "$arch") $append"

# The console comes first: it is the first serial port. ^C ends QEMU.
debug_args() {
	printf '%s\n' -chardev stdio,id=console,signal=on -serial chardev:console
	gdb_line_args
}

# Once the kernel waits
invite() {
	port=$(gdb_line_port)
	until gdb_line_waits; do sleep 0.2; done
	cat <<-EOF

	gdb-multiarch $vmlinux -ex 'target remote 127.0.0.1:$port'

	EOF
	say "the kernel waits for that line in another terminal; 'echo g >/proc/sysrq-trigger'"
	say "in the guest's shell stops it again, ^C here ends it"
}

dir=$(mktemp -d "${TMPDIR:-/tmp}/hwb.XXXXXX")
line_dir=$dir
trap 'rm -rf "$dir"' EXIT
"$TOP/scripts/packages.sh" base gdb
"$TOP/scripts/qemu.sh"
# shellcheck disable=SC2086
vmlinux=$("$TOP/scripts/build.sh" --arch "$arch" $build_flags --copy-to "$dir" | tail -n 1)
"$TOP/scripts/root.sh" "$arch"
# sh would give a background command /dev/null to read
exec 3<&0
(start_qemu debug_args) <&3 &
qemu=$!
invite &
invite=$!
# Both are waited for: where process 1 reaps nothing, as in a container, an orphan would
# stay as a zombie
finish() {
	kill "$qemu" "$invite" 2>/dev/null || :
	wait
	rm -rf "$dir"
}
trap finish EXIT
trap 'exit 130' INT TERM HUP
wait "$qemu"
