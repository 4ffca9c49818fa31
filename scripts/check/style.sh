#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# about: checkpatch, sparse, W=1, kernel-doc, shellcheck, pyflakes, docs, long functions
# needs: trees ours-x86_64 ours-arm64
# packages: base kernel arm64 check
# limit: 900
set -eu
. "$(dirname "$0")/../lib.sh"
. "$TOP/scripts/check-lib.sh"
. "$TOP/scripts/checkpatch.sh"

max_lines=60
modules=tools/testing/selftests/hw_breakpoint

# In a folder of links, because checkpatch leaves a cache where it is called
checkpatch() {
	if [ ! -d "$CHECK_DIR/view" ]; then
		mkdir "$CHECK_DIR/view"
		ln -s "$TOP/"* "$TOP/.ci" "$CHECK_DIR/view"
	fi
	cd "$CHECK_DIR/view" || return 1
	perl "$BUILD/stock/scripts/checkpatch.pl" --strict --no-tree --terse --show-types \
		--no-summary -f "$1" >"$CHECK_DIR/checkpatch" 2>"$CHECK_DIR/errors"
	[ $? -le 1 ] || { cat "$CHECK_DIR/errors"; return 1; }
	while IFS=: read -r file line level type text; do
		is_allowed "$1" "$line" "$type" || echo "$file:$line:$level:$type:$text"
	done <"$CHECK_DIR/checkpatch" >"$CHECK_DIR/left"
	cat "$CHECK_DIR/left"
	[ ! -s "$CHECK_DIR/left" ]
}

kernel_doc() {
	# Perl's in 6.12, Python's in 7.x
	"$BUILD/stock/scripts/kernel-doc" -none -Wall "$1" 2>&1 | tee "$CHECK_DIR/left"
	[ ! -s "$CHECK_DIR/left" ]
}

# A warning about any other file is the kernel's.
our_warnings() {
	grep -E '(warning|error):' "$1" |
		grep -E '(kernel/events/hw_breakpoint/|arch/[^/]*/(kernel|include/asm)/hw_breakpoint|include/(linux|trace/events)/hw_breakpoint)'
}

# The objects are compiled anew, or what is up to date would say nothing
compile_strictly() {
	arch_vars "$1"
	objects="kernel/events/hw_breakpoint/ $(backend_objects)"
	out=$(kernel_out ours "$1")
	rm -f "$out/kernel/events/hw_breakpoint/"*.o "$out/kernel/events/hw_breakpoint/tests/"*.o \
		"$out/arch/$KARCH/kernel/hw_breakpoint"*.o
	# shellcheck disable=SC2086 # words are targets
	locked compile nice make -C "$BUILD/ours" -s -j"$JOBS" ARCH="$KARCH" CROSS_COMPILE="$CROSS" \
		CC="ccache ${CROSS}gcc" O="$(basename "$out")" W=1 C=2 CHECK=sparse \
		$objects >"$CHECK_DIR/strict" 2>&1 || { cat "$CHECK_DIR/strict"; return 1; }
	! our_warnings "$CHECK_DIR/strict"
}

sparse_and_w1() { locked "kernel-ours-$1" compile_strictly "$1"; }

# Lines of a function: ctags knows the end in C and Python, a brace in column 1 in sh
long_functions() {
	case $1 in
	*.[ch] | *.py)
		ctags -x --_xformat='%K %N %n %e' --kinds-c=f --kinds-python=fm "$1" |
			awk -v max=$max_lines '$4 - $3 >= max { print $2 ": " $4 - $3 + 1 " lines" }' ;;
	*)
		awk -v max=$max_lines '/^[a-z_0-9]+\(\) \{$/ { name = $1; start = NR }
			/^}/ && name { if (NR - start >= max) print name ": " NR - start + 1 " lines"; name = "" }' "$1" ;;
	esac >"$CHECK_DIR/long"
	cat "$CHECK_DIR/long"
	[ ! -s "$CHECK_DIR/long" ]
}

python() {
	python3 -c 'import sys; compile(open(sys.argv[1]).read(), sys.argv[1], "exec")' "$1" &&
		python3 -m pyflakes "$1"
}

