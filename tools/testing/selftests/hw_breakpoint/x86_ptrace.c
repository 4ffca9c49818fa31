// SPDX-License-Identifier: GPL-2.0
/*
 * The debug registers of a traced task: a write changes all that it names or
 * nothing, a register without an address is never armed, and a child has its own.
 *
 * "control" after a name: this worked before the layer was rewritten, too.
 */
#define _GNU_SOURCE
#include <sched.h>
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
#include "ktap.h"

#define SLOTS		4
/* what is read where nothing has happened */
#define DR6_CLEAR	0xffff0ff0UL
#define ENABLE(n)	(1UL << ((n) * 2))
#define WRITE_1(n)	(ENABLE(n) | 1UL << (16 + (n) * 4))
#define LEN_8(n)	(2UL << (18 + (n) * 4))
#define WRITE_8(n)	(WRITE_1(n) | LEN_8(n))

/* What the traced task writes to; target[0] is address 0. */
static volatile uint64_t words[8] __attribute__((aligned(4096)));
static volatile uint64_t *target[] = { NULL, &words[0], &words[1] };

/* ---- the traced task ---- */

/* Needs CAP_SYS_RAWIO. */
static void *page_at_0(void)
{
	return mmap(NULL, 4096, PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
}

/* 0 to 2: write to target[]; or to make a child. The tracer sets it. */
enum { FORK = 9, VFORK, THREAD, FORK32 };
static volatile int order;

static int child(void *arg)
{
	(void)arg;
	_exit(0);
}

/* A thread's exit is that of the whole task; the tracer has ended it before. */
static int make_thread(void)
{
	static char stack[4096] __attribute__((aligned(16)));
	int flags = CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD;

	return clone(child, stack + sizeof(stack), flags, NULL);
}

/* As a 32-bit program does it */
static int fork32(void)
{
	int ret = 2;

	__asm__ volatile("int $0x80" : "+a"(ret) : : "memory", "r8", "r9", "r10", "r11");
	return ret;
}

static void make_child(void)
{
	if (order == THREAD)
		make_thread();
	else if (!(order == FORK ? fork() : order == VFORK ? vfork() : fork32()))
		_exit(0);
}

static void obey(void)
{
	volatile char *p;

	if (order >= FORK) {
		make_child();
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

/* What it has made; it waits for the tracer. */
static pid_t born(pid_t pid, int how)
{
	unsigned long child;

	ptrace(PTRACE_SETOPTIONS, pid, 0,
	       PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK | PTRACE_O_TRACECLONE);
	if (tell(pid, how) != SIGTRAP || ptrace(PTRACE_GETEVENTMSG, pid, 0, &child) ||
	    waitpid(child, NULL, __WALL) != (pid_t)child)
		die("no child");
	return child;
}

static void end_both(pid_t pid, pid_t child)
{
	kill(child, SIGKILL);
	waitpid(child, NULL, __WALL);
	end(pid);
}

static void forked_child(void)
{
	pid_t pid = start(), child;
	unsigned long dr7;

	poke(pid, 0, word(1));
	poke(pid, 7, WRITE_8(0));
	child = born(pid, FORK);
	dr7 = peek(child, 7);
	end_both(pid, child);
	if (dr7)
		printf("# DR7 is %#lx, and no breakpoint is set\n", dr7);
	result(!dr7, "the child of a traced task has a DR7 of its own");
}

/* DR6 of one that has never hit anything, while its creator has. */
static void child_dr6(int how, const char *name)
{
	pid_t pid = start(), child;
	unsigned long dr6;
	int good;

	good = !poke(pid, 0, word(1)) && !poke(pid, 7, WRITE_8(0)) && stops(pid, 1) &&
	       peek(pid, 6) == (DR6_CLEAR | 1);
	child = born(pid, how);
	dr6 = peek(child, 6);
	end_both(pid, child);
	if (dr6 != DR6_CLEAR)
		printf("# DR6 is %#lx, and nothing has been hit\n", dr6);
	result(good && dr6 == DR6_CLEAR, name);
}

int main(void)
{
	plan(16);
	unset_registers();
	either_order();
	read_back();
	failing_write();
	length_while_off();
	forked_child();
	child_dr6(FORK, "a child has a DR6 of its own after fork()");
	child_dr6(VFORK, "a child has a DR6 of its own after vfork()");
	child_dr6(FORK32, "a child has a DR6 of its own after a 32-bit fork()");
	child_dr6(THREAD, "a thread has a DR6 of its own");
	return failed;
}
