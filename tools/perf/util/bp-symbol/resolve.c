// SPDX-License-Identifier: GPL-2.0
/*
 * From the address of data, such as a breakpoint watches, back to its symbol.
 */
#include <string.h>
#include <linux/types.h>

#include "bp-symbol.h"
#include "util/dso.h"
#include "util/event.h"
#include "util/evlist.h"
#include "util/evsel.h"
#include "util/machine.h"
#include "util/map.h"
#include "util/maps.h"
#include "util/symbol.h"
#include "util/thread.h"

static bool has_no_file(struct map *map)
{
	const char *name = dso__long_name(map__dso(map));

	return is_anon_memory(name) || !strcmp(name, "[heap]");
}

/* Takes over the reference */
static bool try_map(struct addr_location *al, struct map *map, u64 addr)
{
	struct symbol *sym = map ? map__find_symbol(map, map__map_ip(map, addr)) : NULL;

	if (!sym) {
		map__put(map);
		return false;
	}
	map__put(al->map);
	al->map = map;
	al->sym = sym;
	al->addr = map__map_ip(map, addr);
	return true;
}

/*
 * Variables that begin as 0 lie behind what is mapped of their file, in memory without a name,
 * and the kernel's behind what perf takes for its map. The symbols of the file go on there.
 */
static bool find_behind(struct addr_location *al, u64 addr)
{
	struct maps *maps = thread__maps(al->thread);
	struct machine *machine = maps__machine(maps);

	if (al->map && has_no_file(al->map) && map__start(al->map))
		return try_map(al, maps__find(maps, map__start(al->map) - 1), addr);
	if (!al->map && machine && machine__kernel_ip(machine, addr))
		return try_map(al, map__get(machine__kernel_map(machine)), addr);
	return false;
}

/**
 * thread__find_data_symbol() - find the symbol of data
 * @thread: that accessed it
 * @cpumode: in which mode that ran; the data may be of the other one
 * @addr: the data's address
 * @al: result
 *
 * Return: whether there is one.
 */
bool thread__find_data_symbol(struct thread *thread, u8 cpumode, u64 addr,
			      struct addr_location *al)
{
	return thread__find_symbol_fb(thread, cpumode, addr, al) || find_behind(al, addr);
}

/**
 * evlist__has_breakpoints_only() - are addresses of data what all samples are about?
 * @evlist: the events
 *
 * Return: they are.
 */
bool evlist__has_breakpoints_only(struct evlist *evlist)
{
	struct evsel *evsel;
	bool any = false;

	evlist__for_each_entry(evlist, evsel) {
		if (evsel->core.attr.type != PERF_TYPE_BREAKPOINT)
			return false;
		any = true;
	}
	return any;
}
