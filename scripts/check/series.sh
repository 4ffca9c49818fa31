#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# about: ./run series: git am takes the patches, they make our tree; each is in the kernel's style
# needs: trees
# packages: base kernel check
# limit: 900
#
# That the kernel builds after each of them is shown by ./run check --full patches.
set -eu
. "$(dirname "$0")/../lib.sh"
. "$TOP/scripts/check-lib.sh"
. "$TOP/scripts/checkpatch.sh"
. "$TOP/scripts/patches-lib.sh"

dir=$CHECK_DIR/patches
# beside the kernel's tree, whose files it has as hard links
tree=$BUILD/series-check
trap 'rm -rf "$tree" "$CHECK_DIR"' EXIT

# ---- all of the patches ----

makes_patches() {
	./run series --series "$HWB_SERIES" "$dir" || return 1
	[ -s "$dir/0000-cover-letter.patch" ] || return 1
	_n=$(find "$dir" -name '*.patch' ! -name '0000-*' | wc -l)
	echo "$_n patches"
	[ "$_n" -gt 1 ] && [ "$_n" -le 15 ]
}

applies() { pristine "$BUILD/stock" "$dir" "$tree" && am "$dir" "$tree"; }

# Byte for byte; what the kernel's own scripts leave behind is in neither
is_ours() {
	diff -rq --no-dereference -x 'o-*' -x .git -x .overlay.json -x __pycache__ "$tree" "$BUILD/ours"
}

# The cover letter is what all are replies to, and who sends them signs them
threads() {
	_id=$(sed -n 's/^Message-I[dD]: //p' "$dir/0000-cover-letter.patch")
	for _patch in "$dir"/*.patch; do
		! grep -i '^signed-off-by' "$_patch" || return 1
		case $_patch in */0000-*) continue ;; esac
		grep -qxF "In-Reply-To: $_id" "$_patch" || { echo "$_patch is no reply"; return 1; }
	done
}

# Where it was measured the tables are in it
cover() {
	_letter=$dir/0000-cover-letter.patch
	for _word in 'New exports' 'kernel/events/core.c' 'It applies to Linux' 'files changed'; do
		grep -qF "$_word" "$_letter" || { echo "it does not say '$_word'"; return 1; }
	done
	if [ -f "$BUILD/bench/bench.json" ]; then
		grep -q '^operation .*ours/stock' "$_letter"
	else
		grep -q 'It has not been measured' "$_letter"
	fi
}

# ---- each patch ----

# Subsystem, colon, a capital; no full stop, and no line too long for a terminal
message() {
	_subject=$(git -C "$tree" log -1 --format=%s "$1")
	git -C "$tree" log -1 --format=%B "$1" >"$CHECK_DIR/message"
	# perf's own subcommands are named as they are called
	echo "$_subject" | grep -Eq '^(perf )?([a-zA-Z0-9_/-]+: )+[A-Z].*[^.]$' || { echo "subject: $_subject"; return 1; }
	! grep -nE '^.{76}' "$CHECK_DIR/message" && [ "$(sed 1,2d "$CHECK_DIR/message" | wc -w)" -ge 10 ]
}

checkpatch() {
	(cd "$CHECK_DIR" && perl "$BUILD/stock/scripts/checkpatch.pl" --root="$BUILD/stock" --strict --terse \
		--showfile --show-types --no-summary --no-signoff "$1") >"$CHECK_DIR/said" 2>"$CHECK_DIR/errors" ||
		[ $? = 1 ] || { cat "$CHECK_DIR/errors"; return 1; }
	cd "$tree" || return 1
	while IFS=: read -r _file _line _level _type _text; do
		case " $(allowed_in_patches "$_file" | xargs) " in *" $_type "*) continue ;; esac
		is_allowed "$_file" "$_line" "$_type" || echo "$_file:$_line:$_level:$_type:$_text"
	done <"$CHECK_DIR/said" >"$CHECK_DIR/left"
	cat "$CHECK_DIR/left"
	[ ! -s "$CHECK_DIR/left" ]
}

