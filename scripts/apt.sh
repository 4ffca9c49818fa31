# SPDX-License-Identifier: GPL-2.0
# A private apt below build/apt: suites the machine has not configured, foreign
# architectures, and nothing of the machine's own set-up touched. Sourced after
# lib.sh.
# shellcheck shell=sh
#
#   private_apt KIND [RELEASE]
#                      KIND is 'host' (what this machine lacks), or a Debian
#                      architecture (complete, as if nothing were installed); of this
#                      machine's release, or of another one
#   kernel_package WHAT
#                      the newest linux-WHAT-VERSION of the series, as apt has it
#   apt_unpack DIR     all downloaded packages of that kind, below DIR
#   debian_config FLAVOUR
#                      prints Debian's configuration of arch_vars' ARCH

# The machine's proxies and the like, without its hooks (which may delete files)
apt_conf() {
	apt-config dump 2>/dev/null | grep '^Acquire::' || :
	cat <<-EOF
	Dir::State "$_apt/state";
	Dir::State::status "$1";
	Dir::Cache "$_apt/cache";
	Dir::Etc::sourcelist "$_apt/debian.sources";
	Dir::Etc::sourceparts "$_apt/none";
	Dir::Etc::parts "$_apt/none";
	Dir::Etc::preferences "$_apt/none/preferences";
	Dir::Etc::preferencesparts "$_apt/none";
	Dir::Log "$_apt";
	APT::Architecture "$2";
	APT::Architectures { "$2"; };
	APT::Sandbox::User "root";
	APT::Install-Recommends "false";
	Acquire::Retries "3";
	Acquire::Languages "none";
	EOF
}

apt_fresh() { [ -n "$(find "$_apt/updated" -mtime -1 2>/dev/null)" ]; }

apt_refresh() {
	apt_fresh && return
	say "reading Debian's package lists ($_kind)"
	if apt-get update --error-on=any >"$LOG/apt-$_kind.log" 2>&1 </dev/null; then
		: >"$_apt/updated"
	elif [ -e "$_apt/updated" ]; then
		say "no network: going on with the package lists of $(date -r "$_apt/updated" +%F)"
	else
		show_tail "$LOG/apt-$_kind.log"
		die "cannot read Debian's package lists: check the network and the machine's apt sources, then run again"
	fi
}

# Debian 12 never got the kernels that 13's backports have. Nothing else is taken from
# there: apt does not choose a backport by itself.
more_suites() {
	case $HWB_SERIES-$(codename) in 7.x-bookworm) echo trixie-backports ;; esac
}

private_apt() {
	_kind=$1${2:+-$2} _apt=$BUILD/apt/$1${2:+-$2}
	mkdir -p "$_apt/state/lists/partial" "$_apt/cache/archives/partial" "$_apt/none"
	_status=$_apt/status _arch=$1
	: >"$_status"
	[ "$1" != host ] || { _status=/var/lib/dpkg/status; _arch=$(dpkg --print-architecture); }
	apt_conf "$_status" "$_arch" >"$_apt/apt.conf.new"
	mv "$_apt/apt.conf.new" "$_apt/apt.conf"
	# shellcheck disable=SC2046 # a suite or nothing
	python3 "$TOP/scripts/apt_sources.py" "$(codename)" "${2:-$(codename)}" \
		$([ -n "${2:-}" ] || more_suites) >"$_apt/debian.sources.new" || exit 1
	cmp -s "$_apt/debian.sources.new" "$_apt/debian.sources" ||
		{ mv "$_apt/debian.sources.new" "$_apt/debian.sources"; rm -f "$_apt/updated"; }
	export APT_CONFIG="$_apt/apt.conf"
	locked "apt-$_kind" apt_refresh
}

kernel_package() {
	_versions=$(case $HWB_SERIES in 6.12) echo '6\.12' ;; *) echo '7\.[23]' ;; esac)
	apt-cache search --names-only "^linux-$1-$_versions\$" | cut -d ' ' -f 1 | sort -V | tail -n 1
}

# apt_version PACKAGE [OPTION...]: the version that would be installed
apt_version() {
	_p=$1
	shift
	apt-cache policy "$@" "$_p" | sed -n 's/^  Candidate: //p'
}

# apt_get PACKAGE... [OPTION...]: download these and what they depend on
apt_get() {
	rm -f "$_apt/cache/archives/"*.deb
	step "$LOG/apt-$_kind.log" "downloading from Debian ($_kind): $*" \
		apt-get install -y --download-only --no-install-recommends "$@"
}

apt_unpack() {
	for _deb in "$_apt/cache/archives/"*.deb; do
		[ -e "$_deb" ] || continue
		dpkg-deb --fsys-tarfile "$_deb" | tar -x --keep-directory-symlink -C "$1" \
			--exclude='./usr/share/doc/*' --exclude='./usr/share/man/*' \
			--exclude='./usr/share/locale/*' --exclude='./usr/share/info/*' || return 1
	done
	rm -f "$_apt/cache/archives/"*.deb
}

# FLAVOUR is amd64, cloud-amd64, arm64 and the like
debian_config() {
	private_apt "$DEB_ARCH"
	_config=$(kernel_package config)
	rm -f "$_apt"/cache/archives/linux-config-*.deb
	(cd "$_apt/cache/archives" && apt-get download "$_config" >&2) || return
	dpkg-deb --fsys-tarfile "$_apt"/cache/archives/linux-config-*.deb |
		tar -xO "./usr/src/$_config/config.${DEB_ARCH}_none_$1.xz" | xz -d
}
