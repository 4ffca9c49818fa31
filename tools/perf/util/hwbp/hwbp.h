/* SPDX-License-Identifier: GPL-2.0 */
/*
 * perf hwbp: who has which hardware breakpoint.
 *
 *	trace.c	reads a perf.data into records
 *	replay.c	makes of these who held what, and what was refused
 *	name.c	names of types, addresses and errors
 *	lane.c	what a picture has of each CPU
 *	tables.c	reads what the kernel tells of this moment, for list.c
 *	list.c, report.c, timehist.c, svg.c, chrome.c
 *			each prints one kind of result
 */
#ifndef __PERF_HWBP_H
#define __PERF_HWBP_H

#include <stdbool.h>
#include <stdio.h>
#include <sys/types.h>
#include <linux/list.h>
#include <linux/types.h>

#include "util/data.h"
#include "util/time-utils.h"
#include "util/tool.h"

struct evsel;
struct hashmap;
struct machine;
struct perf_sample;
struct perf_session;

/* As many as fit into the masks of the kernel's records */
#define HWBP_MAX_SLOTS	32

/* ---- records ---- */

enum hwbp_kind {
	HWBP_RESERVE,
	HWBP_RELEASE,
	HWBP_MODIFY,
	HWBP_MODIFY_WIDE,
	HWBP_RETIRE,
	HWBP_RESERVE_FOR_CPU,
	HWBP_RELEASE_FOR_CPU,
	HWBP_HAND_OVER,
	HWBP_INSTALL,
	HWBP_UNINSTALL,
	HWBP_COMMIT,
	HWBP_LEND,
	HWBP_UNWATCHED,
	HWBP_DEBUG_RESERVE,
	HWBP_DEBUG_SET,
	HWBP_DEBUG_CLEAR,
	HWBP_DEBUG_RELEASE,
	HWBP_TAKEN,
	HWBP_HEAL,
	HWBP_HELD,
	/* no tracepoint: perf's own record of a fork */
	HWBP_FORK,
	HWBP_KINDS
};

/**
 * struct hwbp_record - what a tracepoint told
 * @kind: which one it was; the fields that it has not are 0
 * @time: when
 * @here: CPU on which it happened
 * @pid: process of the task that ran there
 * @tid: that task; of HWBP_FORK the new one
 * @comm: name of that task
 * @id: event, or a debugger's breakpoint, that it is about
 * @parent: event that this one is a copy of; of HWBP_FORK the task that forked
 * @addr: first byte that is watched; of HWBP_UNWATCHED the instruction
 * @len: how many bytes
 * @type: HW_BREAKPOINT_*
 * @cpu: the only CPU that is concerned, or -1
 * @target: task whose event it is, or 0 for an event of a CPU
 * @ret: 0 or a negative error
 * @pool: pool of slots
 * @slot: slot of @here, or of @on_cpu
 * @on_cpu: of HWBP_HELD: CPU whose @slot the event was in, or -1
 * @slots: mask of slots, or their number
 * @written: mask of the slots that were written
 * @to_event: of HWBP_HAND_OVER: from nobody to an event
 * @owner: name of the debugger, or of the task that opened the event
 */
struct hwbp_record {
	enum hwbp_kind	kind;
	u64		time;
	int		here;
	pid_t		pid;
	pid_t		tid;
	const char	*comm;
	u64		id;
	u64		parent;
	u64		addr;
	u64		len;
	u32		type;
	int		cpu;
	pid_t		target;
	int		ret;
	int		pool;
	int		slot;
	int		on_cpu;
	u32		slots;
	u32		written;
	bool		to_event;
	const char	*owner;
};

/**
 * struct hwbp_trace - a perf.data
 * @tool: what perf calls for each event of the file
 * @data: the file, as long as @session is open
 * @session: it
 * @machine: whose names of addresses are asked for
 * @records: all, in the order of their times
 * @nr: how many
 * @room: for so many
 * @nr_cpus: 1 + the highest CPU that is spoken of
 * @one_pool: one kind of slot serves instructions and data
 */
