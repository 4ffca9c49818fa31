// SPDX-License-Identifier: GPL-2.0
/*
 * Puts the records together: who held a slot from when to when, in which slot of which CPU the
 * event was meanwhile, and who held the others when somebody was refused.
 *
 * What was held before the recording began is known from the table of holders, which 'perf hwbp
 * record' reads as soon as it records (HWBP_HELD), or from its first record of another kind.
 */
#include <errno.h>
#include <stdlib.h>
#include <linux/bitops.h>
#include <linux/hw_breakpoint.h>
#include <linux/kernel.h>
#include <linux/zalloc.h>

#include "hwbp.h"
#include "util/hashmap.h"

/* ---- beginning and end of a hold ---- */

static size_t hash_id(long id, void *ctx __maybe_unused)
{
	return id;
}

static bool same_id(long a, long b, void *ctx __maybe_unused)
{
	return a == b;
}

static u64 begin_of(const struct hwbp_replay *replay)
{
	return replay->trace->nr ? replay->trace->records[0].time : 0;
}

static u64 end_of(const struct hwbp_replay *replay)
{
	return replay->trace->nr ? replay->trace->records[replay->trace->nr - 1].time : 0;
}

static struct hwbp_hold *find(const struct hwbp_replay *replay, u64 id)
{
	struct hwbp_hold *hold;

	return hashmap__find(replay->by_id, id, &hold) ? hold : NULL;
}

/* As the record describes it */
static struct hwbp_hold *begin(struct hwbp_replay *replay, const struct hwbp_record *r)
{
	struct hwbp_hold *hold = zalloc(sizeof(*hold));

	if (!hold)
		return NULL;
	hold->id = r->id;
	hold->opener = r->comm;
	hold->opener_tid = r->tid;
	hold->parent = r->parent;
	hold->target = r->target;
	hold->cpu = r->cpu;
	hold->pool = r->pool;
	hold->addr = r->addr;
	hold->len = r->len;
	hold->type = r->type;
	hold->from = r->time;
	list_add_tail(&hold->node, &replay->holds);
	list_add_tail(&hold->alive_node, &replay->alive);
	if (hold->id && hashmap__set(replay->by_id, hold->id, hold, NULL, NULL))
		return NULL;
	return hold;
}

static struct hwbp_hold *begin_before(struct hwbp_replay *replay, const struct hwbp_record *r)
{
	struct hwbp_hold *hold = begin(replay, r);

	if (!hold)
		return NULL;
	hold->before = true;
	hold->from = begin_of(replay);
	hold->opener = r->owner;
	hold->opener_tid = 0;
	return hold;
}

/* The record does not say whose it is. */
static struct hwbp_hold *begin_unknown(struct hwbp_replay *replay, const struct hwbp_record *r)
{
	struct hwbp_hold *hold = begin_before(replay, r);

	if (!hold)
		return NULL;
	hold->target = -1;
	hold->cpu = -1;
	return hold;
}

/* ---- in a slot, and out of it ---- */

static int enter(struct hwbp_replay *replay, struct hwbp_hold *hold, u64 from, int cpu, int slot)
{
	struct hwbp_stay *stay = zalloc(sizeof(*stay));

	if (!stay)
		return -ENOMEM;
	stay->hold = hold;
	stay->cpu = cpu;
	stay->slot = slot;
	stay->addr = hold->addr;
	stay->len = hold->len;
	stay->type = hold->type;
	stay->from = from;
	list_add_tail(&stay->node, &replay->stays);
	hold->stay = stay;
	return 0;
}

static void leave(struct hwbp_hold *hold, u64 to)
{
	if (!hold->stay)
		return;
	hold->stay->to = to;
	hold->in_slot += to - hold->stay->from;
	hold->stay = NULL;
}

