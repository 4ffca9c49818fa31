// SPDX-License-Identifier: GPL-2.0
/*
 * Reads a perf.data that has the tracepoints hw_breakpoint:* into records.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <linux/err.h>
#include <linux/kernel.h>
#include <linux/string.h>
#include <linux/zalloc.h>

#include "hwbp.h"
#include "series.h"
#include "util/debug.h"
#include "util/env.h"
#include "util/event.h"
#include "util/evlist.h"
#include "util/evsel.h"
#include "util/machine.h"
#include "util/sample.h"
#include "util/session.h"
#include "util/symbol.h"
#include "util/symbol_conf.h"
#include "util/thread.h"

static struct hwbp_trace *trace_of(const struct perf_tool *tool)
{
	return container_of(tool, struct hwbp_trace, tool);
}

/* ---- one record ---- */

static struct hwbp_record *new_record(struct hwbp_trace *trace, enum hwbp_kind kind)
{
	struct hwbp_record *r;

	if (trace->nr == trace->room) {
		size_t room = 2 * trace->room ?: 1024;
		struct hwbp_record *records = realloc(trace->records, room * sizeof(*records));

		if (!records)
			return NULL;
		trace->records = records;
		trace->room = room;
	}
	r = &trace->records[trace->nr++];
	*r = (struct hwbp_record) { .kind = kind };
	return r;
}

/* Who ran there, and where and when it was */
static int fill_scene(struct hwbp_record *r, const struct perf_sample *sample,
		      struct machine *machine, pid_t pid, pid_t tid)
{
	struct thread *thread = machine__findnew_thread(machine, pid, tid);

	if (!thread)
		return -ENOMEM;
	r->time = sample->time;
	r->here = sample->cpu;
	r->pid = pid;
	r->tid = tid;
	r->comm = strdup(thread__comm_str(thread));
	thread__put(thread);
	return r->comm ? 0 : -ENOMEM;
}

/* A field that the tracepoint has not reads as 0. */
static void fill_numbers(struct hwbp_record *r, struct evsel *evsel, struct perf_sample *sample)
{
	r->id = hwbp_intval(evsel, sample, "id");
	r->parent = hwbp_intval(evsel, sample, "parent");
	r->addr = hwbp_intval(evsel, sample, r->kind == HWBP_UNWATCHED ? "pc" : "addr");
	r->len = hwbp_intval(evsel, sample, "len");
	r->type = hwbp_intval(evsel, sample, "type");
	r->cpu = hwbp_intval(evsel, sample, "cpu");
	r->target = hwbp_intval(evsel, sample, r->kind == HWBP_TAKEN ? "pid" : "target");
	r->ret = hwbp_intval(evsel, sample, "ret");
	r->pool = hwbp_intval(evsel, sample, "pool");
	r->slot = hwbp_intval(evsel, sample, "slot");
	r->on_cpu = hwbp_intval(evsel, sample, "on_cpu");
	r->written = hwbp_intval(evsel, sample, "written");
	r->slots = hwbp_intval(evsel, sample, r->kind == HWBP_COMMIT ? "live" : "slots");
	r->to_event = hwbp_intval(evsel, sample, "to_event");
}

static int fill_owner(struct hwbp_record *r, struct evsel *evsel, struct perf_sample *sample)
{
	static const char * const names[HWBP_KINDS] = {
		[HWBP_DEBUG_RESERVE]	= "owner",
		[HWBP_DEBUG_SET]	= "owner",
		[HWBP_DEBUG_CLEAR]	= "owner",
		[HWBP_DEBUG_RELEASE]	= "owner",
		[HWBP_TAKEN]		= "comm",
		[HWBP_HELD]		= "opener",
	};
	const char *owner;

	if (!names[r->kind])
		return 0;
	owner = hwbp_strval(evsel, sample, names[r->kind]);
	r->owner = owner ? strdup(owner) : NULL;
	return r->owner ? 0 : -ENOMEM;
}

/* The rest of perf hwbp has arrays by CPU and by slot. */
static int check(const struct hwbp_record *r)
{
	if (r->here >= 0 && r->cpu >= -1 && r->on_cpu >= -1 && r->slot < HWBP_MAX_SLOTS)
		return 0;
	pr_err("A %s in this file has no CPU, or a slot that cannot be: record with 'perf hwbp record'.\n",
	       hwbp_kind_name(r->kind));
	return -EINVAL;
}

/* Some speak of a CPU without having run there. */
static void count_cpus(struct hwbp_trace *trace, const struct hwbp_record *r)
{
	const int cpus[] = { r->here, r->cpu, r->on_cpu };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(cpus); i++)
		trace->nr_cpus = max(trace->nr_cpus, cpus[i] + 1);
}

/* ---- what perf calls ---- */

/**
 * hwbp_trace__sample() - a record of any tracepoint
 * @tool: of struct hwbp_trace
 * @sample: the record
 * @evsel: its tracepoint; the handler of one of ours is its kind, and 1 more
 * @machine: where it was
 *
 * Return: 0 or a negative error.
 */
