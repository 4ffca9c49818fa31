#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# about: the package of selftests: complete, runs without a compiler, puts everything back
# needs: stock-x86_64 ours-x86_64 ours-arm64
# packages: base kernel tools arm64
# limit: 900
set -eu
. "$(dirname "$0")/../lib.sh"
. "$TOP/scripts/check-lib.sh"

mkdir -p "$LOG/check"
# Some of each kind, for each minute that the emulator takes; with --full all
some='task_exit task_exec x86_ptrace arm64_words soak vmm'

# deb ARCH: the package, built and unpacked
deb() {
	package=$("$TOP/run" package --arch "$1" --only selftests) || return
	mkdir -p "$CHECK_DIR/$1"
	dpkg-deb -x "$package" "$CHECK_DIR/$1/hwbp"
	dpkg-deb -I "$package" >"$CHECK_DIR/$1/control"
	cat "$CHECK_DIR/$1/control"
	grep -qx " Architecture: $DEB_ARCH" "$CHECK_DIR/$1/control" &&
		grep -q "^ Version: $(cat "$BUILD/stock.stamp")+hwbp" "$CHECK_DIR/$1/control"
}

builds() { (arch_vars "$1"; deb "$1"); }

# Every program of the Makefile's lists is there, static and for that architecture
complete() {
	_lib=$CHECK_DIR/$1/hwbp/usr/lib/hwbp-selftests _status=0
	case $1 in x86_64) _machine='X86-64' ;; arm64) _machine=AArch64 ;; esac
	sed 's|:|/|' "$_lib/kselftest-list.txt" >"$CHECK_DIR/programs"
	echo hw_breakpoint/slots >>"$CHECK_DIR/programs"
	for _p in oracle vmm "$2"; do
		grep -qx "hw_breakpoint/$_p" "$CHECK_DIR/programs" || { echo "no $_p"; _status=1; }
	done
	while read -r _p; do
		readelf -hl "$_lib/$_p" >"$CHECK_DIR/elf" || _status=1
		grep -q "Machine:.*$_machine" "$CHECK_DIR/elf" || { echo "$_p is for another machine"; _status=1; }
		! grep -q INTERP "$CHECK_DIR/elf" || { echo "$_p needs libraries"; _status=1; }
	done <"$CHECK_DIR/programs"
	[ -s "$CHECK_DIR/$1/hwbp/usr/share/man/man8/hwbp-selftest.8.gz" ] && return $_status
}

selftest() { "$CHECK_DIR/x86_64/hwbp/usr/sbin/hwbp-selftest" "$@"; }

helps() { selftest --help | grep '^usage: hwbp-selftest'; }

# The manual has every option that --help has
described() {
	gzip -dc "$CHECK_DIR/x86_64/hwbp/usr/share/man/man8/hwbp-selftest.8.gz" >"$CHECK_DIR/man"
	selftest --help | grep -o -- '--[a-z]*' | sort -u | while read -r _option; do
		grep -q -- "Fl -${_option#--}" "$CHECK_DIR/man" || { echo "$_option is not in the manual"; exit 1; }
	done
}

refuses() {
	_got=0
	selftest "$@" >"$CHECK_DIR/printed" 2>&1 || _got=$?
	cat "$CHECK_DIR/printed"
	[ "$_got" = 2 ] && grep -q '^hwbp-selftest: ' "$CHECK_DIR/printed"
}

# Whoever is not root is told so
not_root() {
	chmod 755 "$CHECK_DIR" "$CHECK_DIR/x86_64"
	! setpriv --reuid 65534 --clear-groups "$CHECK_DIR/x86_64/hwbp/usr/sbin/hwbp-selftest" \
		>"$CHECK_DIR/printed" 2>&1 || return 1
	grep 'as root' "$CHECK_DIR/printed"
}

# In the guest: what there is before and after, without asking the program
cat >"$CHECK_DIR/whole" <<'E2'
#!/bin/sh
cd "$(dirname "$0")"
state() {
	sort /proc/mounts
	cut -d ' ' -f 1 /proc/modules | sort
	for f in /sys/devices/system/cpu/cpu*/online $(find /proc/sys/kernel -name 'perf_*') \
		/proc/sys/kernel/panic /proc/sys/kernel/kptr_restrict /proc/sys/kernel/tainted; do
		echo "$f $(cat $f)"
	done
}
! command -v gcc cc || exit 99
umount /sys/kernel/debug
echo 99 >/proc/sys/kernel/perf_cpu_time_max_percent
state >before
hwbp/usr/sbin/hwbp-selftest "$@" >log 2>&1 &
# a test that is to be stopped, when it has taken CPUs down
if [ "$*" = soak ]; then
	until grep -q '^# selftests: hw_breakpoint: soak' log || ! kill -0 $!; do sleep 1; done
	sleep 5
	kill $!
fi
wait $!
status=$?
cat log
state >after
cmp_state() { [ "$(cat before)" = "$(cat after)" ]; }
cmp_state || { echo "# before"; sed 's/^/# /' before; echo "# after"; sed 's/^/# /' after; exit 98; }
exit $status
E2
chmod +x "$CHECK_DIR/whole"

# in_guest TREE ARCH [ARG...]: what it prints is kept
in_guest() {
	_tree=$1 _arch=$2 _log=$LOG/check/package-$2.$1 _status=0
	shift 2
	guest "$_tree" "$_arch" --cpus 2 --timeout 600 --with "$CHECK_DIR/$_arch/hwbp" \
		"$CHECK_DIR/whole" "$@" >"$_log" || _status=$?
	cat "$_log"
	return $_status
}

# Those of $some that this package has
tests() {
	_list=$CHECK_DIR/$1/hwbp/usr/lib/hwbp-selftests/kselftest-list.txt
	[ -n "${CHECK_FULL:-}" ] || for _t in $some; do sed -n "s/^hw_breakpoint:$_t\$/${_t}/p" "$_list"; done
}

# Stopped while CPUs go and come: everything is put back then, too
stopped() {
	_status=0
	in_guest ours "$1" soak || _status=$?
	[ $_status = 130 ] && grep '^# selftests: hw_breakpoint: soak' "$LOG/check/package-$1.ours" &&
		! grep '^ok 1 ' "$LOG/check/package-$1.ours"
}

summary() { grep "^# $2" "$LOG/check/package-x86_64.$1"; }

for a in x86_64 arm64; do check_case "builds-$a" builds $a; done
check_case complete-x86_64 complete x86_64 x86_ptrace
check_case complete-arm64 complete arm64 arm64_words
check_case help helps
check_case manual described
check_case unknown-option refuses --fast
check_case unknown-test refuses no_such_test
check_case bad-number refuses --timeout many
check_case needs-root not_root
for a in x86_64 arm64; do
	# shellcheck disable=SC2046 # words
	subtest "runs-$a" in_guest ours $a $(tests $a)
done
check_case says-that-the-layer-is-there summary ours 'the layer: this kernel has it'
check_case says-how-many-slots summary ours 'free slots, CPUs 0-1: 4, for instructions or data'
if [ -n "${CHECK_FULL:-}" ]; then
	check_case stopped stopped x86_64
	subtest runs-with-the-stock-kernel in_guest stock x86_64
	check_case says-that-the-layer-is-not summary stock 'the layer: this kernel has not got it'
fi
check_done