/* It watches something else from now on, in the slot where it is. */
static int aim_anew(struct hwbp_replay *replay, struct hwbp_hold *hold,
		    const struct hwbp_record *r)
{
	int cpu, slot;

	hold->addr = r->addr;
	hold->len = r->len;
	hold->type = r->type;
	if (!hold->stay)
		return 0;
	cpu = hold->stay->cpu;
	slot = hold->stay->slot;
	leave(hold, r->time);
	return enter(replay, hold, r->time, cpu, slot);
}

static void end(struct hwbp_hold *hold, u64 to)
{
	leave(hold, to);
	hold->to = to;
	list_del_init(&hold->alive_node);
}

static bool is_alive(const struct hwbp_hold *hold)
{
	return hold && !list_empty(&hold->alive_node);
}

/* ---- refusals ---- */

static bool shares_pool(const struct hwbp_replay *replay, const struct hwbp_hold *hold,
			const struct hwbp_record *r)
{
	int a = hold->type ? hold->type != HW_BREAKPOINT_X : hold->pool;
	int b = r->type ? r->type != HW_BREAKPOINT_X : r->pool;

	return replay->trace->one_pool || a == b;
}

static bool stands_in_the_way(const struct hwbp_replay *replay, const struct hwbp_hold *hold,
			      const struct hwbp_record *r)
{
	return hold->id != r->id && shares_pool(replay, hold, r) &&
	       (hold->cpu < 0 || r->cpu < 0 || hold->cpu == r->cpu);
}

static int note_holders(const struct hwbp_replay *replay, struct hwbp_refusal *refusal)
{
	struct hwbp_hold *hold;
	unsigned int n = 0;

	list_for_each_entry(hold, &replay->alive, alive_node)
		n++;
	refusal->holds = n ? calloc(n, sizeof(*refusal->holds)) : NULL;
	if (n && !refusal->holds)
		return -ENOMEM;
	list_for_each_entry(hold, &replay->alive, alive_node) {
		if (stands_in_the_way(replay, hold, refusal->record))
			refusal->holds[refusal->nr++] = *hold;
	}
	return 0;
}

static int refuse(struct hwbp_replay *replay, const struct hwbp_record *r)
{
	struct hwbp_refusal *refusal = zalloc(sizeof(*refusal));

	if (!refusal)
		return -ENOMEM;
	refusal->record = r;
	list_add_tail(&refusal->node, &replay->refusals);
	return r->ret == -ENOSPC ? note_holders(replay, refusal) : 0;
}

/* ---- rights of events ---- */

static int on_reserve(struct hwbp_replay *replay, const struct hwbp_record *r)
{
	if (r->ret)
		return refuse(replay, r);
	return begin(replay, r) ? 0 : -ENOMEM;
}

/* Of what has ended with its task nothing more is given back when the file is closed. */
static int on_release(struct hwbp_replay *replay, const struct hwbp_record *r)
{
	struct hwbp_hold *hold = find(replay, r->id) ?: begin_before(replay, r);

	if (!hold)
		return -ENOMEM;
	if (!r->ret && is_alive(hold))
		end(hold, r->time);
	return 0;
}

static int on_modify(struct hwbp_replay *replay, const struct hwbp_record *r)
{
	struct hwbp_hold *hold = find(replay, r->id);

	if (r->ret)
		return refuse(replay, r);
	if (!is_alive(hold)) {
		hold = begin_before(replay, r);
		if (!hold)
			return -ENOMEM;
	}
	return aim_anew(replay, hold, r);
}

static int on_modify_wide(struct hwbp_replay *replay, const struct hwbp_record *r)
{
	return r->ret ? refuse(replay, r) : 0;
}

/* What a task held that exits */
static int on_retire(struct hwbp_replay *replay, const struct hwbp_record *r)
{
	struct hwbp_hold *hold, *next;

	list_for_each_entry_safe(hold, next, &replay->alive, alive_node) {
		if (hold->holder == HWBP_HOLDER_EVENT && hold->target == r->tid)
			end(hold, r->time);
	}
	return 0;
}

