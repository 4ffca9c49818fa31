# SPDX-License-Identifier: GPL-2.0
# Names, messages, locks and progress that every script here shares. Sourced.
# shellcheck shell=sh
#
# Standard output belongs to the user's program or to the result that was asked
# for; everything a script has to say goes to standard error.

# the scripts' own folder is the anchor: they are started by absolute path
TOP=$(cd "$(dirname "$0")" && while [ ! -f run ] && [ "$PWD" != / ]; do cd ..; done && pwd -P)
# what all series of kernels share: QEMU, the compiler's cache, some locks
COMMON=$TOP/build
QEMU_DIR=$TOP/tools/testing/selftests/hw_breakpoint/qemu
export TOP COMMON QEMU_DIR
# What is installed from Debian is what is called, whatever else the machine has: a
# python3 of another origin does not find Debian's modules
PATH=/usr/sbin:/usr/bin:/sbin:/bin:$PATH
unset PYTHONHOME PYTHONPATH
export PATH LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive
# kbuild drops LC_ALL; and to ccache an object compiled under another locale is another one
unset LC_CTYPE LC_MESSAGES LANGUAGE
export LANG=C.UTF-8
umask 022

say() { printf '%s\n' "run: $*" >&2; }
die() { say "$*"; exit 1; }

# usage MESSAGE: the caller's words were wrong
usage_error() { say "$*"; say "see ./run --help"; exit 2; }

codename() { (. /etc/os-release && echo "${VERSION_CODENAME:-trixie}"); }

# The newest of ours that this Debian offers as its own kernel, apart from backports.
# Debian 12's is none of ours; its backports have 6.12.
default_series() { case $(codename) in bookworm | trixie) echo 6.12 ;; *) echo 7.x ;; esac; }

# use_series SERIES: where its trees and all that is made of them lie. 6.12 was there
# first and has no folder of its own in build/.
use_series() {
	case $1 in
	6.12) BUILD=$COMMON ;;
	7.x) BUILD=$COMMON/$1 ;;
	*) usage_error "unknown series '$1': 6.12 or 7.x" ;;
	esac
	HWB_SERIES=$1 LOG=$BUILD/log CCACHE_BASEDIR=$BUILD
	export HWB_SERIES BUILD LOG CCACHE_BASEDIR
	{ mkdir -p "$LOG" "$COMMON/lock" "$BUILD/lock" 2>/dev/null && [ -w "$LOG" ] &&
		[ -w "$COMMON/lock" ] && [ -w "$BUILD/lock" ]; } || {
		echo "run: cannot write below $BUILD: check its owner and the free space" >&2
		exit 1
	}
}
use_series "${HWB_SERIES:-$(default_series)}"

# locked NAME COMMAND...: one at a time among all ./run of this checkout, or of a series if
# it makes what is of that series; the lock called compile is held around whatever uses all
# cores, inside the others
locked() {
	_name=$1 _locks=$BUILD/lock
	case $_name in compile | packages | qemu | apt-*) _locks=$COMMON/lock ;; esac
	shift
	(
		flock -n 9 || { say "waiting for another ./run ($_name)"; flock 9; }
		"$@"
	) 9>"$_locks/$_name"
}

# show_tail LOGFILE: the end of a log, for a failure
show_tail() {
	say "the end of ${1#"$TOP"/}:"
	tail -n 25 "$1" >&2
}

# need_space MEGABYTES: a full disk should be said, not met half way
need_space() {
	_free=$(df -Pm "$BUILD" | awk 'NR == 2 { print $4 }')
	[ "$_free" -ge "$1" ] ||
		die "$BUILD has $_free MB free and this step needs $1 MB: make room and run again"
}

# What a finished step was made from: stamp_is STAMP VALUE, stamp STAMP VALUE;
# made_from PATH VALUE: PATH is there and its stamp says so
stamp_is() { [ -f "$1" ] && [ "$(cat "$1")" = "$2" ]; }
made_from() { [ -e "$1" ] && stamp_is "$1.stamp" "$2"; }
stamp() { printf '%s\n' "$2" >"$1.new" && mv "$1.new" "$1"; }

# step LOGFILE WHAT COMMAND...: run quietly into a log, show its end on failure
step() {
	_log=$1 _what=$2
	shift 2
	say "$_what"
	"$@" >"$_log" 2>&1 </dev/null || {
		show_tail "$_log"
		die "failed: $_what; mend the cause above and run the same command again"
	}
}

# arch_vars ARCH: what kbuild, gcc and Debian call it
arch_vars() {
	case $1 in
	x86_64)
		KARCH=x86 CROSS='' DEB_ARCH=amd64 TRIPLET=x86_64-linux-gnu
		IMAGE=arch/x86/boot/bzImage ;;
	arm64)
		KARCH=arm64 CROSS=aarch64-linux-gnu- DEB_ARCH=arm64 TRIPLET=aarch64-linux-gnu
		IMAGE=arch/arm64/boot/Image ;;
	*)
		usage_error "unknown architecture '$1': x86_64 or arm64" ;;
	esac
	export KARCH CROSS DEB_ARCH TRIPLET IMAGE
}

# backend_objects: those of the back end of arch_vars' ARCH
backend_objects() {
	for _source in "$TOP/arch/$KARCH/kernel/hw_breakpoint"*.c; do
		_source=${_source#"$TOP"/}
		echo "${_source%.c}.o"
	done
}

# compiler cache: stock and ours share objects, since both see themselves as '..'
export CCACHE_DIR="${CCACHE_DIR:-$COMMON/ccache}" CCACHE_NOHASHDIR=1
export CCACHE_MAXSIZE=4G CCACHE_COMPILERCHECK="${CCACHE_COMPILERCHECK:-content}"
export KBUILD_BUILD_TIMESTAMP='1970-01-01 00:00:00 UTC'
export KBUILD_BUILD_USER=hwb KBUILD_BUILD_HOST=guest
JOBS=${HWB_JOBS:-$(nproc)}
export JOBS
