// SPDX-License-Identifier: GPL-2.0
/*
 * Names of what the kernel has numbers for.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <linux/hw_breakpoint.h>
#include <linux/kernel.h>
#include <linux/time64.h>

#include "hwbp.h"
#include "series.h"
#include "util/dso.h"
#include "util/env.h"
#include "util/event.h"
#include "util/machine.h"
#include "util/map.h"
#include "util/maps.h"
#include "util/session.h"
#include "util/symbol.h"
#include "util/thread.h"

/**
 * hwbp_kind_name() - the name of a tracepoint of hw_breakpoint
 * @kind: which
 *
 * Return: the name.
 */
const char *hwbp_kind_name(enum hwbp_kind kind)
{
	static const char * const names[HWBP_KINDS] = {
		[HWBP_RESERVE]		= "hwbp_reserve",
		[HWBP_RELEASE]		= "hwbp_release",
		[HWBP_MODIFY]		= "hwbp_modify",
		[HWBP_MODIFY_WIDE]	= "hwbp_modify_wide",
		[HWBP_RETIRE]		= "hwbp_retire",
		[HWBP_RESERVE_FOR_CPU]	= "hwbp_reserve_for_cpu",
		[HWBP_RELEASE_FOR_CPU]	= "hwbp_release_for_cpu",
		[HWBP_HAND_OVER]	= "hwbp_hand_over",
		[HWBP_INSTALL]		= "hwbp_install",
		[HWBP_UNINSTALL]	= "hwbp_uninstall",
		[HWBP_COMMIT]		= "hwbp_commit",
		[HWBP_LEND]		= "hwbp_lend",
		[HWBP_UNWATCHED]	= "hwbp_unwatched",
		[HWBP_DEBUG_RESERVE]	= "hwbp_debug_reserve",
		[HWBP_DEBUG_SET]	= "hwbp_debug_set",
		[HWBP_DEBUG_CLEAR]	= "hwbp_debug_clear",
		[HWBP_DEBUG_RELEASE]	= "hwbp_debug_release",
		[HWBP_TAKEN]		= "hwbp_taken",
		[HWBP_HEAL]		= "hwbp_heal",
		[HWBP_HELD]		= "hwbp_held",
		[HWBP_FORK]		= "fork",
	};

	return names[kind];
}

/**
 * hwbp_type_name() - which accesses are watched
 * @type: HW_BREAKPOINT_*
 *
 * Return: as in an event of perf's, mem:ADDRESS:TYPE.
 */
const char *hwbp_type_name(u32 type)
{
	static const char * const names[] = {
		[HW_BREAKPOINT_EMPTY]	= "-",
		[HW_BREAKPOINT_R]	= "r",
		[HW_BREAKPOINT_W]	= "w",
		[HW_BREAKPOINT_RW]	= "rw",
		[HW_BREAKPOINT_X]	= "x",
	};

	return type < ARRAY_SIZE(names) ? names[type] : "?";
}

/**
 * hwbp_error_name() - the name of an error of the machine that was recorded
 * @trace: the recording
 * @ret: negative error
 *
 * Return: as ENOSPC.
 */
const char *hwbp_error_name(const struct hwbp_trace *trace, int ret)
{
	return hwbp_strerrno(trace->session, -ret);
}

static void print_symbol(const struct symbol *sym, u64 offset, char *name, size_t size)
{
	if (offset)
		scnprintf(name, size, "%s+%#" PRIx64, sym->name, offset);
	else
		scnprintf(name, size, "%s", sym->name);
}

static bool kernel_place(struct machine *machine, u64 addr, char *name, size_t size)
{
	struct map *map = NULL;
	struct symbol *sym = machine__find_kernel_symbol(machine, addr, &map);

	if (sym)
		print_symbol(sym, map__map_ip(map, addr) - sym->start, name, size);
	map__put(map);
	return sym;
}

/**
 * struct below - the last map of a file that begins at or before an address
 * @addr: the address
 * @map: that map, or NULL
 */
struct below {
	u64		addr;
	struct map	*map;
};

static int look_below(struct map *map, void *arg)
{
	const char *name = dso__long_name(map__dso(map));
	struct below *below = arg;

	if (map__start(map) > below->addr || *name != '/' || is_anon_memory(name) ||
	    (below->map && map__start(map) < map__start(below->map)))
		return 0;
	map__put(below->map);
	below->map = map__get(map);
	return 0;
}

/*
 * A variable that begins as 0 is in memory of no file, behind that of its program's or library's
 * other variables. Its symbol is where it would be if the file went on.
 */
static bool user_place(struct thread *thread, u64 addr, char *name, size_t size)
{
	struct below below = { .addr = addr };
	struct symbol *sym = NULL;
	u64 ip;

	maps__for_each_map(thread__maps(thread), look_below, &below);
	if (!below.map)
		return false;
	/* the first look at a file may change how its addresses are mapped */
	if (map__load(below.map) >= 0) {
		ip = map__map_ip(below.map, addr);
		sym = map__find_symbol(below.map, ip);
	}
	if (sym)
		print_symbol(sym, ip - sym->start, name, size);
	map__put(below.map);
	return sym;
}

/**
 * hwbp_place() - what is at an address
 * @machine: whose
 * @addr: the address
 * @tid: task whose address it is, unless it is the kernel's
 * @name: filled with the symbol and what is added to it
 * @size: room there
 *
 * Return: false if no symbol is known.
 */
