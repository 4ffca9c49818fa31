// SPDX-License-Identifier: GPL-2.0
/*
 * Counts the instructions of each function of the kernel, so that two runs of one operation
 * can be compared: what does one execute that the other does not?
 *
 * functions: the addresses of all functions, hexadecimal, ascending, each at the start of a
 * line. An instruction belongs to the last function that begins at or below it; what is
 * below the first, user space too, is not counted. where: CSV, a line for each function that
 * has executed anything in an operation; the operations are numbered from 1 on.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api.h"
#include "where.h"

static uint64_t *starts, *before;
static size_t nr_functions;
static struct qemu_plugin_scoreboard *counts;
static FILE *out;
static unsigned long operation;

static int read_functions(FILE *file)
{
	size_t room = 0;
	char line[512];

	while (fgets(line, sizeof(line), file)) {
		if (nr_functions == room) {
			room = room * 2 + 1024;
			starts = realloc(starts, room * sizeof(*starts));
			if (!starts)
				return -1;
		}
		starts[nr_functions++] = strtoull(line, NULL, 16);
	}
	before = calloc(nr_functions + 1, sizeof(*before));
	return before && nr_functions ? 0 : -1;
}

int where_open(const char *functions, const char *to)
{
	FILE *file;
	int err;

	if (!functions || !to)
		return 0;
	file = fopen(functions, "r");
	err = file ? read_functions(file) : -1;
	if (file)
		fclose(file);
	out = err ? NULL : fopen(to, "w");
	if (!out) {
		fprintf(stderr, "count: %s or %s: %s\n", functions, to, strerror(errno));
		return -1;
	}
	fprintf(out, "name,operation,function,insns\n");
	counts = qemu_plugin_scoreboard_new(nr_functions * sizeof(*starts));
	return 0;
}

/* Return: the number of the function that @address is in, or nr_functions. */
static size_t function_of(uint64_t address)
{
	size_t low = 0, high = nr_functions;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (starts[middle] <= address)
			low = middle + 1;
		else
			high = middle;
	}
	return low ? low - 1 : nr_functions;
}

void where_watch(struct qemu_plugin_insn *insn)
{
	struct plugin_u64 word = { .board = counts };
	size_t function;

	if (!out)
		return;
	function = function_of(qemu_plugin_insn_vaddr(insn));
	if (function == nr_functions)
		return;
	word.offset = function * sizeof(*starts);
	qemu_plugin_register_vcpu_insn_exec_inline_per_vcpu(insn, PLUGIN_ADD, word, 1);
}

void where_begin(unsigned int cpu)
{
	if (out)
		memcpy(before, qemu_plugin_scoreboard_find(counts, cpu),
		       nr_functions * sizeof(*before));
}

void where_end(unsigned int cpu, const char *name)
{
	const uint64_t *now;
	size_t i;

	if (!out)
		return;
	now = qemu_plugin_scoreboard_find(counts, cpu);
	operation++;
	for (i = 0; i < nr_functions; i++) {
		if (now[i] != before[i])
			fprintf(out, "%s,%lu,%lx,%lu\n", name, operation, starts[i],
				now[i] - before[i]);
	}
}

void where_finish(void)
{
	if (out)
		fclose(out);
}
