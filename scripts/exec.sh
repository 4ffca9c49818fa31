#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# exec.sh [OPTION...] FILE [ARG...]: run a program of the user's own in a guest.
# The options are in ./run --help. Standard output is what the program printed,
# standard output and error together, byte for byte; the exit status is its own.
#   124  it ran out of time
#   125  the guest panicked or died without a verdict
set -eu
. "$(dirname "$0")/lib.sh"
. "$TOP/scripts/qemu-run.sh"
. "$TOP/scripts/guest.sh"

arch=x86_64 build_flags='' tree=ours root='' cpus=2 model='' append='' limit=600 strict=''
dir=$(mktemp -d "${TMPDIR:-/tmp}/hwb.XXXXXX")
trap 'rm -rf "$dir"' EXIT
trap 'exit 130' INT TERM HUP
: >"$dir/with"
: >"$dir/qemu-args"

options() {
	parsed=$(getopt -n run -s sh -o + -l arch:,stock,debug,kcsan,clients,nested,cpus:,cpu:,append:,timeout:,with:,qemu:,strict,series:,help -- "$@") ||
		usage_error "wrong options for exec"
	eval "set -- $parsed"
	while [ "$1" != -- ]; do
		case $1 in
		--arch) arch=$2; shift ;;
		--stock) tree=stock build_flags="$build_flags --stock" ;;
		--debug | --kcsan) build_flags="$build_flags $1" ;;
		--clients | --nested) root=${1#--} ;;
		--cpus) cpus=$2; shift ;;
		--cpu) model=$2; shift ;;
		--append) append="$append $2"; shift ;;
		--timeout) limit=$2; shift ;;
		--with) [ -e "$2" ] || usage_error "no such file: $2"; printf '%s\n' "$2" >>"$dir/with"; shift ;;
		--qemu) printf '%s\n' "$2" >>"$dir/qemu-args"; shift ;;
		--strict) strict=1 ;;
		--series) use_series "$2"; shift ;;
		--help) exec "$TOP/run" --help ;;
		esac
		shift
	done
	shift
	[ $# -gt 0 ] || usage_error "exec needs a program to run"
	for n in "$cpus" "$limit"; do
		case $n in '' | *[!0-9]* | 0) usage_error "not a positive number: '$n'" ;; esac
	done
	arch_vars "$arch"
	make_payload "$@"
}

options "$@"
"$TOP/scripts/packages.sh" base
"$TOP/scripts/qemu.sh"
# shellcheck disable=SC2086
"$TOP/scripts/build.sh" --arch "$arch" $build_flags --copy-to "$dir" >/dev/null
# shellcheck disable=SC2086 # a word or nothing
"$TOP/scripts/root.sh" "$arch" $root
say "booting $tree $arch$(case $build_flags in *debug*) echo ' debug' ;; *kcsan*) echo ' kcsan' ;; esac), $cpus CPUs"
boot_payload
report_verdict