struct hwbp_trace {
	struct perf_tool	tool;
	struct perf_data	data;
	struct perf_session	*session;
	struct machine		*machine;
	struct hwbp_record	*records;
	size_t			nr;
	size_t			room;
	int			nr_cpus;
	bool			one_pool;
};

int hwbp_trace__sample(const struct perf_tool *tool, struct perf_sample *sample,
		       struct evsel *evsel, struct machine *machine);
int hwbp_trace__read(struct hwbp_trace *trace, const char *path, bool force);
void hwbp_trace__exit(struct hwbp_trace *trace);

/* ---- who held what ---- */

enum hwbp_holder {
	HWBP_HOLDER_EVENT,
	HWBP_HOLDER_DEBUGGER,
	/* a slot of a CPU that is offline, for a wide breakpoint */
	HWBP_HOLDER_OFFLINE,
};

/**
 * struct hwbp_hold - a right to a slot
 * @node: in hwbp_replay.holds
 * @alive_node: in hwbp_replay.alive, while it lasts
 * @holder: what has it
 * @id: of the event, or of the debugger's breakpoint
 * @opener: name of the task that opened it, or of the debugger
 * @opener_tid: that task, 0 if it is not known
 * @parent: event that it is a copy of, while the copy's task is not known
 * @target: task whose event it is, 0 if it is no task's, -1 if that is not known
 * @cpu: the only CPU, or -1
 * @pool: pool of slots, where it has no type
 * @addr: what it watched last
 * @len: as many bytes of it, 0 if that is not known
 * @type: HW_BREAKPOINT_*
 * @from: since when
 * @to: until when
 * @before: it was held before the recording began, so @from is the beginning
 * @after: it was held when the recording ended, so @to is the end
 * @installs: how often it got a slot
 * @in_slot: for how long it was in one
 * @stay: in which it is, or NULL
 */
struct hwbp_hold {
	struct list_head	node;
	struct list_head	alive_node;
	enum hwbp_holder	holder;
	u64			id;
	const char		*opener;
	pid_t			opener_tid;
	u64			parent;
	pid_t			target;
	int			cpu;
	int			pool;
	u64			addr;
	u64			len;
	u32			type;
	u64			from;
	u64			to;
	bool			before;
	bool			after;
	u64			installs;
	u64			in_slot;
	struct hwbp_stay	*stay;
};

/**
 * struct hwbp_stay - a slot of a CPU had the same content for a while
 * @node: in hwbp_replay.stays
 * @hold: of whom
 * @cpu: CPU; -1 for a debugger's on all of them
 * @slot: slot; -1 for a debugger's, whose slot no record names
 * @addr: what it watched
 * @len: bytes
 * @type: HW_BREAKPOINT_*
 * @from: since when
 * @to: until when
 */
struct hwbp_stay {
	struct list_head	node;
	struct hwbp_hold	*hold;
	int			cpu;
	int			slot;
	u64			addr;
	u64			len;
	u32			type;
	u64			from;
	u64			to;
};

/**
 * struct hwbp_refusal - somebody got no slot
 * @node: in hwbp_replay.refusals
 * @record: what was asked for
 * @nr: how many held a slot of the CPUs that were asked for then
 * @holds: they, as they were then
 */
struct hwbp_refusal {
	struct list_head		node;
	const struct hwbp_record	*record;
	unsigned int			nr;
	struct hwbp_hold		*holds;
};

/**
 * struct hwbp_loans - what the guests of one task borrowed
 * @node: in hwbp_replay.loans
 * @tid: the task, a VCPU
 * @comm: its name
 * @times: how often
 * @slots: which, in all
 * @lent: how many slots, each time counted
 * @written: how many of these had to be written or switched off
 */
struct hwbp_loans {
	struct list_head	node;
	pid_t			tid;
	const char		*comm;
	u64			times;
	u32			slots;
	u64			lent;
	u64			written;
};

/**
 * struct hwbp_cpu_stats - what happened on a CPU
 * @installs: events that got a slot
 * @uninstalls: events that lost theirs
 * @commits: how often the registers were compared with what they should hold
 * @written: slots that were written or switched off then
 * @spared: installations and removals for which none was
 * @asked: installations and removals since the last commit
 * @unwatched: how often slots rested for longer than an instruction
 * @healed: how often a task died that kept them off
 */
