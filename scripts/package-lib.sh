# SPDX-License-Identifier: GPL-2.0
# What the packages are called, and from what they are made. Sourced after lib.sh, when the
# tree is there.
# shellcheck shell=sh
#
#   the_commit        12 digits of it, ".dirty" behind if files have changed since
#   package_version   Debian's version of the source, the commit and its date
#   package_names     KDEB_* and DEB* variables for the kernel's mkdebian and for us
#   config_lacks FILE what the layer and its tests need and that configuration has not

in_git() { git -C "$TOP" -c safe.directory='*' "$@" 2>/dev/null; }

# A checkout without git's folder has no commit to name
the_commit() { in_git describe --always --exclude='*' --abbrev=12 --dirty=.dirty || echo unknown; }

commit_time() { in_git log -1 --format=%ct || echo 0; }

package_version() {
	echo "$(cat "$BUILD/stock.stamp")+hwbp$(date -u -d "@$(commit_time)" +%Y%m%d).g$(the_commit)"
}

# One line for a changelog
package_origin() {
	echo "linux-source $(cat "$BUILD/stock.stamp") with the layer of commit"
	echo "  $(the_commit)."
}

package_names() {
	SOURCE_DATE_EPOCH=$(commit_time)
	KBUILD_BUILD_TIMESTAMP=$(date -u -R -d "@$SOURCE_DATE_EPOCH")
	KDEB_PKGVERSION=$(package_version)
	KDEB_CHANGELOG_DIST=$(codename)
	KDEB_SOURCENAME=linux-hwbp
	# whoever builds them
	DEBFULLNAME=${DEBFULLNAME:-$(in_git config user.name || echo hw_breakpoint)}
	DEBEMAIL=${DEBEMAIL:-$(in_git config user.email || echo "root@$(hostname)")}
	export SOURCE_DATE_EPOCH KBUILD_BUILD_TIMESTAMP KDEB_PKGVERSION KDEB_CHANGELOG_DIST \
		KDEB_SOURCENAME DEBFULLNAME DEBEMAIL
}

config_lacks() {
	grep '^CONFIG_' "$TOP/tools/testing/selftests/hw_breakpoint/config" | grep -vxFf "$1" | xargs
}

# changelog SOURCE LINE...: one entry
changelog() {
	printf '%s (%s) %s; urgency=medium\n\n' "$1" "$KDEB_PKGVERSION" "$KDEB_CHANGELOG_DIST"
	shift
	printf '  * %s\n' "$@"
	printf '\n -- %s <%s>  %s\n' "$DEBFULLNAME" "$DEBEMAIL" "$(date -u -R -d "@$SOURCE_DATE_EPOCH")"
}
