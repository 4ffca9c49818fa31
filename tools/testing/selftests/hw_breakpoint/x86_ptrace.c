// SPDX-License-Identifier: GPL-2.0
/*
 * The debug registers of a traced task: a write changes all that it names or
 * nothing, and a register without an address is never armed.
 *
 * "control" after a name: this worked before the layer was rewritten, too.
 */
#define _GNU_SOURCE
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/user.h>
#include <sys/wait.h>

#include "bp.h"

#define SLOTS		4
#define ENABLE(n)	(1UL << ((n) * 2))
#define WRITE_1(n)	(ENABLE(n) | 1UL << (16 + (n) * 4))
#define LEN_8(n)	(2UL << (18 + (n) * 4))
#define WRITE_8(n)	(WRITE_1(n) | LEN_8(n))

/* What the traced task writes to; target[0] is address 0. */
static volatile uint64_t words[8] __attribute__((aligned(4096)));
static volatile uint64_t *target[] = { NULL, &words[0], &words[1] };

static int failed, number;

static void result(int good, const char *name)
{
	printf("%s %d %s\n", good ? "ok" : "not ok", ++number, name);
	failed |= !good;
}

static void die(const char *what)
{
	printf("Bail out! %s: %s\n", what, strerror(errno));
	exit(1);
}

/* ---- the traced task ---- */

