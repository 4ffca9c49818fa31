// SPDX-License-Identifier: GPL-2.0
/*
 * A tracer that steps over a store it watches: one stop behind the store, and DR6 names
 * both reasons: what an instruction raises comes as one #DB (SDM vol. 3, 18.3.1).
 *
 * QEMU hangs here, on any kernel: it raises #DB once more in front of its handler's first
 * instruction, over the frame of the first. Hence this runs in Bochs.
 */
#define _GNU_SOURCE
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ptrace.h>
#include <sys/user.h>
#include <sys/wait.h>

#include "bp.h"
#include "traced.h"

#define LOOPS		100
#define DR6_CLEAR	0xffff0ff0UL
#define B0		1UL
#define BS		0x4000UL
#define WRITE_8		0x90001UL

static volatile uint64_t word __attribute__((aligned(8)));
extern const char store_here[], after_store[];

/* Counts up in @word, for ever. */
static void traced(void)
{
	__asm__ volatile("1:	inc %%rax\n"
			 ".globl store_here, after_store\n"
			 "store_here: mov %%rax, %0\n"
			 "after_store: nop\n"
			 "	jmp 1b" : "=m" (word) : "a" (0));
	__builtin_unreachable();
}

static void poke(pid_t pid, int nr, unsigned long val)
{
	size_t offset = offsetof(struct user, u_debugreg) + nr * sizeof(long);

	if (ptrace(PTRACE_POKEUSER, pid, offset, val))
		die("PTRACE_POKEUSER");
}

static unsigned long dr6(pid_t pid)
{
	return ptrace(PTRACE_PEEKUSER, pid, offsetof(struct user, u_debugreg[6]), 0);
}

static const char *ip(pid_t pid)
{
	return (const char *)ptrace(PTRACE_PEEKUSER, pid, offsetof(struct user, regs.rip), 0);
}

static int go(pid_t pid, int how)
{
	int status;

	if (ptrace(how, pid, 0, 0) || waitpid(pid, &status, 0) != pid)
		die("ptrace");
	return WIFSTOPPED(status) && WSTOPSIG(status) == SIGTRAP;
}

static int is_at(pid_t pid, const char *where, unsigned long why)
{
	if (ip(pid) == where && dr6(pid) == (DR6_CLEAR | why))
		return 1;
	printf("# stopped at %p with DR6 %#lx, expected %p, %#lx\n", (const void *)ip(pid),
	       dr6(pid), (const void *)where, DR6_CLEAR | why);
	return 0;
}

/* Return: false if it stops elsewhere or for another reason. */
static int step_over_store(pid_t pid, unsigned long why)
{
	int i;

	for (i = 0; i < 4 && ip(pid) != store_here; i++) {
		if (!go(pid, PTRACE_SINGLESTEP) || dr6(pid) != (DR6_CLEAR | BS))
			return 0;
	}
	return ip(pid) == store_here && go(pid, PTRACE_SINGLESTEP) &&
	       is_at(pid, after_store, why);
}

static long value(pid_t pid)
{
	return ptrace(PTRACE_PEEKDATA, pid, &word, 0);
}

int main(void)
{
	pid_t pid;
	int i, good = 1;

	plan(3);
	pid = start_traced(traced);
	poke(pid, 0, (unsigned long)&word);
	poke(pid, 7, WRITE_8);
	for (i = 0; i < LOOPS && good; i++)
		good = go(pid, PTRACE_CONT) && is_at(pid, after_store, B0) && value(pid) == i + 1;
	result(good, "a watched store, control");

	poke(pid, 7, 0);
	good = go(pid, PTRACE_SINGLESTEP) && step_over_store(pid, BS);
	result(good, "a step over a store that is not watched, control");

	poke(pid, 7, WRITE_8);
	for (i = 0; i < LOOPS && good; i++)
		good = step_over_store(pid, BS | B0) && value(pid) == LOOPS + i + 2;
	result(good, "a step over a watched store, control");
	end_traced(pid);
	return failed;
}
