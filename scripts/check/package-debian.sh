#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# about: the packages on a disk with Debian: installed, tried, removed; Debian's kernel is back
# needs: ours-x86_64 ours-arm64
# packages: base kernel tools package arm64 disk
# limit: 10000
# full: yes
#
# The kernel's configuration is that of the tests with what systemd and AppArmor need. Each
# machine boots three times, by the firmware and GRUB.
set -eu
. "$(dirname "$0")/../lib.sh"
. "$TOP/scripts/check-lib.sh"
. "$TOP/scripts/apt.sh"
. "$TOP/scripts/qemu-run.sh"
. "$TOP/scripts/guest.sh"
. "$TOP/scripts/disk-lib.sh"

mkdir -p "$LOG/check"
cpus=2 limit=2400 strict=''

# packages ARCH: all of them, into the machine's folder
packages() {
	_dir=$CHECK_DIR/$1
	mkdir -p "$_dir/debs"
	cat "$(kernel_out ours "$1")/.config" "$TOP/scripts/disk/small.config" >"$_dir/config"
	# one line for each option, as in a whole configuration
	awk -F '[= ]' '{ name = $1 == "#" ? $2 : $1 } !/^(CONFIG_|# CONFIG_)/ { next }
		!(name in at) { at[name] = ++n } { line[at[name]] = $0 }
		END { for (i = 1; i <= n; i++) print line[i] }' "$_dir/config" >"$_dir/whole"
	"$TOP/run" package --arch "$1" --config "$_dir/whole" >"$_dir/paths" || return
	cat "$_dir/paths"
	xargs cp -t "$_dir/debs" <"$_dir/paths"
	# an image, headers, perf and the tests
	[ "$(grep -c . "$_dir/paths")" = 4 ]
}

# What the package says of its kernel and its commit
says_what_it_is() {
	dpkg-deb -I "$(grep /linux-image- "$CHECK_DIR/$1/paths")" | tee "$CHECK_DIR/$1/control"
	grep -q "^ Version: $(cat "$BUILD/stock.stamp")+hwbp[0-9]*\.g" "$CHECK_DIR/$1/control" || return
	dpkg-deb --fsys-tarfile "$(grep /linux-image- "$CHECK_DIR/$1/paths")" |
		tar -xO --wildcards './usr/share/doc/*/changelog.Debian.gz' | gzip -dc | grep 'Built from linux-source'
}

# A copy: what is installed on it stays from boot to boot, and is gone with the test
fresh_disk() {
	cp --sparse=always "$("$TOP/scripts/disk.sh" "$1")" "$CHECK_DIR/$1/disk"
}

# boot ARCH NAME: the disk as it is, with NAME.sh as the test. Its output is kept.
boot() (
	arch=$1 dir=$CHECK_DIR/$1 disk=$CHECK_DIR/$1/disk kernel='' append='' model=''
	HWB_CONSOLE=$LOG/check/package-debian-$2-$1.console
	export HWB_CONSOLE
	: >"$dir/qemu-args"
	: >"$dir/verdict"
	cp "$CHECK_DIR/$2.sh" "$dir/test"
	tar -cf "$dir/payload.tar" -C "$dir" test debs
	boot_payload >"$LOG/check/package-debian-$2-$1"
	cat "$LOG/check/package-debian-$2-$1"
	report_verdict
)

cat >"$CHECK_DIR/install.sh" <<'E2'
set -e
uname -r
case $(uname -r) in *+hwbp) exit 1 ;; esac
[ "$(cat /sys/module/apparmor/parameters/enabled)" = Y ]
# the network is not there: all that these need is on the disk
apt-get install -y --no-install-recommends ./debs/*.deb 2>&1
ls /boot
grep '^menuentry \|^	menuentry ' /boot/grub/grub.cfg | cut -d "'" -f 2
man=/usr/share/man/man8/hwbp-selftest.8.gz
[ -s $man ]
E2
cat >"$CHECK_DIR/selftest.sh" <<'E2'
echo "# $(uname -srvm)"
echo "# systemd: $(systemctl is-system-running --wait)"
systemctl --failed --no-legend | sed 's/^/# failed unit: /'
echo "# AppArmor: $(cat /sys/module/apparmor/parameters/enabled)"
hwbp-selftest --bench
E2
cat >"$CHECK_DIR/remove.sh" <<'E2'
set -e
case $(uname -r) in *+hwbp) ;; *) echo "not our kernel: $(uname -r)"; exit 1 ;; esac
[ "$(cat /sys/module/apparmor/parameters/enabled)" = Y ]
perf_hwbp stat -e mem:0x1000:x true 2>&1 || exit
apt-get purge -y $(dpkg-query -W -f '${Package} ${Version}\n' | awk '/hwbp/ { print $1 }') 2>&1
! ls /boot | grep hwbp
! dpkg-query -W | grep hwbp
E2
cat >"$CHECK_DIR/after.sh" <<'E2'
uname -r
case $(uname -r) in *+hwbp) exit 1 ;; esac
[ "$(cat /sys/module/apparmor/parameters/enabled)" = Y ]
[ ! -e /usr/sbin/hwbp-selftest ]
E2

our_kernel() {
	grep "^# Linux .*+hwbp" "$LOG/check/package-debian-selftest-$1" &&
		grep -E '^# systemd: (running|degraded)' "$LOG/check/package-debian-selftest-$1" &&
		grep '^# AppArmor: Y' "$LOG/check/package-debian-selftest-$1"
}

for a in x86_64 arm64; do
	check_case "packages-$a" packages $a
	check_case "says-what-it-is-$a" says_what_it_is $a
	check_case "disk-$a" fresh_disk $a
	check_case "installed-$a" boot $a install
	subtest "selftests-$a" boot $a selftest
	check_case "our-kernel-$a" our_kernel $a
	check_case "removed-$a" boot $a remove
	check_case "debian-is-back-$a" boot $a after
done
check_done
