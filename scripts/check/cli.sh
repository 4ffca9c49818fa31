#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# about: ./run refuses wrong words with status 2; ^C ends a build and the tests
set -eu
. "$(dirname "$0")/../lib.sh"
. "$TOP/scripts/check-lib.sh"

refuses() {
	_got=0
	./run "$@" >"$CHECK_DIR/printed" 2>&1 || _got=$?
	cat "$CHECK_DIR/printed"
	[ "$_got" = 2 ] && [ -s "$CHECK_DIR/printed" ]
}

refuses_series() { HWB_SERIES=5.10 refuses build --arch x86_64; }

# refuses_config ARCH OPTION: that of the other architecture, or one without the option,
# which is named
refuses_config() {
	{
		echo CONFIG_X86_64=y
		cat tools/testing/selftests/hw_breakpoint/config
	} | grep -v "^CONFIG_${2:-none}=" >"$CHECK_DIR/config"
	refuses package --arch "$1" --config "$CHECK_DIR/config" &&
		grep "${2:-CONFIG_ARM64=y is not in it}" "$CHECK_DIR/printed"
}

helps() { ./run "$@" | grep -q '^usage: ./run'; }

# session SECONDS COMMAND...: ^C after so long, on a terminal of its own. Its status; fails
# if any of it is left.
session() {
	python3 -c '
import os, signal, subprocess, sys, time
p = subprocess.Popen(sys.argv[2:], start_new_session=True,
                     preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL))
time.sleep(int(sys.argv[1]))
os.killpg(p.pid, signal.SIGINT)
print("status", p.wait(30))
time.sleep(1)
left = []
for pid in filter(str.isdigit, os.listdir("/proc")):
    try:
        words = open("/proc/" + pid + "/cmdline", errors="replace").read().split("\0")
    except OSError:
        continue
    if int(pid) != os.getpid() and any(os.environ["CHECK_DIR"] in w for w in words):
        left.append(words)
print("left:", left)
sys.exit(bool(left))' "$@"
}

# checkout: one with scripts of its own
checkout() {
	export CHECK_DIR
	tree=$CHECK_DIR/tree
	rm -rf "$tree"
	stock=$tree/${BUILD#"$TOP/"}/stock
	mkdir -p "$tree/scripts/check" "$stock"
	cp -r run scripts "$tree/"
	rm -f "$tree"/scripts/check/*.sh
	ln -s "$BUILD/stock/tools" "$stock/tools"
}

interrupted_build() {
	checkout
	printf 'all:\n\tsleep 20\n' >"$tree/Makefile"
	cat >"$tree/scripts/compile.sh" <<-'END'
	#!/bin/sh
	. "$(dirname "$0")/lib.sh"
	. "$TOP/scripts/progress.sh"
	locked compile with_progress "$LOG/compile" building '' make -C "$TOP"
	END
	session 2 sh "$tree/scripts/compile.sh" && flock -n "$tree/build/lock/compile" true
}

# One that has the machine for itself, then those that are run two at a time
interrupted_check() {
	checkout
	for t in one two three; do
		printf '#!/bin/sh\n%s\n: %s\nsleep 20\n' "$1" "$CHECK_DIR" >"$tree/scripts/check/$t.sh"
	done
	session 3 python3 "$tree/scripts/check.py" one two three
}

# The kernel's Makefile refuses it, after the download
blank_path() {
	checkout
	mv "$tree" "$CHECK_DIR/a b"
	! "$CHECK_DIR/a b/scripts/source.sh" stock 2>"$CHECK_DIR/printed" || return 1
	grep 'without blanks' "$CHECK_DIR/printed"
}

# A python3 that is not Debian's does not find Debian's modules
foreign_python() {
	mkdir -p "$CHECK_DIR/bin"
	printf '#!/bin/sh\nexit 3\n' >"$CHECK_DIR/bin/python3"
	chmod +x "$CHECK_DIR/bin/python3"
	PATH=$CHECK_DIR/bin:$PATH ./run check --list
}

check_case help helps --help
check_case no-command refuses
check_case unknown-command refuses frobnicate
check_case build-unknown-option refuses build --fast
check_case build-unknown-arch refuses build --arch vax
check_case build-unknown-series refuses build --series 5.10
check_case series-without-name refuses build --series
check_case exec-unknown-series refuses exec --series 5.10 true
check_case unknown-series-of-environment refuses_series
check_case build-argument refuses build everything
check_case bench-unknown-arch refuses bench --arch vax
check_case bench-bad-number refuses bench --runs many
check_case exec-without-program refuses exec
check_case exec-missing-file refuses exec ./no/such/file
check_case exec-bad-number refuses exec --cpus many true
check_case shell-argument refuses shell ls
check_case debug-unknown-option refuses debug --fast
check_case debug-unknown-arch refuses debug --arch vax
check_case debug-bad-number refuses debug --cpus many
check_case debug-argument refuses debug vmlinux
check_case package-unknown-arch refuses package --arch vax
check_case package-unknown-part refuses package --only headers
check_case package-argument refuses package kernel
check_case package-missing-config refuses package --config ./no/such/file
check_case package-config-of-nothing refuses package --config README.md
check_case package-config-of-another-arch refuses_config arm64 ''
check_case package-config-lacks-what-is-needed refuses_config x86_64 PERF_EVENTS
check_case port-without-tree refuses port
check_case port-argument refuses port one two
check_case series-without-folder refuses series
check_case series-argument refuses series one two
check_case series-unknown-option refuses series --fast
check_case series-folder-is-full refuses series "$TOP/scripts"
check_case series-folder-is-file refuses series "$TOP/run"
check_case check-unknown-name refuses check no-such-check
check_case foreign-python foreign_python
check_case path-with-blanks blank_path
check_case build-is-interrupted interrupted_build
check_case check-is-interrupted interrupted_check '#'
check_case check-of-one-is-interrupted interrupted_check '# alone: yes'
check_done
