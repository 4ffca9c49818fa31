# SPDX-License-Identifier: GPL-2.0
# What scripts/check/kgdb-*.sh share: a real gdb at the serial line of either kernel,
# and kgdb's own tests. Sourced after check-lib.sh and gdb-line.sh, with $arch set.
# shellcheck shell=sh disable=SC2034,SC2154

gdb_limit=600
# QEMU's CPUs have as many for code
gdb_slots=4
[ "$arch" != arm64 ] || gdb_slots=6

# session TREE: one guest and one gdb; the results are in $LOG/check/kgdb-$arch.TREE.
# What gdb's script has not said has not passed. The stock kernel may hang at the end.
session() {
	line_dir=$CHECK_DIR/$1 _log=$LOG/check/kgdb-$arch.$1
	mkdir -p "$line_dir"
	: >"$_log"
	gdb_line_programs >&2 || return 1
	set -- "$1" "$(kernel_out "$1" "$arch")/vmlinux" "$gdb_tests/kgdb/kgdb.py"
	[ "$1" != stock ] || set -- "$@" --stock
	_tree=$1 _status=0
	shift
	KGDB_OUT=$_log gdb_line_session "$@" || _status=$?
	for _f in gdb guest line; do cp "$line_dir/$_f" "$_log.$_f"; done
	say "kgdb: the $_tree $arch session ended with status $_status"
	return $_status
}

# to_its_end: gdb and our kernel did not lose each other
to_its_end() {
	cat "$LOG/check/kgdb-$arch.ours.guest"
	return "$ours"
}

# side_by_side NAME
side_by_side() {
	"$TOP/scripts/defects.py" "$LOG/check/$1-$arch.stock" "$LOG/check/$1-$arch.ours"
}

kgdbts() {
	for _tree in stock ours; do
		guest "$_tree" "$arch" --timeout 120 "$gdb_tests/kgdb/kgdbts.sh" \
			>"$LOG/check/kgdbts-$arch.$_tree" || say "kgdbts: the $_tree guest ended with status $?"
	done
	side_by_side kgdbts
}

# What kdb's script has not said has not passed
kdb() {
	for _tree in stock ours; do
		line_dir=$CHECK_DIR/kdb.$_tree _log=$LOG/check/kdb-$arch.$_tree _stock=
		mkdir -p "$line_dir"
		gdb_line_programs >&2
		[ "$_tree" != stock ] || _stock=--stock
		# shellcheck disable=SC2086
		kdb_line_session $_stock >"$_log" || say "kdb: the $_tree session ended with status $?"
		for _f in kdb guest; do cp "$line_dir/$_f" "$_log.$_f"; done
	done
	side_by_side kdb
}

kgdb_cases() {
	mkdir -p "$LOG/check"
	session stock || :
	ours=0
	session ours || ours=$?
	subtest gdb side_by_side kgdb
	check_case gdb-and-the-guest-come-to-their-end to_its_end
	subtest kgdbts kgdbts
	subtest kdb kdb
	check_done
}
