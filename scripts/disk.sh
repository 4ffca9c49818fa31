#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# disk.sh ARCH: build/disk-ARCH.img, a disk with Debian on it as debootstrap installs it: systemd,
# AppArmor, Debian's kernel and GRUB. It runs ./test of the tar on a second disk, see
# disk/hwbp-test.sh. No root rights are needed, and no emulation of single programs: the second
# stage runs in a guest, with the kernel of the tests.
set -eu
. "$(dirname "$0")/lib.sh"
. "$TOP/scripts/apt.sh"
. "$TOP/scripts/qemu-run.sh"
. "$TOP/scripts/guest.sh"
. "$TOP/scripts/disk-lib.sh"

arch=$1
arch_vars "$arch"
image=$BUILD/disk-$arch.img
files=$TOP/scripts/disk
megabytes=3500 esp_megabytes=64
include="systemd-sysv,udev,dbus,apparmor,initramfs-tools,linux-image-cloud-$DEB_ARCH,grub2-common"
include="$include,grub-efi-$DEB_ARCH-bin,kmod,procps,zlib1g,libelf1,libtraceevent1"

# Names that newer Debians have given them
case $(codename) in bookworm) ;; *) include=$(echo "$include" | sed 's/libelf1/libelf1t64/') ;; esac

# What debootstrap unpacks, and what is to run in it
fetch_tree() {
	_mirror=$(sed -n 's/^URIs: //p' "$_apt/debian.sources" | head -n 1)
	fakeroot -s "$dir/owners" debootstrap --foreign --arch="$DEB_ARCH" --variant=minbase \
		--include="$include" "$(codename)" "$dir/tree" "$_mirror"
	# in a container debootstrap makes a link of it, to itself
	[ ! -h "$dir/tree/proc" ] || { rm "$dir/tree/proc"; mkdir "$dir/tree/proc"; }
	install -m 755 "$files/hwbp-setup.sh" "$dir/tree/hwbp-setup"
	install -D -m 755 "$files/hwbp-test.sh" "$dir/tree/usr/local/sbin/hwbp-test"
	install -D -m 644 "$files/hwbp-test.service" "$dir/tree/etc/systemd/system/hwbp-test.service"
	console_device >"$dir/tree/hwbp-console"
}

# Debian's own GRUB, as grub-install --removable would lay it there, reads the disk's menu
lay_esp() {
	private_apt "$DEB_ARCH"
	apt_get "grub-efi-$DEB_ARCH-signed"
	mkdir "$dir/grub"
	apt_unpack "$dir/grub"
	case $arch in
	x86_64) _grub=grubx64.efi _boot=BOOTX64.EFI ;;
	arm64) _grub=grubaa64.efi _boot=BOOTAA64.EFI ;;
	esac
	# the variables are GRUB's
	cat >"$dir/grub.cfg" <<-'END'
	search.fs_label hwbp root
	set prefix=($root)/boot/grub
	configfile $prefix/grub.cfg
	END
	mkfs.vfat -C "$dir/esp" $((esp_megabytes * 1024))
	mmd -i "$dir/esp" ::EFI ::EFI/BOOT ::EFI/debian
	mcopy -i "$dir/esp" "$(find "$dir/grub" -name "$_grub.signed")" "::EFI/BOOT/$_boot"
	mcopy -i "$dir/esp" "$dir/grub.cfg" ::EFI/debian/grub.cfg
}

# A partition table, the loader's partition, then the system
make_disk() {
	_from=$((1 + esp_megabytes))
	mkdir -p "$dir/tree/boot/grub"
	fakeroot -i "$dir/owners" mke2fs -q -t ext4 -L hwbp -d "$dir/tree" "$dir/root" "$((megabytes - _from - 1))M"
	rm -f "$image.new"
	truncate -s "${megabytes}M" "$image.new"
	printf 'label: gpt\nstart=1MiB, size=%sMiB, type=U\nstart=%sMiB, size=%sMiB, type=L\n' \
		"$esp_megabytes" "$_from" "$((megabytes - _from - 1))" | sfdisk -q "$image.new"
	dd if="$dir/esp" of="$image.new" bs=1M seek=1 conv=notrunc,sparse
	dd if="$dir/root" of="$image.new" bs=1M seek="$_from" conv=notrunc,sparse
	rm -rf "$dir/tree" "$dir/root"
}

# The guest says on its console that it has come to the end
second_stage() {
	disk=$image.new kernel=$BUILD/ours/o-$arch/$IMAGE cpus=2 limit=3000
	append="console=$(console_device) root=/dev/vda2 rw init=/hwbp-setup panic=-1"
	tar -cf "$dir/payload.tar" -T /dev/null
	: >"$dir/qemu-args"
	boot_once
	cat "$dir/console"
	grep -q 'hwbp-setup: done' "$dir/console"
}

inputs() {
	cat "$TOP/scripts/disk.sh" "$files"/*
	codename
	echo "$include"
}

in_folder() {
	dir=$(mktemp -d "$BUILD/disk-$arch.XXXXXX")
	trap 'rm -rf "$dir"' EXIT
	trap 'exit 130' INT TERM HUP
	"$@"
}

make_all() {
	private_apt host
	fetch_tree
	lay_esp
	make_disk
	second_stage
}

build_disk() {
	fetch_firmware
	key=$(inputs | sha256sum)
	if made_from "$image" "$key"; then return 0; fi
	"$TOP/scripts/packages.sh" base disk
	"$TOP/scripts/qemu.sh"
	need_space 9000
	step "$LOG/disk-$arch.log" "installing Debian on a disk ($arch); this takes minutes" "$0" "$arch" make_all
	mv "$image.new" "$image"
	stamp "$image.stamp" "$key"
}

# the step is a process of its own: -e holds in it
if [ "${2:-}" = make_all ]; then
	in_folder make_all
	exit 0
fi
locked "disk-$arch" build_disk
echo "$image"
