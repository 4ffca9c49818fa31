#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# bochs.sh [--stock] [--cpus N] [--cpu MODEL] [--append OPTS] [--count FILE] [--timeout S] [--strict]
#	PROGRAM [ARG...]: run a static program in a guest of Bochs, an emulator that has VMX. Prints what it
# printed; the exit status is its own, 125 if the guest said none. --count: how often
# debug registers were written between markers, a line for each pair.
set -eu
. "$(dirname "$0")/lib.sh"

tree=ours flags='' cpus=1 model=corei7_haswell_4770 append='' count='' limit=900
parsed=$(getopt -n run -s sh -o + -l stock,cpus:,cpu:,append:,count:,timeout:,strict -- "$@") ||
	usage_error "wrong options for bochs.sh"
eval "set -- $parsed"
while [ "$1" != -- ]; do
	case $1 in
	--stock) tree=stock flags=--stock ;;
	--cpus) cpus=$2; shift ;;
	--cpu) model=$2; shift ;;
	--append) append="$append $2"; shift ;;
	--count) count=$2; shift ;;
	--timeout) limit=$2; shift ;;
	--strict) append="$append panic_on_warn=1" ;;
	esac
	shift
done
shift
program=$1
shift

dir=$(mktemp -d "${TMPDIR:-/tmp}/hwb-bochs.XXXXXX")
trap 'rm -rf "$dir"' EXIT
trap 'exit 130' INT TERM HUP
tests=$TOP/tools/testing/selftests/hw_breakpoint

make_initrd() {
	gcc -O2 -static -o "$dir/init" "$tests/kvm/init.c"
	{
		echo "dir /dev 0755 0 0"
		echo "nod /dev/console 0600 0 0 c 5 1"
		echo "file /init $dir/init 0755 0 0"
		echo "file /program $program 0755 0 0"
	} >"$dir/files"
	"$BUILD/$tree/o-x86_64/usr/gen_init_cpio" "$dir/files" >"$dir/iso/boot/initrd"
}

# Words after -- are init's
make_image() {
	mkdir -p "$dir/iso/boot/grub"
	cp "$dir/kernel" "$dir/iso/boot/kernel"
	make_initrd
	cat >"$dir/iso/boot/grub/grub.cfg" <<-END
		set timeout=0
		menuentry guest {
			linux /boot/kernel console=ttyS0,115200 quiet panic=-1 reboot=t kunit.enable=0 tsc=reliable $append -- /program $*
			initrd /boot/initrd
		}
	END
	grub-mkrescue -o "$dir/iso.img" "$dir/iso" >"$dir/mkrescue.log" 2>&1 || {
		show_tail "$dir/mkrescue.log"
		die "grub-mkrescue failed"
	}
}

machine() {
	cat <<-END
		config_interface: textconfig
		display_library: term
		cpu: model=$model, count=$cpus, ips=50000000, reset_on_triple_fault=0, ignore_bad_msrs=1
		memory: guest=512, host=512
		romimage: file=/usr/share/bochs/BIOS-bochs-latest, options=fastboot
		vgaromimage: file=/usr/share/vgabios/vgabios.bin
		pci: enabled=1, chipset=i440fx
		ata0: enabled=1, ioaddr1=0x1f0, ioaddr2=0x3f0, irq=14
		ata0-master: type=cdrom, path=$dir/iso.img, status=inserted
		boot: cdrom
		clock: sync=none, time0=1700000000
		com1: enabled=1, mode=file, dev=$dir/serial
		log: $dir/log
		panic: action=fatal
		error: action=ignore
		info: action=ignore
		debug: action=ignore
		speaker: enabled=0
	END
}

# A library that Bochs loads mends it and counts; its own exit status says nothing
boot() {
	gcc -O2 -Wall -Wextra -shared -fPIC -o "$dir/bochs.so" \
		"$TOP"/tools/testing/hw_breakpoint/bochs/*.c -ldl
	preload="LD_PRELOAD=$dir/bochs.so COUNT_OUT=$count"
	machine >"$dir/bochsrc"
	echo c >"$dir/rc"
	TERM=vt100 timeout -s KILL "$limit" script -qec "stty rows 40 cols 100; exec env $preload timeout -s KILL $limit bochs-bin -q -f $dir/bochsrc -rc $dir/rc" \
		"$dir/screen" </dev/null >"$dir/bochs.out" 2>&1 || :
}

report() {
	tr -d '\r' <"$dir/serial" >"$dir/console" 2>/dev/null || :
	[ -z "${HWB_CONSOLE:-}" ] || cp "$dir/console" "$HWB_CONSOLE"
	status=$(sed -n 's/^# exit: //p' "$dir/console")
	grep -v '^\[\|^# exit: ' "$dir/console" || :
	[ -n "$status" ] || {
		tail -n 20 "$dir/console" "$dir/log" >&2
		say "Bochs: the guest ended without a verdict"
		exit 125
	}
	exit "$status"
}

"$TOP/scripts/packages.sh" base bochs
# shellcheck disable=SC2086
"$TOP/scripts/build.sh" $flags --copy-to "$dir" >/dev/null
make_image "$@"
say "booting $tree x86_64 in Bochs, $cpus CPUs"
boot
report