struct hwbp_cpu_stats {
	u64	installs;
	u64	uninstalls;
	u64	commits;
	u64	written;
	u64	spared;
	u64	asked;
	u64	unwatched;
	u64	healed;
};

/**
 * struct hwbp_replay - what the records say when they are put together
 * @trace: the records
 * @holds: all, by their beginning
 * @alive: those that are held now
 * @by_id: the latest of an id
 * @stays: all, by their end
 * @refusals: all, by time
 * @loans: by task
 * @cpus: by CPU
 */
struct hwbp_replay {
	const struct hwbp_trace	*trace;
	struct list_head	holds;
	struct list_head	alive;
	struct hashmap		*by_id;
	struct list_head	stays;
	struct list_head	refusals;
	struct list_head	loans;
	struct hwbp_cpu_stats	*cpus;
};

int hwbp_replay__run(struct hwbp_replay *replay, const struct hwbp_trace *trace);
void hwbp_replay__exit(struct hwbp_replay *replay);

/* ---- this moment ---- */

/**
 * struct hwbp_row - a line of one of the kernel's tables
 * @node: in its table
 * @cpu: CPU, or -1
 * @slot: slot, of the table of slots
 * @type: "r", "w", "rw", "x", or "-" if the slot is free
 * @addr: first byte that is watched
 * @len: how many bytes
 * @owner: name of the task that opened the event, or of the debugger; "-" if there is none
 * @target: task whose event it is, or 0
 * @state: as the table has it
 */
struct hwbp_row {
	struct list_head	node;
	int			cpu;
	int			slot;
	char			type[4];
	u64			addr;
	u64			len;
	char			owner[64];
	pid_t			target;
	char			state[16];
};

int hwbp_tables__read_slots(struct list_head *rows);
int hwbp_tables__read_holders(struct list_head *rows);
void hwbp_tables__delete(struct list_head *rows);

/* ---- names ---- */

/* Room for what these print */
#define HWBP_NAME_SIZE	256

const char *hwbp_kind_name(enum hwbp_kind kind);
const char *hwbp_type_name(u32 type);
const char *hwbp_error_name(const struct hwbp_trace *trace, int ret);
bool hwbp_place(struct machine *machine, u64 addr, pid_t tid, char *name, size_t size);
void hwbp_what(struct machine *machine, u64 addr, pid_t tid, char *name, size_t size);
void hwbp_hold__describe(const struct hwbp_trace *trace, const struct hwbp_hold *hold,
			 char *text, size_t size);
void hwbp_stay__describe(const struct hwbp_trace *trace, const struct hwbp_stay *stay,
			 char *text, size_t size);
void hwbp_asker(const struct hwbp_record *r, char *name, size_t size);
void hwbp_wish__describe(const struct hwbp_trace *trace, const struct hwbp_record *r,
			 char *text, size_t size);

/* ---- lanes of a picture ---- */

/* Of each CPU, beside its slots */
enum {
	HWBP_LANE_DEBUGGERS = HWBP_MAX_SLOTS,
	HWBP_LANE_REFUSALS,
	HWBP_LANE_LOANS,
	HWBP_LANES
};

int hwbp_lane_of(const struct hwbp_stay *stay);
void hwbp_lane_name(int lane, char *name, size_t size);
void hwbp_lanes(const struct hwbp_replay *replay, bool *lanes);

/* ---- results ---- */

int hwbp_list__print(FILE *out, bool json);
void hwbp_report__print(const struct hwbp_replay *replay, FILE *out);
void hwbp_timehist__print(const struct hwbp_trace *trace, const unsigned long *cpus,
			  struct perf_time_interval *span, FILE *out);
int hwbp_svg__print(const struct hwbp_replay *replay, int width, FILE *out);
int hwbp_chrome__print(const struct hwbp_replay *replay, FILE *out);

#endif /* __PERF_HWBP_H */
