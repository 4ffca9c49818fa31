# SPDX-License-Identifier: GPL-2.0
# One guest: its machine, its payload, its verdict. Sourced after lib.sh and
# qemu-run.sh; works in $dir, with $arch $cpus $model $append $limit set.
# shellcheck shell=sh disable=SC2154
#
#   console  the serial console, kept in a file
#   output   a virtio port: what the program printed, untouched
#   verdict  a virtio port: "exit N BYTES" or "signal N BYTES" with the length of
#            the output; nothing there is a failure
# Both ports end in plain files: QEMU never has to wait for a reader of theirs,
# and a guest that powers off would not wait for QEMU.

# make_payload FILE ARG...: a tar with FILE, what --with named and the command.
# A name without a slash that is no file here is a program of the guest's.
make_payload() {
	_file=$1
	shift
	case $_file in
	*/*) [ -f "$_file" ] || usage_error "no such file: $_file" ;;
	esac
	_tar=$dir/payload.tar
	if [ -f "$_file" ]; then
		printf '%s\0' "./$(basename -- "$_file")" "$@" >"$dir/.command"
		printf '%s\n' "$_file" >>"$dir/with"
	else
		printf '%s\0' "$_file" "$@" >"$dir/.command"
	fi
	tar -cf "$_tar" -C "$dir" .command
	while IFS= read -r _path; do
		# a link keeps its name: it is what the command says
		_path=$(realpath -s -- "$_path")
		tar -rhf "$_tar" --owner=0 --group=0 -C "$(dirname "$_path")" "./$(basename "$_path")" ||
			die "cannot pack $_path for the guest"
	done <"$dir/with"
}

# the machine as QEMU's arguments, one a line
machine_args() {
	case $arch in
	x86_64)
		printf '%s\n' -M q35 -cpu "${model:-EPYC,+svm}" ;;
	arm64)
		# one whose debug architecture gdb knows: to it the model max has no watchpoints
		printf '%s\n' -M virt,virtualization=on,gic-version=3 \
			-cpu "${model:-neoverse-n1}" ;;
	esac
	# emulation, unless the user asks for the host's KVM
	printf '%s\n' -accel "${HWB_ACCEL:-tcg,thread=multi}" -smp "$cpus" -m "${HWB_MEMORY:-2048}" \
		-nodefaults -no-user-config -no-reboot -display none
	printf '%s\n' -kernel "$dir/kernel" \
		-drive "file=$BUILD/root-$arch${root:+-$root}.ext4,if=none,id=root,format=raw,snapshot=on" \
		-device virtio-blk-pci,drive=root
}

payload_args() {
	printf '%s\n' -serial "file:$dir/console" \
		-drive "file=$dir/payload.tar,if=none,id=payload,format=raw,readonly=on" \
		-device virtio-blk-pci,drive=payload -device virtio-serial-pci \
		-chardev "file,id=output,path=$dir/output,append=on" \
		-device virtserialport,chardev=output,name=output \
		-chardev "file,id=verdict,path=$dir/verdict" \
		-device virtserialport,chardev=verdict,name=verdict
	cat "$dir/qemu-args"
}

kernel_options() {
	case $arch in x86_64) console=ttyS0,115200 ;; arm64) console=ttyAMA0 ;; esac
	_words="console=$console root=/dev/vda rw init=/sbin/init panic=-1 oops=panic"
	# on a machine that does much else the emulated timer may miss the ticks it is tested by
	[ "$arch" != x86_64 ] || _words="$_words no_timer_check"
	[ -z "$strict" ] || _words="$_words panic_on_warn=1"
	# KUnit runs at boot only when it was asked for
	case $append in *kunit.*) ;; *) _words="$_words kunit.enable=0" ;; esac
	printf '%s\n' "$_words $append"
}

# start_qemu FUNCTION: become QEMU with the machine's and that function's arguments
start_qemu() {
	_nl='
'
	_old=$IFS IFS=$_nl
	set -f
	# shellcheck disable=SC2046
	set -- $(machine_args; "$1")
	set +f
	IFS=$_old
	qemu_run "$arch" "$@" -append "$(kernel_options)"
}

# Kills QEMU when the time is up; a TERM ends the watch, whenever it comes. All that is
# started is waited for: where process 1 reaps nothing it would stay as a zombie.
watch_time() {
	trap '[ "$!" = "$_tail" ] || kill "$!" 2>/dev/null; wait; exit 0' TERM
	sleep "$limit" >/dev/null 2>&1 &
	wait "$!"
	: >"$dir/timeout"
	kill "$1" 2>/dev/null
}

boot_once() {
	: >"$dir/console"
	: >"$dir/output"
	start_qemu payload_args >"$dir/qemu.log" 2>&1 </dev/null &
	_qemu=$!
	tail -c +1 -s 0.1 --pid="$_qemu" -f "$dir/output" &
	_tail=$!
	watch_time "$_qemu" &
	_watch=$!
	trap 'kill "$_qemu" "$_watch" 2>/dev/null; wait; exit 130' INT TERM HUP
	_qemu_status=0
	wait "$_qemu" || _qemu_status=$?
	kill "$_watch" 2>/dev/null || :
	wait "$_watch" "$_tail" || :
	[ -z "${HWB_CONSOLE:-}" ] || cp "$dir/console" "$HWB_CONSOLE"
}

# QEMU has aborted itself (SIGABRT), and nothing has been heard of the program
emulator_crashed() {
	[ "$_qemu_status" = 134 ] && [ ! -s "$dir/output" ] && [ ! -s "$dir/verdict" ]
}

# QEMU 10.0 now and then fails an assertion of msix.c while the guest's kernel looks for
# PCI devices. That says nothing about the guest.
boot_payload() {
	strict=${strict:-}
	boot_once
	emulator_crashed || return 0
	say "QEMU aborted before the program said anything: $(tail -n 1 "$dir/qemu.log")"
	say "booting once more"
	boot_once
}

console_tail() {
	[ ! -s "$dir/qemu.log" ] || { say "QEMU said:"; grep -v "doesn't support requested feature" "$dir/qemu.log" | tail -n 5 >&2; }
	say "the end of the guest's console:"
	tail -n 40 "$dir/console" | tr -d '\r' >&2
}

# Kernel complaints that do not panic by themselves
complaints='WARNING: |BUG: |INFO: (possible|inconsistent|trying|rcu|task)|possible circular|suspicious RCU|Oops|general protection'

report_verdict() {
	_verdict=$(cat "$dir/verdict" 2>/dev/null || :)
	if [ -n "$strict" ] && grep -Eq "$complaints" "$dir/console"; then
		console_tail
		say "the guest's kernel complained:"
		grep -E -m 3 "$complaints" "$dir/console" >&2
		exit 125
	fi
	# shellcheck disable=SC2086
	set -- $_verdict
	case ${1:-} in
	exit | signal)
		[ "$3" = "$(wc -c <"$dir/output")" ] || {
			say "the program's output is incomplete: it printed $3 bytes"
			exit 125
		}
		[ "$1" != exit ] || exit "$2"
		say "the program was ended by signal $2"
		exit $((128 + $2)) ;;
	esac
	console_tail
	if [ -e "$dir/timeout" ]; then
		say "no verdict after $limit s: the guest was stopped (--timeout S gives it more)"
		exit 124
	fi
	[ -z "$_verdict" ] || say "$_verdict"
	if grep -q 'Kernel panic' "$dir/console"; then
		say "the guest's kernel panicked: $(grep -m 1 -o 'Kernel panic.*' "$dir/console" | tr -d '\r')"
	else
		say "the guest ended without a verdict"
	fi
	exit 125
}
