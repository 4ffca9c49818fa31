// SPDX-License-Identifier: GPL-2.0
/*
 * Which of the kernel's instructions are the breakpoint layer's.
 *
 * They are those from the entry into one of its functions until that function returns to
 * whoever called it from outside, the functions it calls included. They are followed by
 * the stack: what runs on another stack meanwhile (another task, an interrupt) is not the
 * layer's. The function has returned when the stack is above what it was at entry, or,
 * where the return address is in a register, when that is reached with the stack of the
 * entry.
 */
#include <stdio.h>
#include <stdlib.h>

#include "layer.h"

#define MAX_ENTRIES	4096
#define MAX_STACKS	256
/* Every stack of the kernel lies within an aligned block of this size */
#define STACK_SHIFT	14

static uint64_t entries[MAX_ENTRIES];
static size_t nr_entries;

static struct {
	uint64_t sp, link;
} stacks[MAX_STACKS];
static unsigned int nr_stacks;

static int compare(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

int layer_open(const char *path)
{
	FILE *file = fopen(path, "r");
	char line[256];

	while (file && nr_entries < MAX_ENTRIES && fgets(line, sizeof(line), file))
		entries[nr_entries++] = strtoull(line, NULL, 16);
	if (file)
		fclose(file);
	if (!nr_entries) {
		fprintf(stderr, "plugin: no addresses in %s\n", path);
		return -1;
	}
	qsort(entries, nr_entries, sizeof(entries[0]), compare);
	return 0;
}

bool layer_is_entry(uint64_t address)
{
	return bsearch(&address, entries, nr_entries, sizeof(address), compare);
}

/* Return: the index of the stack that @sp is on, or nr_stacks. */
static unsigned int find_stack(uint64_t sp)
{
	unsigned int i;

	for (i = 0; i < nr_stacks; i++)
		if (!((stacks[i].sp ^ sp) >> STACK_SHIFT))
			break;
	return i;
}

void layer_enter(uint64_t sp, uint64_t link)
{
	if (find_stack(sp) < nr_stacks)
		return;
	if (nr_stacks == MAX_STACKS) {
		fprintf(stderr, "plugin: too many tasks inside of the layer\n");
		exit(1);
	}
	stacks[nr_stacks].sp = sp;
	stacks[nr_stacks].link = link;
	nr_stacks++;
}

bool layer_step(uint64_t sp, uint64_t pc)
{
	unsigned int i = find_stack(sp);

	if (i == nr_stacks)
		return false;
	if (sp <= stacks[i].sp && !(sp == stacks[i].sp && pc == stacks[i].link))
		return true;
	stacks[i] = stacks[--nr_stacks];
	return false;
}

unsigned int layer_inside(void)
{
	return nr_stacks;
}
