# SPDX-License-Identifier: GPL-2.0
# What scripts/check/upstream-*.sh share: upstream's suites on the stock kernel and
# on ours, compared. Sourced after check-lib.sh.
# shellcheck shell=sh disable=SC2154

# both ARCH FILE-NAME [EXEC-OPTION...] -- [GROUP...]: upstream.sh in both guests;
# what they print goes to $CHECK_DIR/FILE-NAME.stock and .ours
both() {
	_arch=$1 _name=$2 _options=''
	shift 2
	while [ "$1" != -- ]; do
		_options="$_options $1"
		shift
	done
	shift
	for _tree in stock ours; do
		# a guest that dies has printed less, and that is what counts
		# shellcheck disable=SC2086
		guest "$_tree" "$_arch" $_options --timeout 400 --with "$suites" \
			--append "kunit.enable=1 kunit.filter_glob=hw_breakpoint" \
			bash bin/upstream.sh "$@" >"$CHECK_DIR/$_name.$_tree" ||
			say "$_tree $_arch: the guest ended with status $?"
		cp "$CHECK_DIR/$_name.$_tree" "$LOG/check/$_name.$_tree"
	done
}

# compared FILE-NAME...: one KTAP subtest for each, better, same and worse; the
# table goes to standard error too
compared() {
	_all=0 _n=0
	echo "KTAP version 1"
	echo "1..$#"
	for _name in "$@"; do
		_n=$((_n + 1)) _ok=ok
		python3 "$TOP/scripts/compare.py" "$_name" "$CHECK_DIR/$_name.stock" \
			"$CHECK_DIR/$_name.ours" >"$CHECK_DIR/compared" || { _ok='not ok' _all=1; }
		sed 's/^/    /' "$CHECK_DIR/compared"
		sed -n '/better  same worse$/,$p' "$CHECK_DIR/compared" >&2
		echo "$_ok $_n $_name"
	done
	return $_all
}

mkdir -p "$LOG/check"
