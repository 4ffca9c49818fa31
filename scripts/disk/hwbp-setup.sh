#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# The first process of the guest that ends Debian's installation, see scripts/disk.sh.
export PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8

off() {
	sync
	mount -o remount,ro /
	echo o >/proc/sysrq-trigger
	sleep 100
}

# whatever happens
trap off EXIT
set -e
mount -t proc proc /proc
mount -t sysfs sysfs /sys
[ -b /dev/vda ] || mount -t devtmpfs devtmpfs /dev
/debootstrap/debootstrap --second-stage
console=$(cat /hwbp-console)
echo 'LABEL=hwbp / ext4 defaults 0 1' >/etc/fstab
echo hwbp >/etc/hostname
printf 'GRUB_TIMEOUT=0\nGRUB_CMDLINE_LINUX="console=%s apparmor=1 security=apparmor"\n' "$console" \
	>>/etc/default/grub
systemctl enable hwbp-test.service
for version in $(linux-version list); do
	[ -e "/boot/initrd.img-$version" ] || update-initramfs -c -k "$version"
done
update-grub
grep -q '^menuentry ' /boot/grub/grub.cfg
rm /hwbp-setup /hwbp-console
echo 'hwbp-setup: done'
