// SPDX-License-Identifier: GPL-2.0
/*
 * How many bytes of a symbol one slot can watch.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <linux/kernel.h>
#include <linux/log2.h>
#include <linux/string.h>
#include <api/fs/fs.h>

#include "bp-symbol.h"
#include "util/debug.h"

#define CAPS "bus/event_source/devices/breakpoint/caps/"

/* A kernel that does not say has what its architecture has. */
#ifdef __aarch64__
#define ANY_LENGTH true
#else
#define ANY_LENGTH false
#endif

/**
 * struct caps - what one slot can watch
 * @any: any bytes that lie in one doubleword, rather than a power of 2 that is aligned
 * @range: the most bytes, a power of 2
 */
struct caps {
	bool	any;
	u64	range;
};

static const struct caps *get_caps(void)
{
	static struct caps caps;
	unsigned long long range;
	char *lengths;
	size_t size;

	if (caps.range)
		return &caps;
	caps.any = ANY_LENGTH;
	caps.range = sizeof(u64);
	if (!sysfs__read_str(CAPS "data_lengths", &lengths, &size)) {
		caps.any = !strncmp(lengths, "1-8", 3);
		free(lengths);
	}
	if (!sysfs__read_ull(CAPS "data_range", &range) && range > caps.range)
		caps.range = range;
	return &caps;
}

/* As many bytes of size from addr on as one slot can watch; at least one */
static u64 one_slot(u64 addr, u64 size)
{
	const struct caps *caps = get_caps();
	u64 in_doubleword = min_t(u64, size, sizeof(u64) - addr % sizeof(u64));
	u64 aligned = rounddown_pow_of_two(min(size, caps->range));

	while (addr & (aligned - 1))
		aligned /= 2;
	return caps->any ? max(in_doubleword, aligned) : aligned;
}

static u64 count_slots(u64 addr, u64 size)
{
	u64 slots = 0, len;

	for (; size; slots++) {
		len = one_slot(addr, size);
		addr += len;
		size -= len;
	}
	return slots;
}

static int unknown_size(const struct bp_symbol *sym, u64 room)
{
	pr_err("/proc/kallsyms does not tell the size of %s, which has room for %" PRIu64
	       " bytes: give a length, mem:%s/%d\n",
	       sym->name, room, sym->text, (int)sizeof(u64));
	return -EINVAL;
}

static int too_large(const struct bp_symbol *sym, u64 addr, u64 size)
{
	pr_err("%s has %" PRIu64 " bytes%s: it would take %" PRIu64
	       " breakpoints to watch them, and an event has one. Watch a part, mem:%s/%" PRIu64
	       ", or another with %s+OFFSET/LENGTH\n",
	       sym->name, size + sym->offset, sym->offset ? " from its beginning on" : "",
	       count_slots(addr, size), sym->text, one_slot(addr, size), sym->name);
	return -EINVAL;
}

/**
 * bp_length__choose() - the length of an event that has none
 * @sym: what it names
 * @place: where that is
 * @len: result: what is left of the symbol behind the offset
 *
 * Where only the next symbol is known, the bytes up to it are this one's or nobody's, so that
 * watching them all is right; but only if one slot can.
 *
 * Return: 0 or -EINVAL, which has been told.
 */
int bp_length__choose(const struct bp_symbol *sym, const struct bp_place *place, u64 *len)
{
	u64 whole = place->size ?: place->room;
	u64 addr = place->addr + sym->offset;

	if (sym->offset >= whole) {
		pr_err("%s has %" PRIu64 " bytes: there is no %s in it\n", sym->name, whole,
		       sym->text);
		return -EINVAL;
	}
	*len = whole - sym->offset;
	if (one_slot(addr, *len) == *len)
		return 0;
	return place->size ? too_large(sym, addr, *len) : unknown_size(sym, *len);
}
