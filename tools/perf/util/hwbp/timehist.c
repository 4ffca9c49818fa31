// SPDX-License-Identifier: GPL-2.0
/*
 * perf hwbp timehist: a line for each record.
 */
#include <inttypes.h>
#include <linux/bitmap.h>
#include <linux/kernel.h>
#include <linux/time64.h>

#include "hwbp.h"

static void print_result(const struct hwbp_trace *trace, const struct hwbp_record *r, FILE *out)
{
	if (r->ret)
		fprintf(out, ": refused, %s", hwbp_error_name(trace, r->ret));
}

static void print_wish(const struct hwbp_trace *trace, const struct hwbp_record *r, FILE *out)
{
	char wish[HWBP_NAME_SIZE];

	hwbp_wish__describe(trace, r, wish, sizeof(wish));
	fprintf(out, "%s", wish);
	if (r->parent)
		fprintf(out, ", a copy for its child");
	print_result(trace, r, out);
}

static void print_for_cpu(const struct hwbp_trace *trace, const struct hwbp_record *r, FILE *out)
{
	fprintf(out, "pool %d of CPU %d", r->pool, r->cpu);
	if (r->kind == HWBP_HAND_OVER)
		fprintf(out, ", %s", r->to_event ? "to an event" : "from an event");
	print_result(trace, r, out);
}

/* @r has no length. */
static void print_slot(const struct hwbp_trace *trace, const struct hwbp_record *r, FILE *out)
{
	char place[HWBP_NAME_SIZE];

	hwbp_what(trace->machine, r->addr, r->tid, place, sizeof(place));
	fprintf(out, "slot %d: %s at %s", r->slot, hwbp_type_name(r->type), place);
}

static void print_registers(const struct hwbp_trace *trace __maybe_unused,
			    const struct hwbp_record *r, FILE *out)
{
	fprintf(out, "%s %#x, written %#x", r->kind == HWBP_LEND ? "lent" : "live", r->slots,
		r->written);
}

static void print_debug(const struct hwbp_trace *trace, const struct hwbp_record *r, FILE *out)
{
	fprintf(out, "%s: ", r->owner);
	print_wish(trace, r, out);
}

static void print_count(const struct hwbp_trace *trace __maybe_unused,
			const struct hwbp_record *r, FILE *out)
{
	fprintf(out, "%u slots", r->slots);
}

static void print_pc(const struct hwbp_trace *trace, const struct hwbp_record *r, FILE *out)
{
	char place[HWBP_NAME_SIZE];

	hwbp_what(trace->machine, r->addr, r->tid, place, sizeof(place));
	fprintf(out, "hit at %s", place);
}

static void (*const print_text[HWBP_KINDS])(const struct hwbp_trace *trace,
					    const struct hwbp_record *r, FILE *out) = {
	[HWBP_RESERVE]		= print_wish,
	[HWBP_RELEASE]		= print_wish,
	[HWBP_MODIFY]		= print_wish,
	[HWBP_MODIFY_WIDE]	= print_wish,
	[HWBP_RETIRE]		= print_count,
	[HWBP_RESERVE_FOR_CPU]	= print_for_cpu,
	[HWBP_RELEASE_FOR_CPU]	= print_for_cpu,
	[HWBP_HAND_OVER]	= print_for_cpu,
	[HWBP_INSTALL]		= print_slot,
	[HWBP_UNINSTALL]	= print_slot,
	[HWBP_COMMIT]		= print_registers,
	[HWBP_LEND]		= print_registers,
	[HWBP_UNWATCHED]	= print_pc,
	[HWBP_DEBUG_RESERVE]	= print_debug,
	[HWBP_DEBUG_SET]	= print_debug,
	[HWBP_DEBUG_CLEAR]	= print_debug,
	[HWBP_DEBUG_RELEASE]	= print_debug,
	[HWBP_TAKEN]		= print_debug,
	[HWBP_HELD]		= print_debug,
};

static void print_record(const struct hwbp_trace *trace, const struct hwbp_record *r, FILE *out)
{
	char task[64];

	scnprintf(task, sizeof(task), "%s[%d/%d]", r->comm, r->tid, r->pid);
	fprintf(out, "%9" PRIu64 ".%06" PRIu64 " [%04d]  %-26s %-21s",
		(u64)(r->time / NSEC_PER_SEC), (u64)(r->time % NSEC_PER_SEC / NSEC_PER_USEC),
		r->here, task, hwbp_kind_name(r->kind));
	if (print_text[r->kind])
		print_text[r->kind](trace, r, out);
	fputc('\n', out);
}

static bool is_wanted(const struct hwbp_record *r, const unsigned long *cpus,
		      struct perf_time_interval *span)
{
	if (r->kind == HWBP_FORK || perf_time__skip_sample(span, r->time))
		return false;
	return !cpus || test_bit(r->here, cpus);
}

/**
 * hwbp_timehist__print() - a line for each record
 * @trace: the records
 * @cpus: CPUs whose records are wanted, or NULL for all
 * @span: times whose records are wanted
 * @out: where to
 */
void hwbp_timehist__print(const struct hwbp_trace *trace, const unsigned long *cpus,
			  struct perf_time_interval *span, FILE *out)
{
	size_t i;

	fprintf(out, "%16s %6s  %-26s %-21s%s\n", "time", "cpu", "task name[tid/pid]", "event",
		"what");
	for (i = 0; i < trace->nr; i++) {
		if (is_wanted(&trace->records[i], cpus, span))
			print_record(trace, &trace->records[i], out);
	}
}
