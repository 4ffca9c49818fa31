// SPDX-License-Identifier: GPL-2.0
/*
 * Symbols of the kernel and its modules, from /proc/kallsyms.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <linux/compiler.h>
#include <linux/ctype.h>
#include <linux/string.h>
#include <symbol/kallsyms.h>

#include "bp-symbol.h"
#include "util/debug.h"

#define KALLSYMS "/proc/kallsyms"

/**
 * struct scan - a symbol that is looked for
 * @name: its name
 * @found: where it is
 * @nr: how many there are of that name
 * @next: the least address of a symbol behind @found
 * @percpu_start: copies of a variable for each CPU are made of what lies between
 * @percpu_end: these two
 */
struct scan {
	const char	*name;
	struct bp_place	*found;
	int		nr;
	u64		next;
	u64		percpu_start;
	u64		percpu_end;
};

/* "name" or, of a module, "name\t[module]" */
static bool has_name(const char *entry, const char *name)
{
	size_t len = strlen(name);

	return !strncmp(entry, name, len) && (!entry[len] || isspace(entry[len]));
}

static int look(void *arg, const char *name, char type, u64 start)
{
	struct scan *scan = arg;
	bool global = isupper(type);

	if (!strcmp(name, "__per_cpu_start"))
		scan->percpu_start = start;
	else if (!strcmp(name, "__per_cpu_end"))
		scan->percpu_end = start;
	if (!has_name(name, scan->name))
		return 0;
	if (!start && toupper(type) != 'A') {
		scan->found->hidden = true;
		return 0;
	}
	/* one that all can see is meant rather than a file's own */
	if (scan->nr && (global != scan->found->global ? !global : start == scan->found->addr))
		return 0;
	scan->nr = scan->nr && global == scan->found->global ? scan->nr + 1 : 1;
	scan->found->addr = start;
	scan->found->global = global;
	return 0;
}

static int look_behind(void *arg, const char *name __maybe_unused, char type __maybe_unused,
		       u64 start)
{
	struct scan *scan = arg;

	if (start > scan->found->addr && start < scan->next)
		scan->next = start;
	return 0;
}

static int check(const struct bp_symbol *sym, const struct scan *scan)
{
	u64 addr = scan->found->addr;

	if (scan->nr > 1) {
		pr_err("The kernel has %d symbols %s: find the one that is meant in %s, and say mem:0xADDRESS\n",
		       scan->nr, sym->name, KALLSYMS);
		return -EINVAL;
	}
	if (addr >= scan->percpu_start && addr < scan->percpu_end) {
		pr_err("%s of the kernel is a variable that each CPU has for itself: it has no one address\n",
		       sym->name);
		return -EINVAL;
	}
	return 1;
}

/**
 * bp_symbol__is_of_kernel() - does an event name a symbol of the kernel?
 * @sym: what the event names
 *
 * Return: it does, and not one of anywhere.
 */
bool bp_symbol__is_of_kernel(const struct bp_symbol *sym)
{
	return sym->file && !strcmp(sym->file, "kernel");
}

/**
 * bp_symbol__in_kernel() - find a symbol in the kernel
 * @sym: the symbol
 * @place: where it is
 *
 * Return: 1; 0 if there is none, or this user may not know; a negative error, which has been
 * told, if there are several.
 */
int bp_symbol__in_kernel(const struct bp_symbol *sym, struct bp_place *place)
{
	struct scan scan = { .name = sym->name, .found = place, .next = ~0ULL };

	memset(place, 0, sizeof(*place));
	if (sym->file && !bp_symbol__is_of_kernel(sym))
		return 0;
	if (kallsyms__parse(KALLSYMS, &scan, look) < 0)
		return 0;
	if (!scan.nr)
		return 0;
	kallsyms__parse(KALLSYMS, &scan, look_behind);
	place->room = scan.next - place->addr;
	return check(sym, &scan);
}
