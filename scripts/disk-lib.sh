# SPDX-License-Identifier: GPL-2.0
# A machine with a disk of Debian's: how QEMU starts it. Sourced after lib.sh, qemu-run.sh and
# guest.sh, two of whose functions are replaced here: the rest, from the payload to the verdict,
# is theirs. Works in $dir, with $arch $disk $limit set; $kernel is started directly if it is
# set, with $append; else the firmware starts what is on the disk.
# shellcheck shell=sh disable=SC2154
#
#   fetch_firmware    OVMF, and the same for arm64, below build/firmware

FIRMWARE=$COMMON/firmware

fetch_firmware() {
	[ ! -d "$FIRMWARE" ] || return 0
	private_apt host
	apt_get ovmf qemu-efi-aarch64
	rm -rf "$FIRMWARE.new"
	mkdir -p "$FIRMWARE.new"
	apt_unpack "$FIRMWARE.new" || die "cannot unpack the firmware below $COMMON: is the disk full?"
	mv "$FIRMWARE.new" "$FIRMWARE"
}

# firmware_files: its code and its variables, which it writes to
firmware_files() {
	case $arch in
	x86_64) _code=$FIRMWARE/usr/share/OVMF/OVMF_CODE_4M.fd _vars=$FIRMWARE/usr/share/OVMF/OVMF_VARS_4M.fd ;;
	arm64) _code=$FIRMWARE/usr/share/AAVMF/AAVMF_CODE.fd _vars=$FIRMWARE/usr/share/AAVMF/AAVMF_VARS.fd ;;
	esac
	[ -f "$dir/vars" ] || cp "$_vars" "$dir/vars"
	printf '%s\n' -drive "if=pflash,format=raw,readonly=on,file=$_code" \
		-drive "if=pflash,format=raw,file=$dir/vars"
}

machine_args() {
	case $arch in
	x86_64) printf '%s\n' -M q35 -cpu "${model:-EPYC,+svm}" ;;
	arm64) printf '%s\n' -M virt,virtualization=on,gic-version=3 -cpu "${model:-neoverse-n1}" ;;
	esac
	printf '%s\n' -accel "${HWB_ACCEL:-tcg,thread=multi}" -smp "$cpus" -m "${HWB_MEMORY:-2048}" \
		-nodefaults -no-user-config -no-reboot -display none \
		-drive "file=$disk,if=none,id=disk,format=raw,cache=unsafe" \
		-device virtio-blk-pci,drive=disk,bootindex=1
	if [ -n "$kernel" ]; then
		printf '%s\n' -kernel "$kernel" -append "$append"
	else
		firmware_files
	fi
}

start_qemu() {
	_nl='
'
	_old=$IFS IFS=$_nl
	set -f
	# shellcheck disable=SC2046 # lines are words
	set -- $(machine_args; "$1")
	set +f
	IFS=$_old
	qemu_run "$arch" "$@"
}

console_device() { case $arch in x86_64) echo ttyS0 ;; arm64) echo ttyAMA0 ;; esac; }
