// SPDX-License-Identifier: GPL-2.0
/*
 * perf hwbp report: who held what for how long, who was refused and why, what guests borrowed and
 * what the registers cost.
 */
#include <errno.h>
#include <inttypes.h>
#include <linux/bitops.h>
#include <linux/hw_breakpoint.h>
#include <linux/kernel.h>
#include <linux/time64.h>

#include "hwbp.h"
#include "util/machine.h"
#include "util/thread.h"

static double msec(u64 nsec)
{
	return (double)nsec / NSEC_PER_MSEC;
}

static void print_time(u64 time, FILE *out)
{
	fprintf(out, "%" PRIu64 ".%06" PRIu64, (u64)(time / NSEC_PER_SEC),
		(u64)(time % NSEC_PER_SEC / NSEC_PER_USEC));
}

/* ---- who held what ---- */

static void task_name(const struct hwbp_trace *trace, pid_t tid, char *name, size_t size)
{
	struct thread *thread = tid > 0 ? machine__findnew_thread(trace->machine, -1, tid) : NULL;

	if (thread)
		scnprintf(name, size, "%s[%d]", thread__comm_str(thread), tid);
	else
		scnprintf(name, size, tid ? "?" : "-");
	thread__put(thread);
}

static void opener_name(const struct hwbp_hold *hold, char *name, size_t size)
{
	if (hold->opener && hold->opener_tid)
		scnprintf(name, size, "%s[%d]", hold->opener, hold->opener_tid);
	else
		scnprintf(name, size, "%s", hold->opener ?: "?");
}

static void what_is_held(const struct hwbp_trace *trace, const struct hwbp_hold *hold, char *name,
			 size_t size)
{
	if (hold->type == HW_BREAKPOINT_EMPTY)
		scnprintf(name, size, "-");
	else
		hwbp_what(trace->machine, hold->addr, hold->target, name, size);
}

/* "<": already when the recording began, ">": still when it ended */
static void print_hold(const struct hwbp_trace *trace, const struct hwbp_hold *hold, FILE *out)
{
	char opener[32], task[32], what[HWBP_NAME_SIZE], cpu[16] = "any";

	opener_name(hold, opener, sizeof(opener));
	task_name(trace, hold->target, task, sizeof(task));
	what_is_held(trace, hold, what, sizeof(what));
	if (hold->cpu >= 0)
		scnprintf(cpu, sizeof(cpu), "%d", hold->cpu);
	fprintf(out, "  %-22s %-22s %4s  %-4s %4" PRIu64 " %1s%12.3f%1s %12.3f %8" PRIu64 "  %s\n",
		opener, task, cpu, hwbp_type_name(hold->type), hold->len,
		hold->before ? "<" : "", msec(hold->to - hold->from), hold->after ? ">" : "",
		msec(hold->in_slot), hold->installs, what);
}

static void print_holds(const struct hwbp_replay *replay, FILE *out)
{
	const struct hwbp_hold *hold;

	fprintf(out, "Who held a slot (< since before the recording, > beyond its end)\n\n");
	fprintf(out, "  %-22s %-22s %4s  %-4s %4s  %12s  %12s %8s  %s\n", "opener", "task", "CPU",
		"type", "len", "held (ms)", "in slot (ms)", "installs", "address");
	list_for_each_entry(hold, &replay->holds, node)
		print_hold(replay->trace, hold, out);
}

/* ---- refusals ---- */

static void print_holders(const struct hwbp_trace *trace, const struct hwbp_refusal *refusal,
			  FILE *out)
{
	char text[HWBP_NAME_SIZE];
	unsigned int i;

	if (refusal->record->ret != -ENOSPC)
		return;
	if (!refusal->nr)
		fprintf(out, "      who held the slots is not in the recording\n");
	for (i = 0; i < refusal->nr; i++) {
		hwbp_hold__describe(trace, &refusal->holds[i], text, sizeof(text));
		fprintf(out, "      held by %s\n", text);
	}
}

static void print_refusal(const struct hwbp_trace *trace, const struct hwbp_refusal *refusal,
			  FILE *out)
{
	const struct hwbp_record *r = refusal->record;
	char asker[32], wish[HWBP_NAME_SIZE];

	hwbp_asker(r, asker, sizeof(asker));
	hwbp_wish__describe(trace, r, wish, sizeof(wish));
	fprintf(out, "  ");
	print_time(r->time, out);
	fprintf(out, "  %s, %s: %s: %s\n", asker, hwbp_kind_name(r->kind),
		hwbp_error_name(trace, r->ret), wish);
	print_holders(trace, refusal, out);
}

static void print_refusals(const struct hwbp_replay *replay, FILE *out)
{
	const struct hwbp_refusal *refusal;

	fprintf(out, "\nRefusals\n\n");
	if (list_empty(&replay->refusals))
		fprintf(out, "  There were none.\n");
	list_for_each_entry(refusal, &replay->refusals, node)
		print_refusal(replay->trace, refusal, out);
}

static void print_taken(const struct hwbp_trace *trace, FILE *out)
{
	bool any = false;
	size_t i;

	for (i = 0; i < trace->nr; i++) {
		const struct hwbp_record *r = &trace->records[i];
		char wish[HWBP_NAME_SIZE];

		if (r->kind != HWBP_TAKEN)
			continue;
		if (!any)
			fprintf(out, "\nSlots that debuggers took\n\n");
		any = true;
		hwbp_wish__describe(trace, r, wish, sizeof(wish));
		fprintf(out, "  ");
		print_time(r->time, out);
		fprintf(out, "  from %s: %s, on CPU %d\n", r->owner, wish, r->here);
	}
}

/* ---- registers ---- */

static void print_cpus(const struct hwbp_replay *replay, FILE *out)
{
	int cpu;

	fprintf(out, "\nRegisters (spared: slots taken or given back, and not written)\n\n");
	fprintf(out, "  %4s %10s %10s %10s %10s %10s %10s %10s\n", "CPU", "taken", "given back",
		"commits", "written", "spared", "unwatched", "healed");
	for (cpu = 0; cpu < replay->trace->nr_cpus; cpu++) {
		const struct hwbp_cpu_stats *c = &replay->cpus[cpu];

		fprintf(out, "  %4d %10" PRIu64 " %10" PRIu64 " %10" PRIu64 " %10" PRIu64
			" %10" PRIu64 " %10" PRIu64 " %10" PRIu64 "\n", cpu, c->installs,
			c->uninstalls, c->commits, c->written, c->spared, c->unwatched, c->healed);
	}
}

static void print_loans(const struct hwbp_replay *replay, FILE *out)
{
	const struct hwbp_loans *loans;

	if (list_empty(&replay->loans))
		return;
	fprintf(out, "\nLoans to guests\n\n");
	fprintf(out, "  %-22s %10s %6s %10s %10s\n", "task", "loans", "slots", "lent", "written");
	list_for_each_entry(loans, &replay->loans, node) {
		char task[32];

		scnprintf(task, sizeof(task), "%s[%d]", loans->comm, loans->tid);
		fprintf(out, "  %-22s %10" PRIu64 " %6u %10" PRIu64 " %10" PRIu64 "\n", task,
			loans->times, hweight32(loans->slots), loans->lent, loans->written);
	}
}

/**
 * hwbp_report__print() - print all of a recording
 * @replay: that
 * @out: where to
 */
void hwbp_report__print(const struct hwbp_replay *replay, FILE *out)
{
	print_holds(replay, out);
	print_refusals(replay, out);
	print_taken(replay->trace, out);
	print_loans(replay, out);
	print_cpus(replay, out);
}
