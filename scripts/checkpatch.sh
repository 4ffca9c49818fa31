# SPDX-License-Identifier: GPL-2.0
# What checkpatch says and is not asked to say: of files, and of the patches that are made of
# them. Sourced.
# shellcheck shell=sh

# What checkpatch says and is not asked to say, by file, with the reason
allowed_types() {
	case $1 in
	# checkpatch takes the layout of TRACE_EVENT() for a call of a function
	include/trace/events/*) echo OPEN_ENDED_LINE PARENTHESIS_ALIGNMENT ;;
	# callers know the stubs' ENOSYS; "* __percpu *" is not parsed
	include/linux/hw_breakpoint.h) echo ENOSYS FUNCTION_ARGUMENTS ;;
	# 7.x has kzalloc_obj(), 6.12 has not, and the file is for both
	kernel/events/hw_breakpoint/pmu.c) echo ALLOC_WITH_SIZEOF ;;
	# a static_assert() of two constants
	kernel/events/hw_breakpoint/slots.c) echo CONSTANT_COMPARISON ;;
	# an option that nobody is asked about has little to explain
	*Kconfig) echo CONFIG_DESCRIPTION ;;
	# a table of the kernel's, of which lines are changed, aligns its columns within parentheses
	arch/arm64/kvm/sys_regs.c) echo CAMELCASE SPACING ;;
	# system registers are named by the manual; macros that make functions
	arch/arm64/*) echo CAMELCASE MACRO_ARG_REUSE ;;
	# tasks that die are what it is for
	*/oops/hwbp_oops.c) echo AVOID_BUG ;;
	# user space has neither the kernel's macros nor its rules for them, and
	# what stands in for the kernel's macros has their form
	tools/testing/*.[ch]) echo ARCH_DEFINES ARRAY_SIZE AVOID_EXTERNS BIT_MACRO CAMELCASE COMPLEX_MACRO \
		CONSTANT_COMPARISON EMBEDDED_FUNCTION_NAME EXPORT_SYMBOL FUNCTION_ARGUMENTS IS_ENABLED_CONFIG \
		MACRO_ARG_PRECEDENCE MACRO_ARG_REUSE MACRO_ARG_UNUSED MEMORY_BARRIER \
		MULTISTATEMENT_MACRO_USE_DO_WHILE \
		NAKED_SSCANF NEW_TYPEDEFS PREFER_DEFINED_ATTRIBUTE_MACRO SIZEOF_ADDRESS SSCANF_TO_KSTRTO \
		STRCPY VOLATILE ;;
	# perf prints with PRIu64 and reads tables with sscanf(); it hands its usage to a parser
	# that fills it
	tools/perf/*.[ch]) echo CAMELCASE NAKED_SSCANF SSCANF_TO_KSTRTO STATIC_CONST_CHAR_ARRAY ;;
	# perf wants the test's name in the second line
	tools/perf/tests/shell/*) echo LONG_LINE LONG_LINE_STRING SPDX_LICENSE_TAG ;;
	# rules about C; messages and here-documents are better whole
	*.sh | run | .ci/run | *.py) echo EMBEDDED_FILENAME LONG_LINE LONG_LINE_COMMENT \
		LONG_LINE_STRING REPEATED_WORD ;;
	esac
}

# NOKPROBE_SYMBOL() belongs to the function above it, as EXPORT_SYMBOL() does
is_allowed() {
	case " $(allowed_types "$1") " in *" $3 "*) return 0 ;; esac
	[ "$3" = LINE_SPACING ] && sed -n "$2p" "$1" | grep -q '^NOKPROBE_SYMBOL('
}

# What it says only of patches, where it has the kernel's tree, and of files that are not
# asked about otherwise
allowed_in_patches() {
	# the last patch has the entry in MAINTAINERS
	echo FILE_PATH_CHANGES
	case $1 in
	# a semantic patch does not break a line
	arch/arm64/kvm/hyp/nvhe/hyp-main.c) echo LONG_LINE ;;
	# the architecture's own header is meant, and not the one of that name that is for all
	arch/* | kernel/events/hw_breakpoint/tests/* | tools/testing/*.c) echo ARCH_INCLUDE_LINUX INCLUDE_LINUX ;;
	# the line is the kernel's, less one architecture
	tools/perf/tests/tests.h) echo ARCH_DEFINES ;;
	# "a CPU that is asked while it follows follows again" is English
	Documentation/*) echo REPEATED_WORD ;;
	# what stands in for DEFINE_PER_CPU(type, name) is no cast
	tools/testing/*.h) echo SPACING ;;
	esac
}
