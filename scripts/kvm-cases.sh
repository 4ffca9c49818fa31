# SPDX-License-Identifier: GPL-2.0
# What scripts/check/kvm-*.sh share: the small VMM on the stock kernel and on ours,
# and what leaving and entering a guest costs. Sourced after check-lib.sh.
# shellcheck shell=sh disable=SC2154
#
#   kvm_make ARCH
#   kvm_machine NAME ARCH [EXEC-OPTION...]   cases of one kind of machine
#   kvm_costs ARCH GOAL...                   bench.py's goals; KTAP

. "$TOP/scripts/bench-lib.sh"

# A million exits, half of them in either of two cases; the stock kernel need not stand them
cpus=3 exits=10000 many='' without='' cases=''
[ -z "${CHECK_FULL:-}" ] || many=500000

kvm_make() {
	arch_vars "$1"
	mkdir -p "$LOG/check" "$CHECK_DIR/$1"
	make -s -C "$TOP/tools/testing/selftests/hw_breakpoint/kvm" CC="${CROSS}gcc" LDFLAGS=-static \
		OUTPUT="$CHECK_DIR/$1" >&2
	bench_make "$1"
}

# vmm TREE NAME ARCH [EXEC-OPTION...]: what it prints goes to $LOG/check/NAME.TREE, in
# the form that compare.py reads
vmm() {
	_tree=$1 _name=$2 _arch=$3 _many='' _not='' _status=0
	shift 3
	for _n in $without; do _not="$_not --not $_n"; done
	[ "$_tree" = stock ] || _many=$many
	{
		echo "# selftests: kvm/vmm"
		HWB_CONSOLE=$LOG/check/$_name.$_tree.console
		export HWB_CONSOLE
		# shellcheck disable=SC2086
		guest "$_tree" "$_arch" --cpus "$cpus" --timeout $((800 + ${_many:-0} / 200)) "$@" \
			"$CHECK_DIR/$_arch/vmm" --exits "$exits" ${_many:+--many "$_many"} $_not $cases ||
			_status=$?
		echo "# exit: $_status"
	} >"$LOG/check/$_name.$_tree"
	return "$_status"
}

# The lines of the program alone
vmm_ours() {
	vmm ours "$@" --strict || :
	grep -v '^# selftests: \|^# exit: ' "$LOG/check/$1.ours"
	grep -qx '# exit: 0' "$LOG/check/$1.ours"
}

vmm_compared() {
	vmm stock "$@" || say "$1: the stock guest ended with status $?"
	_status=0
	"$TOP/scripts/compare.py" "$1-beside-stock" "$LOG/check/$1.stock" "$LOG/check/$1.ours" >"$CHECK_DIR/compared" ||
		_status=1
	cat "$CHECK_DIR/compared"
	sed -n '/better  same worse$/,$p' "$CHECK_DIR/compared" >&2
	return "$_status"
}

# Bad input has the same answers
vmm_answers() {
	for _tree in stock ours; do
		grep '^# bad: ' "$LOG/check/$1.$_tree" >"$CHECK_DIR/$1.$_tree.bad"
	done
	diff "$CHECK_DIR/$1.stock.bad" "$CHECK_DIR/$1.ours.bad"
}

kvm_machine() {
	subtest "$1-counts" vmm_ours "$@"
	subtest "$1-beside-stock" vmm_compared "$@"
	check_case "$1-bad-input-is-answered-as-stock-does" vmm_answers "$1"
}

kvm_costs() {
	_dir=$CHECK_DIR/costs
	mkdir "$_dir"
	for _t in stock ours; do
		bench_count "$_t" "$1" "$_dir/$1-$_t-1-count.csv" -n 20 kvm
	done
	shift
	python3 "$TOP/scripts/bench.py" "$_dir" | sed -n '/^operation/,/^instructions:/p' |
		grep -v ^instructions: >&2
	python3 "$TOP/scripts/bench.py" --assert "$@" -- "$_dir"
}
