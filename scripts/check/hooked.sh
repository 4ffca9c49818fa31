#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# about: every kernel file that a hook edits compiles without a warning, and so do ours
# needs: trees
# packages: base kernel arm64
# limit: 1500
# alone: yes
#
# The number of lines that a hook changes does not say that they are right. The guests'
# kernels have not all of these files: encrypted guests and kexec are added here.
set -eu
. "$(dirname "$0")/../lib.sh"
. "$TOP/scripts/check-lib.sh"

# More than the guests' kernels have. What an architecture or a series does not know falls
# away; if a file is then left out, it is named.
more_options() {
	cat <<-'END'
	CONFIG_ACPI=y
	CONFIG_AMD_MEM_ENCRYPT=y
	CONFIG_CMA=y
	CONFIG_COMPACTION=y
	CONFIG_CRYPTO=y
	CONFIG_CRYPTO_DEV_CCP=y
	CONFIG_CRYPTO_DEV_CCP_DD=y
	CONFIG_CRYPTO_DEV_SP_CCP=y
	CONFIG_CRYPTO_DEV_SP_PSP=y
	CONFIG_CRYPTO_HW=y
	CONFIG_AMD_IOMMU=y
	CONFIG_DMADEVICES=y
	CONFIG_EFI=y
	CONFIG_EFI_STUB=y
	CONFIG_HIBERNATION=y
	CONFIG_INTEL_IOMMU=y
	CONFIG_INTEL_TDX_HOST=y
	CONFIG_IOMMU_SUPPORT=y
	CONFIG_IRQ_REMAP=y
	CONFIG_KEXEC=y
	CONFIG_KVM_AMD_SEV=y
	CONFIG_KVM_INTEL_TDX=y
	CONFIG_MIGRATION=y
	CONFIG_PCI=y
	CONFIG_PCI_MSI=y
	CONFIG_SAMPLES=y
	CONFIG_SAMPLE_HW_BREAKPOINT=m
	CONFIG_STACKPROTECTOR=y
	CONFIG_SUSPEND=y
	CONFIG_X86_FRED=y
	CONFIG_X86_MCE=y
	CONFIG_X86_X2APIC=y
	END
}

kmake() {
	nice make -C "$BUILD/ours" -s -j"$JOBS" ARCH="$KARCH" CROSS_COMPILE="$CROSS" \
		CC="ccache ${CROSS}gcc" O="$(basename "$out")" "$@" 2>&1
}

# (errexit is off in what check_case calls)
configure() {
	mkdir -p "$out" || return
	more_options >"$out/more.config"
	kmake tinyconfig || return
	(cd "$BUILD/ours" && sh scripts/kconfig/merge_config.sh -m -O "$out" "$out/.config" \
		"$QEMU_DIR/common.config" "$QEMU_DIR/$1.config" "$QEMU_DIR/ours.config" "$out/more.config") || return
	kmake olddefconfig
}

# The C files of this architecture, and of none, that a hook edits
hooked_files() {
	PYTHONPATH=$TOP/scripts PYTHONDONTWRITEBYTECODE=1 python3 -c '
import sys, hook
for path in hook.by_file("hooks", sys.argv[1]):
    if path.endswith(".c") and (not path.startswith("arch/") or path.split("/")[1] == sys.argv[2]):
        print(path)' "$HWB_SERIES" "$KARCH"
}

# Objects to make; those for EL2 without VHE have names of their own
objects() {
	hooked_files | sed 's,\(/nvhe/.*\)\.c$,\1.nvhe.o,; s,\.c$,.o,'
	backend_objects
	echo kernel/debug/hw_break.o
	if [ "$KARCH" = arm64 ]; then
		echo arch/arm64/kvm/hw_breakpoint.o
		echo arch/arm64/kvm/hyp/vhe/debug-sr.o
		echo arch/arm64/kvm/hyp/nvhe/debug-sr.nvhe.o
	fi
}

compile() {
	# shellcheck disable=SC2086 # words are files
	locked compile kmake W=1 $1 kernel/events/hw_breakpoint/ samples/hw_breakpoint/ >"$out/log" ||
		{ cat "$out/log"; return 1; }
	! grep -E 'warning:' "$out/log"
}

all_are_there() {
	for _object in $1; do
		[ -f "$out/$_object" ] || { echo "not made: $_object"; return 1; }
	done
}

for arch in x86_64 arm64; do
	arch_vars "$arch"
	out=$BUILD/ours/o-hooked-$arch
	check_case "$arch-configures" configure "$arch"
	list=$(objects)
	(cd "$out" && echo "$list" | xargs rm -f)
	check_case "$arch-compiles" compile "$list"
	check_case "$arch-all-are-there" all_are_there "$list"
done
check_done