hook_headers() {
	PYTHONPATH=$TOP/scripts PYTHONDONTWRITEBYTECODE=1 python3 -c '
import hook, series
for name in series.SERIES:
    n = sum(len(h) for h in hook.by_file("hooks", name).values())
    print(n, "hooks for", name)
    assert n'
}

docs() {
	python3 "$TOP/scripts/rst.py" "$BUILD/stock" "$BUILD/ours" "$1"
}

# ---- who changes which state ----

design=Documentation/core-api/hw_breakpoint-design.rst
manual=Documentation/core-api/hw_breakpoint.rst
core=kernel/events/hw_breakpoint

states() {
	title=$1
	shift
	python3 "$TOP/scripts/states.py" "${page:-$design}" "$title" "$@"
}

# differ PLACE SED: the tables of the slots, with one place changed
differ() {
	cp "$core/slots.c" "$core/commit.c" "$core/place.c" "$design" "$CHECK_DIR/" || return
	sed -E "$2" "$CHECK_DIR/$1" >"$CHECK_DIR/changed" || return
	! cmp -s "$CHECK_DIR/$1" "$CHECK_DIR/changed" || { echo "nothing to change by $2"; return 1; }
	mv "$CHECK_DIR/changed" "$CHECK_DIR/$1"
	! page=$CHECK_DIR/hw_breakpoint-design.rst \
		states Slots "$CHECK_DIR/slots.c" "$CHECK_DIR/commit.c" "$CHECK_DIR/place.c"
}

states_that_differ_are_found() {
	differ slots.c 's|^/. free, leaving -> installed |/* free -> installed |' &&
		differ commit.c 's|^( .\tinstalled, live\t+-> )resting|\1leaving|' &&
		differ slots.c 's|^(static .* )occupy\(|\1occupies(|' &&
		differ place.c 's|^ . placed -> leaving$| * placed|' &&
		differ place.c '/^ .\tplaced\t+-> installed/d' &&
		differ hw_breakpoint-design.rst 's|^(leaving +)free |\1live |' &&
		differ hw_breakpoint-design.rst 's|(  +leaving    )uninstall\(\)|\1install()|'
}

# Barriers, and the table that explains them
# shellcheck disable=SC2046 # no file of ours has a space in its name
barriers() {
	python3 "$TOP/scripts/barriers.py" "${page:-$design}" "$@" \
		$(files 'include/*.h' 'kernel/*.[ch]' 'arch/*.[ch]' 'series/*.h' | grep -v /tests/)
}

# unlabelled STATEMENT: one more barrier, or one that the document does not know, is found
unlabelled() {
	printf 'void f(void)\n{\n\t%s\n}\n' "$1" >"$CHECK_DIR/barrier.c"
	! barriers "$CHECK_DIR/barrier.c"
}

barriers_without_a_label_are_found() {
	unlabelled 'smp_mb();' && unlabelled 'barrier();	/* so that an NMI finds it */' &&
		unlabelled 'old = atomic64_fetch_sub_release(1, &ca->claims);' &&
		unlabelled 'isb();	/* isb:Z */' || return
	sed 's/told:A/told/' "$design" >"$CHECK_DIR/page.rst" || return
	! page=$CHECK_DIR/page.rst barriers || return
	sed 's/told:B/told:B, told:C/' "$design" >"$CHECK_DIR/page.rst" || return
	! page=$CHECK_DIR/page.rst barriers
}

# The table that scripts/attrs.py makes
differences() {
	python3 "$TOP/scripts/attrs.py" --table \
		"$TOP/tools/testing/selftests/hw_breakpoint/attrs.expected" \
		"$TOP/Documentation/core-api/hw_breakpoint.rst"
}

# tracepoints PAGE: it has the tracepoints that there are, each in its list, and no others
tracepoints() {
	sed -nE 's/^(TRACE_EVENT|DEFINE_EVENT)\(([a-z_]+, )?(hwbp_[a-z_]+),.*/\3/p' \
		include/trace/events/hw_breakpoint.h | sort >"$CHECK_DIR/traced" || return
	sed -n '/^Tracepoints$/,/^===/p' "$1" | grep '^``' | grep -oE 'hwbp_[a-z_]+' |
		sort >"$CHECK_DIR/documented" || return
	[ -s "$CHECK_DIR/traced" ] && diff "$CHECK_DIR/traced" "$CHECK_DIR/documented"
}

