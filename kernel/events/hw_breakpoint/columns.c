// SPDX-License-Identifier: GPL-2.0
/*
 * Words in the tables of debugfs and of procfs.
 */

#include <linux/array_size.h>
#include <linux/perf_event.h>
#include <linux/seq_file.h>

#include "internal.h"

/**
 * hwbp_type_name() - which accesses are watched
 * @bp_type: HW_BREAKPOINT_*
 *
 * Context: any.
 * Return: as in an event of perf's, "mem:ADDRESS:TYPE"; "-" if none are.
 */
const char *hwbp_type_name(u64 bp_type)
{
	static const char * const names[] = {
		[HW_BREAKPOINT_EMPTY]	= "-",
		[HW_BREAKPOINT_R]	= "r",
		[HW_BREAKPOINT_W]	= "w",
		[HW_BREAKPOINT_RW]	= "rw",
		[HW_BREAKPOINT_X]	= "x",
	};

	return bp_type < ARRAY_SIZE(names) ? names[bp_type] : "?";
}

/**
 * hwbp_state_name() - does an event count?
 * @state: perf's
 *
 * Context: any.
 * Return: a word.
 */
const char *hwbp_state_name(int state)
{
	switch (state) {
	case PERF_EVENT_STATE_ACTIVE:
		return "active";
	case PERF_EVENT_STATE_INACTIVE:
		return "inactive";
	case PERF_EVENT_STATE_OFF:
		return "off";
	/* What has exited holds nothing; one of a process is so from the start, see process.c. */
	case PERF_EVENT_STATE_EXIT:
		return "process";
	default:
		return "dead";
	}
}

/**
 * hwbp_show_name() - print the name of a task
 * @m: where to
 * @comm: the name
 *
 * A task may call itself what it likes: no blank or newline forges a column, no # a line that is
 * no row, and no name at all is a column, too.
 *
 * Context: as seq_escape().
 */
void hwbp_show_name(struct seq_file *m, const char *comm)
{
	seq_escape(m, comm, " \t\n\\#");
	if (!*comm)
		seq_puts(m, "\\000");
}