/* A copy has reserved under the number of the task that forks; now its own is known. */
static int on_fork(struct hwbp_replay *replay, const struct hwbp_record *r)
{
	struct hwbp_hold *hold;

	list_for_each_entry(hold, &replay->alive, alive_node) {
		if (!hold->parent || hold->opener_tid != (pid_t)r->parent)
			continue;
		hold->target = r->tid;
		hold->parent = 0;
	}
	return 0;
}

/* Not one that was reserved in the recording, though its row comes later */
static int on_held(struct hwbp_replay *replay, const struct hwbp_record *r)
{
	struct hwbp_hold *hold = find(replay, r->id);

	if (!is_alive(hold) || hold->stay || hold->in_slot || r->slot < 0 || r->on_cpu < 0)
		return 0;
	return enter(replay, hold, hold->from, r->on_cpu, r->slot);
}

/* ---- rights of CPUs that are offline ---- */

static struct hwbp_hold *find_offline(const struct hwbp_replay *replay, int cpu, int pool)
{
	struct hwbp_hold *hold;

	list_for_each_entry(hold, &replay->alive, alive_node) {
		if (hold->holder == HWBP_HOLDER_OFFLINE && hold->cpu == cpu && hold->pool == pool)
			return hold;
	}
	return NULL;
}

static int begin_offline(struct hwbp_replay *replay, const struct hwbp_record *r)
{
	struct hwbp_record of_none = *r;
	struct hwbp_hold *hold;

	of_none.id = 0;
	hold = begin(replay, &of_none);
	if (!hold)
		return -ENOMEM;
	hold->holder = HWBP_HOLDER_OFFLINE;
	return 0;
}

static int on_reserve_for_cpu(struct hwbp_replay *replay, const struct hwbp_record *r)
{
	return r->ret ? refuse(replay, r) : begin_offline(replay, r);
}

static int on_release_for_cpu(struct hwbp_replay *replay, const struct hwbp_record *r)
{
	struct hwbp_hold *hold = find_offline(replay, r->cpu, r->pool);

	if (hold)
		end(hold, r->time);
	return 0;
}

/* To an event: its own reservation is the next record. */
static int on_hand_over(struct hwbp_replay *replay, const struct hwbp_record *r)
{
	struct hwbp_hold *hold = find(replay, r->id);

	if (r->to_event)
		return on_release_for_cpu(replay, r);
	if (is_alive(hold))
		end(hold, r->time);
	return begin_offline(replay, r);
}

/* ---- slots and registers ---- */

/* Perf swaps the contexts of clones, so the task may be another than the one it was opened for. */
static int on_install(struct hwbp_replay *replay, const struct hwbp_record *r)
{
	struct hwbp_hold *hold = find(replay, r->id);

	replay->cpus[r->here].installs++;
	replay->cpus[r->here].asked++;
	if (!is_alive(hold)) {
		hold = begin_unknown(replay, r);
		if (!hold)
			return -ENOMEM;
	}
	if (hold->target > 0)
		hold->target = r->tid;
	hold->installs++;
	leave(hold, r->time);
	return enter(replay, hold, r->time, r->here, r->slot);
}

static int on_uninstall(struct hwbp_replay *replay, const struct hwbp_record *r)
{
	struct hwbp_hold *hold = find(replay, r->id);

	replay->cpus[r->here].uninstalls++;
	replay->cpus[r->here].asked++;
	if (!is_alive(hold)) {
		hold = begin_unknown(replay, r);
		if (!hold)
			return -ENOMEM;
	}
	if (hold->before && !hold->stay && !hold->in_slot) {
		if (enter(replay, hold, hold->from, r->here, r->slot))
			return -ENOMEM;
	}
	leave(hold, r->time);
	return 0;
}

static int on_commit(struct hwbp_replay *replay, const struct hwbp_record *r)
{
	struct hwbp_cpu_stats *cpu = &replay->cpus[r->here];
	u64 written = hweight32(r->written);

	cpu->commits++;
	cpu->written += written;
	if (cpu->asked > written)
		cpu->spared += cpu->asked - written;
	cpu->asked = 0;
	return 0;
}