# Of what the patch brings, not of what it edits
# shellcheck disable=SC2046 # no file of ours has a space in its name
kernel_doc() {
	set -- $(git -C "$tree" diff --name-only --diff-filter=d "$1~" "$1" -- '*.[ch]' | grep -v ^tools/ |
		while read -r _file; do
			[ ! -f "$_file" ] && [ ! -f "series/$HWB_SERIES/$_file" ] || echo "$tree/$_file"
		done)
	[ $# -gt 0 ] || return 0
	"$BUILD/stock/scripts/kernel-doc" -none -Wall "$@" 2>&1 | tee "$CHECK_DIR/left"
	[ ! -s "$CHECK_DIR/left" ]
}

each_patch() {
	_number=0
	for _commit in $(steps "$tree"); do
		_number=$((_number + 1))
		check_case "message-$_number" message "$_commit"
		check_case "checkpatch-$_number" checkpatch "$(ls "$dir/$(printf %04d $_number)"-*)"
		check_case "kernel-doc-$_number" kernel_doc "$_commit"
	done
}

# ---- a small kernel, and two patches ----

small=$CHECK_DIR/small
c=$small/checkout

# Of the second patch, the first and the table of exports; what is not given is as it should be
plan() {
	cat >"$c/patches/plan.toml" <<-END
	[cover]
	subject = "all: Both"
	message = "Why."
	[[patch]]
	subject = "a: First"
	message = "Why first."
	${2:-files = [\"kernel/new.c\"]
	hooks = [\"a.sed\"]
	begins = [\"later.sed\"]}
	[[patch]]
	subject = "b: Second"
	message = "Why second."
	${1:-hooks = [\"b.sed\"]
	ends = [\"later.sed\"]}
	[exports]
	${3:-new = \"kernel/user.c\"}
	END
}

hook() { printf '# file: %s\n# reason: test\n# expect: %s\n%s\n' "$2" "$3" "$4" >"$c/$1"; }

begin() {
	rm -rf "$small"
	mkdir -p "$c/scripts" "$c/hooks" "$c/patches/interim" "$c/kernel" "$small/stock/kernel"
	cp scripts/*.py "$c/scripts/"
	cp run "$c/"
	printf 'VERSION = 6\nPATCHLEVEL = 12\nSUBLEVEL = 1\n' >"$small/stock/Makefile"
	printf 'one\ntwo\n' >"$small/stock/kernel/a"
	printf 'new();\nMODULE_LICENSE("GPL");\n' >"$small/stock/kernel/user.c"
	hook hooks/a.sed kernel/a '+1 -1' 's/one/1/'
	hook hooks/b.sed kernel/a '+1 -1' 's/two/2/'
	hook patches/interim/later.sed kernel/new.c '+0 -1' '/later/d'
	printf 'EXPORT_SYMBOL_GPL(new);\nlater\n' >"$c/kernel/new.c"
	plan
	git init -q "$c" && git -C "$c" add -A && git -C "$c" commit -q -m begin
	cp -r "$small/stock" "$small/ours"
	lay
}

lay() { python3 "$c/scripts/overlay.py" "$small/stock" "$small/ours" "$c"; }

small_series() { python3 "$c/scripts/patches.py" --trees "$small/stock" "$small/ours" "$small/dir"; }

# What the file is after the first patch and in the end
small_patches() {
	begin && small_series && pristine "$small/stock" "$small/dir" "$small/tree" &&
		am "$small/dir" "$small/tree" && cd "$small/tree" || return 1
	[ "$(git show kernel~:kernel/a)" = "$(printf '1\ntwo')" ] && [ "$(cat kernel/a)" = "$(printf '1\n2')" ] &&
		[ "$(git show kernel~:kernel/new.c | wc -l)" = 1 ] && [ "$(wc -l <kernel/new.c)" = 2 ]
}

# refused STATUS WORDS: they are said, and no patch is left
refused() {
	_got=0
	small_series >"$CHECK_DIR/said" 2>&1 || _got=$?
	cat "$CHECK_DIR/said"
	grep -qF "$2" "$CHECK_DIR/said" && [ "$_got" = "$1" ] && [ -z "$(ls "$small/dir" 2>/dev/null)" ]
}

file_in_no_patch() { begin && echo >"$c/kernel/more.c" && refused 1 'kernel/more.c: is in the files of no patch'; }
hook_in_no_patch() { begin && hook hooks/c.sed kernel/a '+1 -1' s/1/x/ && refused 1 'c.sed: is in the hooks of no patch'; }
no_such_file() { begin && rm "$c/kernel/new.c" && refused 1 'kernel/new.c: is in the files of "a: First", and is not here'; }
no_such_hook() { begin && rm "$c/hooks/b.sed" && refused 1 'b.sed: is in the hooks of "b: Second", and is not here'; }
twice() { begin && plan 'hooks = ["a.sed", "b.sed"]' && refused 1 'a.sed: is in two patches'; }
in_a_folder_twice() { begin && plan 'files = ["kernel/"]' && refused 1 'kernel/new.c: is in two patches'; }
never_ends() { begin && plan 'hooks = ["b.sed"]' && refused 1 'later.sed: is in the ends of no patch'; }
ends_first() {
	begin && plan 'hooks = ["b.sed"]
begins = ["later.sed"]' 'files = ["kernel/new.c"]
hooks = ["a.sed"]
ends = ["later.sed"]' && refused 1 'later.sed: ends before it begins'
}
unknown_word() { begin && plan 'hocks = ["b.sed"]' && refused 1 hocks; }
no_toml() { begin && echo '[' >>"$c/patches/plan.toml" && refused 1 patches/plan.toml; }
no_effect() {
	begin && plan 'ends = ["later.sed"]' 'hooks = ["a.sed", "b.sed"]
begins = ["later.sed"]
files = ["kernel/new.c"]' && hook patches/interim/later.sed kernel/a '+0 -0' /x/d &&
		refused 1 '"b: Second" changes nothing'
}
does_not_apply() { begin && hook patches/interim/later.sed kernel/new.c '+0 -1' /gone/d && refused 1 patches/interim/later.sed; }
not_the_overlay() { begin && echo more >>"$small/ours/kernel/a" && refused 1 'kernel/a: is not what the overlay makes'; }
unnamed_export() { begin && plan '' '' 'old = "kernel/user.c"' && refused 1 'new: is exported, and [exports] does not name it'; }
old_export() { begin && sed -i /EXPORT/d "$c/kernel/new.c" && lay && refused 1 'new: is in [exports], and is no new export'; }
hook_exports() {
	begin && hook hooks/b.sed kernel/a '+1 -1' 's/two/EXPORT_SYMBOL(hooked);/' && lay &&
		refused 1 'hooked: is exported, and [exports] does not name it'
}
export_without_user() { begin && plan '' '' 'new = ""' && refused 1 'new: is exported, and [exports] has no module'; }
wrong_user() { begin && plan '' '' 'new = "kernel/a"' && refused 1 'new: kernel/a does not use it'; }
user_built_in() {
	begin && sed -i /MODULE/d "$small/stock/kernel/user.c" && refused 1 'new: kernel/user.c, which uses it, is no module'
}
# mentioned WHERE WORD: it is found, and said where
mentioned() { refused 1 "$1: names $2, which is not in the kernel"; }
names_command() { begin && echo '/* ./run it */' >>"$c/kernel/new.c" && mentioned kernel/new.c:3 ./run; }
names_script() { begin && sed -i '1s|$| // see scripts/hook.py.|' "$c/kernel/new.c" && mentioned kernel/new.c:1 scripts/hook.py; }
names_folder() { begin && echo 'as in hooks/:' >>"$c/kernel/new.c" && mentioned kernel/new.c:3 hooks/; }
hook_names_script() { begin && echo '# hook.py' >>"$c/hooks/b.sed" && mentioned hooks/b.sed:5 hook.py; }
message_names_hook() {
	begin && sed -i 's|Why second|As hooks/*.sed|' "$c/patches/plan.toml" &&
		mentioned 'the message of "b: Second":1' 'hooks/*.sed'
}
# The kernel's own, and what only looks like a mention
names_kernels() {
	begin && echo '/** ../run scripts/checkpatch.pl kernel/new.c run. kernel/ */' >>"$c/kernel/new.c" && lay && small_series
}
maintainers() {
	begin && echo last >"$small/stock/MAINTAINERS" && sed -i 's/"b.sed"/&, "c.sed"/' "$c/patches/plan.toml" &&
		hook hooks/c.sed MAINTAINERS '+1 -0' "1i\\
F:	$1" && cp "$small/stock/MAINTAINERS" "$small/ours/" && lay
}
looked_after() { maintainers 'kernel/n*.c' && small_series; }
looked_after_below() { maintainers kernel/ && small_series; }
in_no_entry() { maintainers 'ker*.c' && refused 1 'kernel/new.c: is in no entry in MAINTAINERS'; }
no_kernel() { begin && rm "$small/stock/Makefile" && refused 1 'is no kernel tree'; }
too_old() { begin && sed -i s/12/11/ "$small/stock/Makefile" && refused 1 'is Linux 6.11.1'; }

# What is there already is not touched
full_folder() {
	begin && mkdir "$small/dir" && echo mine >"$small/dir/x" || return 1
	! small_series 2>"$CHECK_DIR/said" || return 1
	grep 'is there and is no empty folder' "$CHECK_DIR/said" && [ "$(ls "$small/dir")" = x ]
}

# The kernel has changed there
other_kernel() {
	begin && small_series && sed -i s/one/eins/ "$small/stock/kernel/a" &&
		pristine "$small/stock" "$small/dir" "$small/tree" || return 1
	! am "$small/dir" "$small/tree"
}

check_case makes-patches makes_patches
check_case git-am-takes-them applies
check_case they-make-our-tree is_ours
check_case they-are-a-thread-and-not-signed threads
check_case cover-letter cover
each_patch
check_case small-patches small_patches
for t in file_in_no_patch hook_in_no_patch no_such_file no_such_hook twice in_a_folder_twice never_ends \
	ends_first unknown_word no_toml no_effect does_not_apply not_the_overlay unnamed_export \
	old_export hook_exports export_without_user wrong_user user_built_in names_command \
	names_script names_folder hook_names_script message_names_hook names_kernels \
	looked_after looked_after_below in_no_entry no_kernel too_old full_folder other_kernel; do
	check_case "$(echo $t | tr _ -)" $t
done
check_done
