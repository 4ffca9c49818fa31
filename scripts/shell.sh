#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# shell.sh [OPTION...]: an interactive guest; the options are in ./run --help.
set -eu
. "$(dirname "$0")/lib.sh"
. "$TOP/scripts/qemu-run.sh"
. "$TOP/scripts/guest.sh"

arch=x86_64 build_flags='' cpus=2 model='' append='' strict=''
parsed=$(getopt -n run -s sh -o '' -l arch:,stock,debug,kcsan,cpus:,cpu:,append: -- "$@") ||
	usage_error "wrong options for shell"
eval "set -- $parsed"
while [ "$1" != -- ]; do
	case $1 in
	--arch) arch=$2; shift ;;
	--stock | --debug | --kcsan) build_flags="$build_flags $1" ;;
	--cpus) cpus=$2; shift ;;
	--cpu) model=$2; shift ;;
	--append) append="$append $2"; shift ;;
	esac
	shift
done
[ $# = 1 ] || usage_error "shell takes no argument '$2'"
arch_vars "$arch"

terminal_args() { printf '%s\n' -serial mon:stdio; }

dir=$(mktemp -d "${TMPDIR:-/tmp}/hwb.XXXXXX")
trap 'rm -rf "$dir"' EXIT
"$TOP/scripts/packages.sh" base
"$TOP/scripts/qemu.sh"
# shellcheck disable=SC2086
"$TOP/scripts/build.sh" --arch "$arch" $build_flags --copy-to "$dir" >/dev/null
"$TOP/scripts/root.sh" "$arch"
say "Ctrl-A X ends the guest, and so does leaving its shell"
(start_qemu terminal_args)
