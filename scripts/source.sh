#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# source.sh stock|ours: see that the tree is there and up to date.
#   build/stock  Debian's linux-source of the series as it is (build/7.x/stock)
#   build/ours   the same with this repository's files and hooks laid over it
# The trees share unchanged files as hard links: whatever writes a source file
# must replace it, not edit it in place (scripts/overlay.py does).
set -eu
. "$(dirname "$0")/lib.sh"
. "$TOP/scripts/apt.sh"

extract() {
	deb=$(ls "$_apt/cache/archives/$package"_*.deb)
	dpkg-deb --fsys-tarfile "$deb" |
		tar -xO "./usr/src/$package.tar.xz" |
		tar -xJ -C "$BUILD" --transform="s,^$package,stock.new,"
}

fetch_stock() {
	version=$1
	need_space 3500
	rm -f "$_apt/cache/archives/"*.deb
	(cd "$_apt/cache/archives" &&
		step "$LOG/source.log" "downloading $package $version (150 MB)" apt-get download "$package")
	rm -rf "$BUILD/stock.new"
	step "$LOG/source.log" "unpacking $package $version" extract
	rm -f "$_apt/cache/archives/"*.deb
	# a new version: nothing that was built from the old one stays
	rm -rf "$BUILD/ours" "$BUILD/ours.stamp" "$BUILD/stock" "$BUILD/stock.stamp"
	mv "$BUILD/stock.new" "$BUILD/stock"
	stamp "$BUILD/stock.stamp" "$version"
}

# The kernel's Makefile refuses these, but only after the download
case $BUILD in
*[[:space:]:,]*) die "the kernel cannot be built below $BUILD: move the checkout to a path without blanks, colons and commas" ;;
esac

stock_tree() {
	if [ -d "$BUILD/stock" ] && [ -n "$(find "$BUILD/stock.stamp" -mtime -1 2>/dev/null)" ]; then
		return 0
	fi
	private_apt host
	package=$(kernel_package source)
	[ -n "$package" ] ||
		die "Debian's $(codename) offers no linux-source of series $HWB_SERIES: add its security or backports archive to the machine's apt sources"
	version=$(apt_version "$package")
	made_from "$BUILD/stock" "$version" || fetch_stock "$version"
	touch "$BUILD/stock.stamp"
}

copy_stock() {
	rm -rf "$BUILD/ours.new"
	mkdir "$BUILD/ours.new"
	find "$BUILD/stock" -mindepth 1 -maxdepth 1 ! -name 'o-*' \
		-exec cp -al -t "$BUILD/ours.new" {} +
	mv "$BUILD/ours.new" "$BUILD/ours"
}

ours_tree() {
	stock_tree
	if [ ! -d "$BUILD/ours" ]; then
		say "copying the tree"
		copy_stock || die "cannot copy the tree: is the disk full?"
	fi
	python3 "$TOP/scripts/overlay.py" "$BUILD/stock" "$BUILD/ours" "$TOP"
}

case $1 in
stock) locked source stock_tree ;;
ours) locked source ours_tree ;;
esac