static struct hwbp_loans *loans_of(struct hwbp_replay *replay, const struct hwbp_record *r)
{
	struct hwbp_loans *loans;

	list_for_each_entry(loans, &replay->loans, node) {
		if (loans->tid == r->tid)
			return loans;
	}
	loans = zalloc(sizeof(*loans));
	if (!loans)
		return NULL;
	loans->tid = r->tid;
	loans->comm = r->comm;
	list_add_tail(&loans->node, &replay->loans);
	return loans;
}

static int on_lend(struct hwbp_replay *replay, const struct hwbp_record *r)
{
	struct hwbp_loans *loans = loans_of(replay, r);

	if (!loans)
		return -ENOMEM;
	loans->times++;
	loans->slots |= r->slots;
	loans->lent += hweight32(r->slots);
	loans->written += hweight32(r->written);
	return 0;
}

static int on_unwatched(struct hwbp_replay *replay, const struct hwbp_record *r)
{
	replay->cpus[r->here].unwatched++;
	return 0;
}

static int on_heal(struct hwbp_replay *replay, const struct hwbp_record *r)
{
	replay->cpus[r->here].healed++;
	return 0;
}

/* ---- debuggers ---- */

static struct hwbp_hold *find_debugger(struct hwbp_replay *replay, const struct hwbp_record *r)
{
	struct hwbp_hold *hold = find(replay, r->id);

	if (is_alive(hold))
		return hold;
	hold = begin_before(replay, r);
	if (hold)
		hold->holder = HWBP_HOLDER_DEBUGGER;
	return hold;
}

/* The thread is not the debugger's, but what it has interrupted. */
static int on_debug_reserve(struct hwbp_replay *replay, const struct hwbp_record *r)
{
	struct hwbp_hold *hold;

	if (r->ret)
		return refuse(replay, r);
	hold = begin(replay, r);
	if (!hold)
		return -ENOMEM;
	hold->holder = HWBP_HOLDER_DEBUGGER;
	hold->opener = r->owner;
	hold->opener_tid = 0;
	return 0;
}

static int on_debug_set(struct hwbp_replay *replay, const struct hwbp_record *r)
{
	struct hwbp_hold *hold;

	if (r->ret)
		return refuse(replay, r);
	hold = find_debugger(replay, r);
	if (!hold)
		return -ENOMEM;
	leave(hold, r->time);
	hold->installs++;
	if (aim_anew(replay, hold, r))
		return -ENOMEM;
	return enter(replay, hold, r->time, hold->cpu, -1);
}

static int on_debug_clear(struct hwbp_replay *replay, const struct hwbp_record *r)
{
	struct hwbp_hold *hold = find_debugger(replay, r);

	if (!hold)
		return -ENOMEM;
	leave(hold, r->time);
	return 0;
}

static int on_debug_release(struct hwbp_replay *replay, const struct hwbp_record *r)
{
	struct hwbp_hold *hold = find_debugger(replay, r);

	if (!hold)
		return -ENOMEM;
	end(hold, r->time);
	return 0;
}

/* ---- all ---- */

