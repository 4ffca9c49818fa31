# SPDX-License-Identifier: GPL-2.0
# What the files in scripts/check/ share. Sourced after lib.sh; the contract is
# in check.sh.
# shellcheck shell=sh
#
#   check_case NAME COMMAND...   one test case; its output becomes diagnostics
#   subtest NAME COMMAND...      one that prints KTAP of its own
#   check_skip NAME WHY          one that cannot run here
#   check_done                   prints the KTAP; call it last
#   guest TREE ARCH [EXEC-OPTION...] FILE [ARG...]
#                                ./run exec on a kernel that was built already;
#                                TREE is stock or ours, or that with -debug or -kcsan
#   kernel_out TREE ARCH         the folder that kernel was built in

CHECK_DIR=$(mktemp -d "${TMPDIR:-/tmp}/hwb-check.XXXXXX")
trap 'rm -rf "$CHECK_DIR"' EXIT
trap 'exit 130' INT TERM HUP
: >"$CHECK_DIR/ktap"
check_count=0

check_case() {
	_case=$1
	shift
	check_count=$((check_count + 1))
	if ("$@") >"$CHECK_DIR/out" 2>&1 </dev/null; then
		echo "ok $check_count $_case" >>"$CHECK_DIR/ktap"
	else
		sed 's/^/# /' "$CHECK_DIR/out" >>"$CHECK_DIR/ktap"
		echo "not ok $check_count $_case" >>"$CHECK_DIR/ktap"
	fi
}

check_skip() {
	check_count=$((check_count + 1))
	echo "ok $check_count $1 # SKIP $2" >>"$CHECK_DIR/ktap"
}

# subtest NAME COMMAND...: what it prints is KTAP
subtest() {
	_case=$1
	shift
	check_count=$((check_count + 1))
	_ok=ok
	"$@" >"$CHECK_DIR/out" </dev/null || _ok='not ok'
	sed 's/^/    /' "$CHECK_DIR/out" >>"$CHECK_DIR/ktap"
	echo "$_ok $check_count $_case" >>"$CHECK_DIR/ktap"
}

check_done() {
	echo "KTAP version 1"
	echo "1..$check_count"
	cat "$CHECK_DIR/ktap"
}

guest() {
	_flags="--arch $2"
	case $1 in stock*) _flags="$_flags --stock" ;; esac
	case $1 in *-*) _flags="$_flags --${1#*-}" ;; esac
	shift 2
	# shellcheck disable=SC2086
	"$TOP/scripts/exec.sh" $_flags "$@"
}

kernel_out() {
	echo "$BUILD/${1%-*}/o-$2$(case $1 in *-*) echo "-${1#*-}" ;; esac)"
}
