// SPDX-License-Identifier: GPL-2.0
/*
 * Slots of architectures without a back end: they find the slot, own it and
 * write the registers themselves, at once.
 */

#include <linux/init.h>

#include <trace/events/hw_breakpoint.h>

#include "internal.h"

static int install(struct perf_event *bp)
{
	int ret = arch_install_hw_breakpoint(bp);

	/* Which one only the architecture knows. */
	bp->hw.reservation.slot = ret ? -1 : 0;
	trace_hwbp_install(bp, ret);
	return ret;
}

static void uninstall(struct perf_event *bp)
{
	arch_uninstall_hw_breakpoint(bp);
	bp->hw.reservation.slot = -1;
	trace_hwbp_uninstall(bp, -1);
}

int hwbp_add(struct perf_event *bp, int flags)
{
	bp->hw.state = flags & PERF_EF_START ? 0 : PERF_HES_STOPPED;
	if (is_sampling_event(bp)) {
		bp->hw.last_period = bp->hw.sample_period;
		perf_swevent_set_period(bp);
	}
	return install(bp);
}

void hwbp_del(struct perf_event *bp, int flags)
{
	uninstall(bp);
}

/* They are written by now. */
void hwbp_pmu_enable(struct pmu *pmu) { }

/* How they step over a hit is theirs to know. */
void hwbp_adopt(struct perf_event *bp)
{
	bool installed = bp->hw.reservation.slot >= 0;

	if (installed)
		uninstall(bp);
	bp->hw.info = bp->hw.next;
	if (installed)
		WARN_ON_ONCE(install(bp));
}

/* No debugger takes slots here. */
void hwbp_report_taken(const struct perf_event *bp) { }
void hwbp_retry_missing(void) { }

bool hwbp_missing(void)
{
	return false;
}

void hwbp_show_slots(struct seq_file *m)
{
	seq_puts(m, "# this architecture keeps its slots to itself\n");
}

int __init hwbp_slots_init(void)
{
	return 0;
}
