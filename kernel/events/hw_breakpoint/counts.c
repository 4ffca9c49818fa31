// SPDX-License-Identifier: GPL-2.0
/*
 * How often requests have been refused, by reason and by the CPU that they were made on.
 *
 * Counted where a request has failed, so that what succeeds costs nothing. What is counted of the
 * slots of a CPU is in struct hwbp_cpu.
 */

#include <linux/array_size.h>
#include <linux/build_bug.h>
#include <linux/errno.h>
#include <linux/percpu.h>

#include "internal.h"

static const int reasons[] = {
	[HWBP_NO_SLOT]		= -ENOSPC,
	[HWBP_NO_MEMORY]	= -ENOMEM,
	[HWBP_INVALID]		= -EINVAL,
	[HWBP_DENIED]		= -EPERM,
	[HWBP_UNSUPPORTED]	= -EOPNOTSUPP,
};

static_assert(ARRAY_SIZE(reasons) == HWBP_OTHERWISE);

DEFINE_PER_CPU(struct hwbp_refusals, hwbp_refusals);

/**
 * hwbp_refused() - a request is refused
 * @err: what it is answered
 *
 * Returns what it is told, so that nothing has to be kept across the call.
 *
 * Context: any.
 * Return: @err.
 */
int hwbp_refused(int err)
{
	int reason = 0;

	while (reason < ARRAY_SIZE(reasons) && reasons[reason] != err)
		reason++;
	this_cpu_inc(hwbp_refusals.n[reason]);
	return err;
}
