# SPDX-License-Identifier: GPL-2.0
# What the checks of the patches share: a kernel that git am has put them on. Sourced after
# lib.sh.
# shellcheck shell=sh

# The user's own configuration is none of the kernel's
export GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_NOSYSTEM=1
export GIT_COMMITTER_NAME=check GIT_COMMITTER_EMAIL=check@localhost
export GIT_AUTHOR_NAME=check GIT_AUTHOR_EMAIL=check@localhost

# pristine STOCK DIR TREE: TREE is a repository of STOCK's files, by hard links, before the
# patches in DIR. Only files that some patch touches are committed: all would take minutes. git
# replaces a file that it changes, and what is not committed must not be in a patch's way.
pristine() {
	rm -rf "$3"
	mkdir -p "$3" && find "$1" -mindepth 1 -maxdepth 1 ! -name 'o-*' -exec cp -al -t "$3" {} + &&
		git init -q -b kernel "$3" && (
		cd "$3" || return 1
		cat "$2"/*.patch | git apply --numstat | cut -f 3 | sort -u |
			while read -r f; do [ ! -e "$f" ] || echo "$f"; done |
			git add -f --pathspec-from-file=-
		git commit -q -m 'the kernel' && git tag pristine
	)
}

# am DIR TREE: what who gets the patches says; the cover letter is a mail, too
am() { git -C "$2" am -q --empty=drop "$1"/*.patch; }

# steps TREE: the commits, first to last
steps() { git -C "$1" rev-list --reverse pristine..kernel; }