# shellcheck disable=SC2016 # the page's own quotes
tracepoints_that_differ_are_found() {
	sed 's/^``hw_breakpoint:hwbp_lend``$//' "$manual" >"$CHECK_DIR/page" &&
		! tracepoints "$CHECK_DIR/page" &&
		sed 's/, ``hwbp_release``/&, ``hwbp_gone``/' "$manual" >"$CHECK_DIR/page" &&
		! tracepoints "$CHECK_DIR/page"
}

files() { git -c safe.directory='*' ls-files -co --exclude-standard "$@" | sort -u; }

# every file that is there: a list may name what has just been removed
each() {
	what=$1
	shift
	for f in "$@"; do
		[ ! -f "$f" ] || check_case "$what-$f" "$(echo "$what" | tr - _)" "$f"
	done
}

# What code of the kernel's may print: sources, hooks, and the tests' modules
# shellcheck disable=SC2046 # no file of ours has a space in its name
raw_addresses() {
	python3 "$TOP/scripts/addresses.py" $(files 'include/*.h' 'kernel/*.[ch]' 'arch/*.[ch]' \
		'samples/*.c' 'hooks/*.cocci' "$modules/*module/*.c" "$modules/storm/*.[ch]" \
		"$modules/oops/*.c")
}

# found WHAT: the script complains of a file that has it as its one statement
found() {
	printf 'void f(void)\n{\n\t%s\n}\n' "$1" >"$CHECK_DIR/printing.c"
	! python3 "$TOP/scripts/addresses.py" "$CHECK_DIR/printing.c"
}

passed() { ! found "$1"; }

raw_addresses_are_found() {
	found 'pr_warn("%d%%, %s: %#llx\n", n, name, wide->attr.bp_addr);' &&
		found 'printk_deferred("(%*d) " "%px\n", 3, n, bp);' &&
		found 'WARN_ONCE(1, "%lu\n", (unsigned long)&x);' &&
		found 'TP_printk("%#lx", __entry->addr);' &&
		found 'seq_printf(m, "%s %llx\n", "a, b)", aim.addr);' &&
		passed 'pr_warn("CPU %d: %p, %pS\n", cpu, (void *)addr, (void *)ip);' &&
		passed 'seq_printf(m, "%#x %llx\n", mask, shown_address(m, addr));' &&
		passed '/* pr_err("%lx\n", addr); */'
}

# SC2317 takes what is called through "$@" for unreachable
shell_check() { shellcheck -e SC2317 -x -P SCRIPTDIR:scripts:scripts/check "$1"; }

c=$(files '*.[chS]')
sh=$(files run .ci/run '*.sh')
py=$(files '*.py')
# shellcheck disable=SC2046,SC2086 # no file of ours has a space in its name
{
	each checkpatch $c $sh $py $(files '*Kconfig*' '*Makefile*')
	each kernel-doc $(files 'include/*.h' 'kernel/*.[ch]' 'arch/*.[ch]' 'series/*.h')
	each shell-check $sh
	each python $py
	each long-functions $c $sh $py
	each docs $(files 'Documentation/*.rst')
}
check_case hook-headers hook_headers
check_case plan-of-patches python3 "$TOP/scripts/patches.py" --plan
check_case table-of-differences differences
check_case states-that-differ-are-found states_that_differ_are_found
check_case states-of-a-slot states Slots $core/slots.c $core/commit.c $core/place.c
check_case states-of-slot-registers states Loans $core/loan.c
check_case states-of-a-change states Changes $core/change.c
check_case barriers-without-a-label-are-found barriers_without_a_label_are_found
check_case barriers barriers
check_case tracepoints-that-differ-are-found tracepoints_that_differ_are_found
check_case tracepoints tracepoints $manual
check_case raw-addresses-are-found raw_addresses_are_found
check_case raw-addresses raw_addresses
check_case sparse-w1-x86_64 sparse_and_w1 x86_64
check_case sparse-w1-arm64 sparse_and_w1 arm64
check_done
