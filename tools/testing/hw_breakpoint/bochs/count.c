// SPDX-License-Identifier: GPL-2.0
/*
 * Counts what a guest of Bochs writes to debug registers between the markers of
 * bench/mark.h. To be preloaded into a bochs-bin that exports its symbols and calls
 * its empty instrumentation functions, as Debian's does.
 *
 * COUNT_OUT names the file: a line for each pair of markers.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "count.h"
#include "patch.h"

#define WRITE_DR	"_ZN8BX_CPU_C8MOV_DqRqEP15bxInstruction_c"
#define NOP		"_ZN8BX_CPU_C3NOPEP15bxInstruction_c"

static void *write_dr, *nop;
static unsigned long writes;
static FILE *out;

static int has(const struct instruction *i, const char *marker)
{
	return !!memmem(i->rest, sizeof(i->rest), marker, 4);
}

void count(const struct instruction *i)
{
	if (!out)
		return;
	if (i->execute == write_dr) {
		writes++;
	} else if (i->execute == nop) {
		if (has(i, "bBWH"))
			writes = 0;
		else if (has(i, "eBWH"))
			fprintf(out, "%lu\n", writes);
	}
}

static void __attribute__((constructor)) start(void)
{
	const char *path = getenv("COUNT_OUT");

	/* nobody counts, or this is another program on the way to Bochs */
	if (!path || !*path || !dlsym(RTLD_DEFAULT, NOP))
		return;
	out = fopen(path, "w");
	if (!out) {
		perror(path);
		exit(3);
	}
	setvbuf(out, NULL, _IOLBF, 0);
	write_dr = must_find(WRITE_DR);
	nop = must_find(NOP);
}
