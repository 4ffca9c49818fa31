#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# A guest of QEMU's whose breakpoints are its own while gdb, at QEMU's gdbstub, has others in its
# kernel. QEMU and gdb are Debian's and know nothing of it: kvm.share_debug_regs says it for them.
# usage: host.sh [--alone] KERNEL SETHOSTNAME SETDOMAINNAME UTS ALPHA BETA
# KERNEL is the guest's, and the others are addresses in it and in ./counter; UTS is that of
# init_uts_ns, which begins with a struct new_utsname. --alone leaves the
# parameter as it was: then the guest has nothing, and what is shown is wrong.
# Status 0 only if everything shown was right; 77 where there is no KVM.
parameter=/sys/module/kvm/parameters/share_debug_regs
share=yes
if [ "$1" = --alone ]; then share=; shift; fi
kernel=$1 alpha=$5 beta=$6
export SETHOSTNAME=$2 NODENAME
NODENAME=$(printf '0x%x' $(($4 + 65 + 1)))
# QEMU emulates SVM without the intercept of INT3: a software breakpoint is never KVM's there
software=yes
case $(uname -m) in x86_64) software= ;; *) export SETDOMAINNAME=$3 ;; esac
log=/tmp/nested
export STUB=$log/stub
rounds=5 writes=20
wrong=0 right=0
cd "$(dirname "$0")" || exit
mkdir -p $log

# expect WHAT GOT WANTED
expect() {
	if [ "$2" = "$3" ]; then
		echo "right: $1: $2"
		right=$((right + 1))
	else
		echo "WRONG: $1: $2, expected $3"
		wrong=$((wrong + 1))
	fi
}

# Where all is emulated a guest may wait for ever for a TSC deadline, debugged or not
machine() {
	case $(uname -m) in
	x86_64) echo qemu-system-x86_64 -M q35 -cpu host,-tsc-deadline ;;
	*) echo qemu-system-aarch64 -M virt,gic-version=host -cpu host ;;
	esac
}

console() { case $(uname -m) in x86_64) echo ttyS0,115200 no_timer_check ;; *) echo ttyAMA0 ;; esac; }

# The guest's root is that of the machine it runs on, its init the same: it unpacks a tar
make_payload() {
	printf '%s\0' ./guest.sh "$alpha" "$beta" $rounds $writes >.command
	tar -cf $log/payload.tar .command guest.sh own.py counter
}

# Waits at its first instruction for gdb
start_guest() {
	: >$log/output
	# shellcheck disable=SC2046 # words
	timeout 400 $(machine) -accel kvm -m 512 -nodefaults -no-user-config -no-reboot \
		-display none -kernel "$kernel" -append "console=$(console) quiet nokaslr \
root=/dev/vda ro init=/sbin/init panic=-1 oops=panic kunit.enable=0" \
		-drive file=/dev/vda,if=none,id=root,format=raw,readonly=on \
		-device virtio-blk-pci,drive=root \
		-drive file=$log/payload.tar,if=none,id=payload,format=raw,readonly=on \
		-device virtio-blk-pci,drive=payload \
		-serial file:$log/console -device virtio-serial-pci \
		-chardev file,id=output,path=$log/output -device virtserialport,chardev=output,name=output \
		-chardev file,id=verdict,path=$log/verdict -device virtserialport,chardev=verdict,name=verdict \
		-S -chardev socket,id=stub,path=$STUB,server=on,wait=off -gdb chardev:stub \
		>$log/qemu 2>&1 &
	qemu=$!
	for ((i = 0; i < 100; i++)); do
		[ ! -S $STUB ] || return
		sleep 0.2
	done
	cat $log/qemu
}

figure() { awk -v name="$1" '$1 == name { $1 = ""; print substr($0, 2) }' "$2"; }

show_debugger() {
	expect "hits of 'hbreak sethostname' in the guest's kernel" "$(figure hbreak $log/gdb)" $((rounds + 2))
	if [ -n "$software" ]; then
		expect "hits of 'break setdomainname', a software breakpoint" "$(figure break $log/gdb)" $rounds
	else
		echo "left out: software breakpoints, which this emulated CPU does not give to KVM"
	fi
	expect "what 'watch' saw the second byte of its name become" "$(figure watch $log/gdb)" 012345e
	expect "instructions stepped" "$(figure steps $log/gdb)" $((3 * (rounds + 2)))
}

show_guest() {
	expect "how the guest ended" "$(cut -d' ' -f1,2 $log/verdict)" "exit 0"
	expect "writes of alpha that perf stat counted in the guest" "$(figure alpha $log/output)" \
		$((rounds * writes))
	expect "writes of beta that perf stat counted in the guest" "$(figure beta $log/output)" \
		$((rounds * writes))
	expect "values of beta that gdb saw in the guest" "$(figure changes $log/output)" "1 2 3"
	expect "instructions that gdb stepped in the guest" "$(figure steps $log/output)" 10
}

[ -c /dev/kvm ] || { echo "left out: this machine's CPU cannot run guests"; exit 77; }
echo
echo "== QEMU's gdbstub, unmodified: a guest is debugged, and uses breakpoints itself"
if [ -n "$share" ]; then
	echo "# echo 1 >$parameter"
	echo 1 >$parameter
	expect "kvm.share_debug_regs" "$(cat $parameter)" Y
fi
make_payload
start_guest
echo "(gdb) target remote $STUB; hbreak *$SETHOSTNAME; watch *(char *)$NODENAME"
timeout 300 gdb -q -batch -nx -x stub.py >$log/gdb 2>&1 || cat $log/gdb $log/qemu
wait $qemu
echo "In its guest: perf stat -e mem:$alpha:w -e mem:$beta:w ...; gdb -ex 'watch beta.value' ./counter"
show_debugger
show_guest
echo "$right figures right, $wrong wrong"
if [ $wrong != 0 ]; then tail -n 20 $log/console $log/gdb $log/output $log/qemu; fi
[ $wrong = 0 ]
