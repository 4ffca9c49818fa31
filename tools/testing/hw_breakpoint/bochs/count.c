// SPDX-License-Identifier: GPL-2.0
/*
 * Counts what a guest of Bochs writes to debug registers between the markers of
 * bench/mark.h. To be preloaded into a bochs-bin that exports its symbols and calls
 * its empty instrumentation functions, as Debian's does: the one that is called
 * before each instruction is replaced.
 *
 * COUNT_OUT names the file: a line for each pair of markers.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define BEFORE		"_Z25bx_instr_before_executionjP15bxInstruction_c"
#define WRITE_DR	"_ZN8BX_CPU_C8MOV_DqRqEP15bxInstruction_c"
#define NOP		"_ZN8BX_CPU_C3NOPEP15bxInstruction_c"

/* A decoded instruction begins with the function that executes it. */
struct instruction {
	void	*execute;
	uint8_t	rest[48];
};

static void *write_dr, *nop;
static unsigned long writes;
static FILE *out;

static int has(const struct instruction *i, const char *marker)
{
	return !!memmem(i->rest, sizeof(i->rest), marker, 4);
}

static void before(unsigned int cpu, const struct instruction *i)
{
	(void)cpu;
	if (i->execute == write_dr) {
		writes++;
	} else if (i->execute == nop) {
		if (has(i, "bBWH"))
			writes = 0;
		else if (has(i, "eBWH"))
			fprintf(out, "%lu\n", writes);
	}
}

static void *must_find(const char *symbol)
{
	void *found = dlsym(RTLD_DEFAULT, symbol);

	if (!found) {
		fprintf(stderr, "count: this Bochs has no %s\n", symbol);
		exit(3);
	}
	return found;
}

/* mov $to, %rax; jmp *%rax */
static void redirect(uint8_t *from, void *to)
{
	uintptr_t page = (uintptr_t)from & ~4095ul, target = (uintptr_t)to;
	uint8_t code[12] = { 0x48, 0xb8, [10] = 0xff, 0xe0 };

	memcpy(code + 2, &target, sizeof(target));
	if (mprotect((void *)page, 8192, PROT_READ | PROT_WRITE | PROT_EXEC)) {
		perror("count: mprotect");
		exit(3);
	}
	memcpy(from, code, sizeof(code));
}

static void __attribute__((constructor)) start(void)
{
	const char *path = getenv("COUNT_OUT");

	/* other programs on the way to Bochs */
	if (!path || !dlsym(RTLD_DEFAULT, BEFORE))
		return;
	out = fopen(path, "w");
	if (!out) {
		perror(path);
		exit(3);
	}
	setvbuf(out, NULL, _IOLBF, 0);
	write_dr = must_find(WRITE_DR);
	nop = must_find(NOP);
	redirect(must_find(BEFORE), before);
}