int hwbp_trace__sample(const struct perf_tool *tool, struct perf_sample *sample,
		       struct evsel *evsel, struct machine *machine)
{
	struct hwbp_trace *trace = trace_of(tool);
	struct hwbp_record *r;
	int err;

	if (!evsel->handler)
		return 0;
	r = new_record(trace, (unsigned long)evsel->handler - 1);
	if (!r)
		return -ENOMEM;
	err = fill_scene(r, sample, machine, sample->pid, sample->tid);
	if (err)
		return err;
	fill_numbers(r, evsel, sample);
	count_cpus(trace, r);
	return fill_owner(r, evsel, sample) ?: check(r);
}

static int process_fork(const struct perf_tool *tool, union perf_event *event,
			struct perf_sample *sample, struct machine *machine)
{
	struct hwbp_record *r;
	int err = perf_event__process_fork(tool, event, sample, machine);

	/* perf record makes records without a time of the tasks that were there before */
	if (err || !sample->time)
		return err;
	r = new_record(trace_of(tool), HWBP_FORK);
	if (!r)
		return -ENOMEM;
	r->parent = event->fork.ptid;
	return fill_scene(r, sample, machine, event->fork.pid, event->fork.tid);
}

static void init_tool(struct perf_tool *tool)
{
	perf_tool__init(tool, /*ordered_events=*/true);
	tool->sample = hwbp_on_sample;
	tool->fork = process_fork;
	tool->comm = perf_event__process_comm;
	tool->exit = perf_event__process_exit;
	tool->mmap = perf_event__process_mmap;
	tool->mmap2 = perf_event__process_mmap2;
	tool->namespaces = perf_event__process_namespaces;
	tool->lost = perf_event__process_lost;
}

/* ---- the file ---- */

static int kind_of(const char *event)
{
	static const char system[] = "hw_breakpoint:";
	int kind;

	if (!event || !strstarts(event, system))
		return -1;
	for (kind = 0; kind < HWBP_FORK; kind++) {
		if (!strcmp(event + strlen(system), hwbp_kind_name(kind)))
			return kind;
	}
	return -1;
}

/* Return: 0 if the file has tracepoints of ours that say what they are about. */
static int set_handlers(struct perf_session *session)
{
	bool found = false;
	struct evsel *evsel;

	evlist__for_each_entry(session->evlist, evsel) {
		int kind = kind_of(evsel__name(evsel));

		evsel->handler = (void *)(unsigned long)(kind + 1);
		if (kind < 0)
			continue;
		if (kind == HWBP_RESERVE && !evsel__field(evsel, "id")) {
			pr_err("The kernel that was recorded does not tell breakpoints apart: record on one whose hw_breakpoint:hwbp_reserve has a field 'id'.\n");
			return -EINVAL;
		}
		found = true;
	}
	if (found)
		return 0;
	pr_err("There are no hw_breakpoint tracepoints in this file: record with 'perf hwbp record'.\n");
	return -ENOENT;
}

static void warn_of_loss(const struct perf_session *session)
{
	u64 lost = session->evlist->stats.total_lost;

	if (lost)
		pr_warning("%" PRIu64 " events were lost: record with more room, as -m 4096.\n",
			   lost);
}

static int read_session(struct hwbp_trace *trace)
{
	struct perf_env *env = &trace->session->header.env;
	int err;

	symbol__init(env);
	trace->machine = &trace->session->machines.host;
	trace->one_pool = !strcmp(perf_env__arch(env), "x86");
	err = set_handlers(trace->session);
	if (!err)
		err = perf_session__process_events(trace->session);
	if (!err)
		warn_of_loss(trace->session);
	return err;
}

/**
 * hwbp_trace__read() - read a perf.data
 * @trace: all 0; filled
 * @path: the file, or NULL for perf.data
 * @force: read it whoever owns it
 *
 * Says what is wrong. Tasks that have exited keep their names and maps.
 *
 * Return: 0 or a negative error; hwbp_trace__exit() is called in any case.
 */
int hwbp_trace__read(struct hwbp_trace *trace, const char *path, bool force)
{
	struct perf_session *session;

	trace->data.path = path;
	trace->data.mode = PERF_DATA_MODE_READ;
	trace->data.force = force;
	symbol_conf.keep_exited_threads = true;
	init_tool(&trace->tool);
	session = perf_session__new(&trace->data, &trace->tool);
	if (IS_ERR(session))
		return PTR_ERR(session);
	trace->session = session;
	return read_session(trace);
}

/**
 * hwbp_trace__exit() - free what hwbp_trace__read() made
 * @trace: that
 */
void hwbp_trace__exit(struct hwbp_trace *trace)
{
	size_t i;

	for (i = 0; i < trace->nr; i++) {
		zfree(&trace->records[i].comm);
		zfree(&trace->records[i].owner);
	}
	zfree(&trace->records);
	if (trace->session)
		perf_session__delete(trace->session);
}