/* Needs CAP_SYS_RAWIO. */
static void *page_at_0(void)
{
	return mmap(NULL, 4096, PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
}

/* 0 to 2: write to target[]; FORK. The tracer sets it. */
#define FORK	9
static volatile int order;

static void obey(void)
{
	volatile char *p;

	if (order == FORK) {
		if (!fork())
			_exit(0);
		return;
	}
	p = (volatile char *)target[order];
	__asm__ volatile("movb $1, %0" : "=m"(*p));
	/* The emulator forgets a hit only when another word is written. */
	words[7]++;
}

static void traced(void)
{
	ptrace(PTRACE_TRACEME, 0, 0, 0);
	if (page_at_0() == MAP_FAILED)
		_exit(1);
	for (;;) {
		raise(SIGSTOP);
		obey();
	}
}

static pid_t start(void)
{
	pid_t pid = fork();
	int status;

	if (pid < 0)
		die("fork");
	if (!pid)
		traced();
	if (waitpid(pid, &status, 0) != pid || !WIFSTOPPED(status))
		die("the traced task cannot map address 0");
	return pid;
}

static void end(pid_t pid)
{
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

/* ---- the tracer ---- */

static long poke(pid_t pid, int nr, unsigned long val)
{
	size_t offset = offsetof(struct user, u_debugreg) + nr * sizeof(long);

	return ptrace(PTRACE_POKEUSER, pid, offset, val) ? -errno : 0;
}

static unsigned long peek(pid_t pid, int nr)
{
	size_t offset = offsetof(struct user, u_debugreg) + nr * sizeof(long);

	return ptrace(PTRACE_PEEKUSER, pid, offset, 0);
}

/* Return: the signal that the task stops with after an order. */
static int tell(pid_t pid, int what)
{
	int status;

	if (ptrace(PTRACE_POKEDATA, pid, &order, what) ||
	    ptrace(PTRACE_CONT, pid, 0, 0) || waitpid(pid, &status, 0) != pid)
		die("PTRACE_CONT");
	return WIFSTOPPED(status) ? WSTOPSIG(status) : -1;
}

/* Return: whether a breakpoint stops the task on its way. */
static int stops(pid_t pid, int what)
{
	int sig = tell(pid, what);

	if (sig != SIGTRAP)
		return 0;
	ptrace(PTRACE_CONT, pid, 0, 0);
	waitpid(pid, NULL, 0);
	return 1;
}

static int room(pid_t pid)
{
	return bp_room(HW_BREAKPOINT_W, pid, -1, SLOTS + 1);
}

static unsigned long word(int n)
{
	return (unsigned long)target[n];
}

/* ---- cases ---- */

/* Wine begins with such a write. */
static void unset_registers(void)
{
	pid_t pid = start();
	long err = poke(pid, 7, WRITE_1(0) | WRITE_1(1) | WRITE_1(2) | WRITE_1(3));
	int left = room(pid), hit;

	if (left != SLOTS)
		printf("# %d slots left of %d\n", left, SLOTS);
	result(!err && left == SLOTS, "DR7 that names unset registers takes no slot");
	hit = stops(pid, 0);
	if (hit)
		printf("# stopped by a write to address 0\n");
	result(!hit, "DR7 that names unset registers arms nothing at address 0");
	end(pid);
}

static void either_order(void)
{
	pid_t pid = start();
	int good;

	good = !poke(pid, 7, WRITE_8(0)) && !poke(pid, 0, word(1));
	result(good && stops(pid, 1), "DR7 before DR0, control");
	good = !poke(pid, 7, 0) && !stops(pid, 1) && !poke(pid, 1, word(2)) &&
	       !poke(pid, 7, WRITE_8(1)) && stops(pid, 2) && !stops(pid, 1);
	result(good, "DR1 before DR7, control");
	good = !poke(pid, 3, 0) && !poke(pid, 7, WRITE_1(3)) && stops(pid, 0);
	result(good, "address 0, when it is asked for, control");
	end(pid);
}

static void read_back(void)
{
	unsigned long dr7 = WRITE_8(0) | ENABLE(2) << 1 | 0x300 | LEN_8(3);
	pid_t pid = start();
	int good;

	good = !poke(pid, 0, word(1)) && !poke(pid, 7, dr7);
	good = good && peek(pid, 0) == word(1) && peek(pid, 7) == dr7 &&
	       !peek(pid, 1) && !peek(pid, 2);
	good = good && !poke(pid, 7, 0) && peek(pid, 0) == word(1) && !peek(pid, 7);
	result(good, "what was written is read back, control");
	end(pid);
}

/* DR2 cannot be eight bytes at an odd address; DR0 has no address yet. */
static void failing_write(void)
{
	pid_t pid = start();
	int good, left;
	long err;

	good = !poke(pid, 1, word(1)) && !poke(pid, 2, word(2) + 1) &&
	       !poke(pid, 7, WRITE_8(1));
	err = poke(pid, 7, WRITE_1(0) | WRITE_8(2));
	left = room(pid);
	if (left != SLOTS - 2)
		printf("# %d slots left of %d, two were in use\n", left, SLOTS);
	result(good && err == -EINVAL && left == SLOTS - 2,
	       "a write of DR7 that fails takes no slot");
	good = peek(pid, 7) == WRITE_8(1) && !stops(pid, 0) && !stops(pid, 2) &&
	       stops(pid, 1);
	result(good, "a write of DR7 that fails leaves the old setting, control");
	good = poke(pid, 1, -4096UL) == -EINVAL && peek(pid, 1) == word(1) &&
	       stops(pid, 1);
	result(good, "a write of DR1 that fails leaves the old setting, control");
	end(pid);
}

/* The hardware does not look at the length of a register that is off. */
static void length_while_off(void)
{
	pid_t pid = start();
	long err;
	int good;

	good = !poke(pid, 0, word(1)) && !poke(pid, 7, WRITE_8(0)) &&
	       !poke(pid, 7, LEN_8(0) | 1UL << 16);
	err = poke(pid, 0, word(1) + 1);
	if (err)
		printf("# error %ld\n", err);
	result(good && !err, "the length of a disabled register refuses no address");
	good = !poke(pid, 0, word(1) + 1) && poke(pid, 7, WRITE_8(0)) == -EINVAL &&
	       !poke(pid, 7, WRITE_1(0)) && !poke(pid, 0, word(1)) && stops(pid, 1);
	result(good, "but it counts when the register is enabled");
	end(pid);
}

static void forked_child(void)
{
	pid_t pid = start();
	unsigned long child, dr7 = ~0UL;

	poke(pid, 0, word(1));
	poke(pid, 7, WRITE_8(0));
	ptrace(PTRACE_SETOPTIONS, pid, 0, PTRACE_O_TRACEFORK);
	if (tell(pid, FORK) == SIGTRAP &&
	    !ptrace(PTRACE_GETEVENTMSG, pid, 0, &child)) {
		waitpid(child, NULL, __WALL);
		dr7 = peek(child, 7);
		end(child);
	}
	if (dr7)
		printf("# DR7 is %#lx, and no breakpoint is set\n", dr7);
	result(!dr7, "the child of a traced task has a DR7 of its own");
	end(pid);
}

int main(void)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	printf("KTAP version 1\n1..12\n");
	unset_registers();
	either_order();
	read_back();
	failing_write();
	length_while_off();
	forked_child();
	return failed;
}