bool hwbp_place(struct machine *machine, u64 addr, pid_t tid, char *name, size_t size)
{
	struct thread *thread;
	bool found;

	if (machine__kernel_ip(machine, addr))
		return kernel_place(machine, addr, name, size);
	thread = tid > 0 ? machine__findnew_thread(machine, -1, tid) : NULL;
	if (!thread)
		return false;
	found = user_place(thread, addr, name, size);
	thread__put(thread);
	return found;
}

/**
 * hwbp_what() - what is at an address, for a table
 * @machine: whose
 * @addr: the address
 * @tid: as for hwbp_place()
 * @name: filled, with the number where there is no symbol
 * @size: room there
 */
void hwbp_what(struct machine *machine, u64 addr, pid_t tid, char *name, size_t size)
{
	if (!hwbp_place(machine, addr, tid, name, size))
		scnprintf(name, size, "%#" PRIx64, addr);
}

/* "w 8 bytes at counter"; @len may not be known */
static void describe_aim(const struct hwbp_trace *trace, u64 addr, u64 len, u32 type, pid_t tid,
			 char *text, size_t size)
{
	char place[HWBP_NAME_SIZE / 2];

	hwbp_what(trace->machine, addr, tid, place, sizeof(place));
	if (len)
		scnprintf(text, size, "%s %" PRIu64 " bytes at %s", hwbp_type_name(type), len,
			  place);
	else
		scnprintf(text, size, "%s at %s", hwbp_type_name(type), place);
}

/* " for task 312 on CPU 3"; @target is negative if it is not known */
static void describe_scope(pid_t target, int cpu, char *text, size_t size)
{
	int n = target > 0 ? scnprintf(text, size, " for task %d", target) : 0;

	if (cpu >= 0)
		scnprintf(text + n, size - n, " on CPU %d", cpu);
	else if (!target)
		scnprintf(text + n, size - n, " on all CPUs");
	else
		text[n] = '\0';
}

/**
 * hwbp_wish__describe() - what a record wants to watch, and where
 * @trace: the recording
 * @r: record of a reservation or a change
 * @text: filled
 * @size: room there
 */
void hwbp_wish__describe(const struct hwbp_trace *trace, const struct hwbp_record *r,
			 char *text, size_t size)
{
	char aim[HWBP_NAME_SIZE * 3 / 4], scope[HWBP_NAME_SIZE / 4];

	describe_scope(r->target, r->cpu, scope, sizeof(scope));
	if (r->type == HW_BREAKPOINT_EMPTY)
		scnprintf(aim, sizeof(aim), "a slot");
	else
		describe_aim(trace, r->addr, r->len, r->type, r->target, aim,
			     sizeof(aim));
	scnprintf(text, size, "%s%s", aim, scope);
}

/**
 * hwbp_asker() - who wants what a record tells of
 * @r: the record
 * @name: filled with the debugger's name, or the task's and its number
 * @size: room there
 */
void hwbp_asker(const struct hwbp_record *r, char *name, size_t size)
{
	/* a debugger has interrupted that task */
	if (r->owner)
		scnprintf(name, size, "%s", r->owner);
	else
		scnprintf(name, size, "%s[%d]", r->comm, r->tid);
}

static const char *opener_of(const struct hwbp_hold *hold)
{
	return hold->opener ?: "?";
}

/**
 * hwbp_hold__describe() - who holds a slot, for what
 * @trace: the recording
 * @hold: that
 * @text: filled, as "perf[310]: w 8 bytes at counter for task 312"
 * @size: room there
 */
void hwbp_hold__describe(const struct hwbp_trace *trace, const struct hwbp_hold *hold,
			 char *text, size_t size)
{
	char aim[HWBP_NAME_SIZE * 3 / 4], scope[HWBP_NAME_SIZE / 4], opener[32];

	if (hold->opener_tid)
		scnprintf(opener, sizeof(opener), "%s[%d]", opener_of(hold), hold->opener_tid);
	else
		scnprintf(opener, sizeof(opener), "%s", opener_of(hold));
	describe_scope(hold->target, hold->cpu, scope, sizeof(scope));
	if (hold->type == HW_BREAKPOINT_EMPTY)
		scnprintf(aim, sizeof(aim), "a slot");
	else
		describe_aim(trace, hold->addr, hold->len, hold->type, hold->target, aim,
			     sizeof(aim));
	scnprintf(text, size, "%s: %s%s", opener, aim, scope);
}

/**
 * hwbp_stay__describe() - what was in a slot
 * @trace: the recording
 * @stay: that
 * @text: filled, as hwbp_hold__describe() does, and with the time
 * @size: room there
 */
void hwbp_stay__describe(const struct hwbp_trace *trace, const struct hwbp_stay *stay,
			 char *text, size_t size)
{
	struct hwbp_hold then = *stay->hold;
	int n;

	/* it may have been aimed anew since */
	then.addr = stay->addr;
	then.len = stay->len;
	then.type = stay->type;
	hwbp_hold__describe(trace, &then, text, size);
	n = strlen(text);
	scnprintf(text + n, size - n, ", %.3f ms",
		  (double)(stay->to - stay->from) / NSEC_PER_MSEC);
}
