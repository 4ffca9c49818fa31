# SPDX-License-Identifier: GPL-2.0
# What ./run bench and its check share: measuring one kernel in a guest. Sourced
# after lib.sh.
# shellcheck shell=sh
#
#   bench_make ARCH...                 the plugins, and the program for the guests
#   bench_kernel TREE ARCH             see that it is built
#   bench_count TREE ARCH OUT WORD...  the plugin's counts, one CPU, as CSV; with
#                                      bench_cpus=N the kernel's on a machine that
#                                      may have so many, of which one is started
#   bench_lines TREE ARCH OUT CPUS REPEATS
#                                      writes to lines of the cache that other CPUs use, as
#                                      CSV, while so many CPUs do the same
#   bench_time TREE ARCH OUT WORD...   times on two CPUs, as CSV
# WORD... are the arguments of the program, see main.c in its folder. With bench_where=yes
# the plugin counts the kernel's functions one by one, too, for scripts/bench_where.py.

BENCH=$BUILD/bench
BENCH_SOURCE=$TOP/tools/testing/selftests/hw_breakpoint/bench

bench_make() { locked bench-make bench_make_all "$@"; }

bench_make_all() {
	mkdir -p "$BENCH"
	make -s -C "$TOP/tools/testing/hw_breakpoint/plugin" OUT="$BENCH" >&2
	for _a in "$@"; do
		arch_vars "$_a"
		mkdir -p "$BENCH/$_a"
		make -s -C "$BENCH_SOURCE" CC="${CROSS}gcc" LDFLAGS=-static OUTPUT="$BENCH/$_a" >&2
	done
}

bench_flags() {
	_flags="--arch $2"
	[ "$1" = ours ] || _flags="$_flags --stock"
	echo "$_flags"
}

bench_kernel() {
	# shellcheck disable=SC2046
	"$TOP/scripts/build.sh" $(bench_flags "$1" "$2") >/dev/null
}

# bench_exec TREE ARCH OPTION... PROGRAM WORD...
bench_exec() {
	_flags=$(bench_flags "$1" "$2")
	shift 2
	# shellcheck disable=SC2086
	nice "$TOP/scripts/exec.sh" $_flags --timeout 1800 \
		--append 'nokaslr rcupdate.rcu_cpu_stall_suppress=1' "$@"
}

# bench_plugin TREE ARCH OUT PLUGIN[,OPTION...] EXEC-OPTION... WORD...: the program under a
# plugin. The addresses are those of the kernel that is booted, or nothing was measured.
bench_plugin() {
	_tree=$1 _arch=$2 _out=$3 _plugin=$4
	shift 4
	_built=$BUILD/$_tree/o-$_arch/.built
	bench_kernel "$_tree" "$_arch"
	_before=$(cat "$_built")
	arch_vars "$_arch"
	python3 "$TOP/scripts/bench_entries.py" "$BUILD/$_tree/o-$_arch" "$KARCH" >"$_out.entries"
	(
		export HWB_ACCEL=tcg
		bench_exec "$_tree" "$_arch" --qemu -icount --qemu shift=2,sleep=off \
			--qemu -plugin --qemu "file=$BENCH/$_plugin,entries=$_out.entries,out=$_out" \
			"$@" >"$_out.printed" 2>&1
	) || { cat "$_out.printed" >&2; die "counting on $_tree $_arch failed"; }
	[ "$(cat "$_built" 2>/dev/null)" = "$_before" ] ||
		die "the kernel $_tree $_arch was built anew meanwhile: run this again"
}

# bench_functions TREE ARCH OUT: where all functions of that kernel are
bench_functions() {
	bench_kernel "$1" "$2"
	arch_vars "$2"
	python3 "$TOP/scripts/bench_entries.py" --all "$BUILD/$1/o-$2" "$KARCH" >"$3.functions"
}

bench_count() {
	_to=$3 _cpus=${bench_cpus:-1} _with=count.so _program=$BENCH/$2/bench
	if [ "${bench_where:-}" = yes ]; then
		bench_functions "$1" "$2" "$_to"
		_with=$_with,functions=$_to.functions,where=$_to.where
	fi
	[ "$_cpus" = 1 ] || _with=$_with,kernel=yes
	_in="$1 $2"
	shift 3
	# shellcheck disable=SC2086 # words are TREE and ARCH
	bench_plugin $_in "$_to" "$_with" --cpus "$_cpus" --append maxcpus=1 "$_program" "$@"
}

bench_lines() {
	bench_functions "$1" "$2" "$3"
	bench_plugin "$1" "$2" "$3" "lines.so,where=$3.where" --cpus "$4" \
		"$BENCH/$2/bench" -n "$5" "shared=$4"
}

bench_time() {
	_tree=$1 _arch=$2 _out=$3
	shift 3
	bench_exec "$_tree" "$_arch" --cpus 2 "$BENCH/$_arch/bench" "$@" >"$_out" 2>"$_out.errors" ||
		{ cat "$_out" "$_out.errors" >&2; die "timing on $_tree $_arch failed"; }
}