static int put_in(struct hwbp_replay *replay, const struct hwbp_record *r)
{
	static int (*const on[HWBP_KINDS])(struct hwbp_replay *, const struct hwbp_record *) = {
		[HWBP_RESERVE]		= on_reserve,
		[HWBP_RELEASE]		= on_release,
		[HWBP_MODIFY]		= on_modify,
		[HWBP_MODIFY_WIDE]	= on_modify_wide,
		[HWBP_RETIRE]		= on_retire,
		[HWBP_RESERVE_FOR_CPU]	= on_reserve_for_cpu,
		[HWBP_RELEASE_FOR_CPU]	= on_release_for_cpu,
		[HWBP_HAND_OVER]	= on_hand_over,
		[HWBP_INSTALL]		= on_install,
		[HWBP_UNINSTALL]	= on_uninstall,
		[HWBP_COMMIT]		= on_commit,
		[HWBP_LEND]		= on_lend,
		[HWBP_UNWATCHED]	= on_unwatched,
		[HWBP_DEBUG_RESERVE]	= on_debug_reserve,
		[HWBP_DEBUG_SET]	= on_debug_set,
		[HWBP_DEBUG_CLEAR]	= on_debug_clear,
		[HWBP_DEBUG_RELEASE]	= on_debug_release,
		[HWBP_HEAL]		= on_heal,
		[HWBP_HELD]		= on_held,
		[HWBP_FORK]		= on_fork,
	};

	return on[r->kind] ? on[r->kind](replay, r) : 0;
}

static bool opened_before(const struct hwbp_record *records, const struct hwbp_record *held)
{
	const struct hwbp_record *r;

	for (r = records; r < held; r++) {
		if (r->kind == HWBP_RESERVE && !r->ret && r->id == held->id)
			return true;
	}
	return false;
}

/* The rows of the table of those that were there from the beginning */
static int begin_held(struct hwbp_replay *replay)
{
	const struct hwbp_trace *trace = replay->trace;
	size_t i;

	for (i = 0; i < trace->nr; i++) {
		const struct hwbp_record *r = &trace->records[i];

		if (r->kind != HWBP_HELD || find(replay, r->id) ||
		    opened_before(trace->records, r))
			continue;
		if (!begin_before(replay, r))
			return -ENOMEM;
	}
	return 0;
}

static void end_rest(struct hwbp_replay *replay)
{
	struct hwbp_hold *hold, *next;

	list_for_each_entry_safe(hold, next, &replay->alive, alive_node) {
		end(hold, end_of(replay));
		hold->after = true;
	}
}

static int init(struct hwbp_replay *replay, const struct hwbp_trace *trace)
{
	replay->trace = trace;
	INIT_LIST_HEAD(&replay->holds);
	INIT_LIST_HEAD(&replay->alive);
	INIT_LIST_HEAD(&replay->stays);
	INIT_LIST_HEAD(&replay->refusals);
	INIT_LIST_HEAD(&replay->loans);
	replay->by_id = hashmap__new(hash_id, same_id, NULL);
	replay->cpus = calloc(trace->nr_cpus ?: 1, sizeof(*replay->cpus));
	return replay->by_id && replay->cpus ? 0 : -ENOMEM;
}

/**
 * hwbp_replay__run() - put the records together
 * @replay: all 0; filled
 * @trace: records; needed as long as @replay
 *
 * Return: 0 or -ENOMEM; hwbp_replay__exit() is called in any case.
 */
int hwbp_replay__run(struct hwbp_replay *replay, const struct hwbp_trace *trace)
{
	int err = init(replay, trace);
	size_t i;

	if (!err)
		err = begin_held(replay);
	for (i = 0; !err && i < trace->nr; i++)
		err = put_in(replay, &trace->records[i]);
	if (!err)
		end_rest(replay);
	return err;
}

/* Of structures whose first member is the node */
static void free_list(struct list_head *head)
{
	struct list_head *pos, *next;

	list_for_each_safe(pos, next, head)
		free(pos);
}

static void free_refusals(struct hwbp_replay *replay)
{
	struct hwbp_refusal *refusal, *next;

	list_for_each_entry_safe(refusal, next, &replay->refusals, node) {
		free(refusal->holds);
		free(refusal);
	}
}

/**
 * hwbp_replay__exit() - free what hwbp_replay__run() made
 * @replay: that
 */
void hwbp_replay__exit(struct hwbp_replay *replay)
{
	free_refusals(replay);
	free_list(&replay->holds);
	free_list(&replay->stays);
	free_list(&replay->loans);
	hashmap__free(replay->by_id);
	zfree(&replay->cpus);
}
