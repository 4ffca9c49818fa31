// SPDX-License-Identifier: GPL-2.0
/*
 * A breakpoint of the kernel's between a load-exclusive and its store-exclusive, which any
 * exception makes fail: the loop around them ends nevertheless, and what may have been missed is
 * told.
 */
#define _GNU_SOURCE
#include <linux/futex.h>
#include <signal.h>
#include <sys/auxv.h>
#include <sys/wait.h>
#include <time.h>

#include <asm/hwcap.h>

#include "arm64.h"
#include "probe.h"

#define UNWATCHED	"/sys/kernel/debug/hw_breakpoint/unwatched"
#define LONGEST		4096
#define FORKS		10
/* seconds, for what takes one */
#define LONG_ENOUGH	30

static int open_kernel(int type, uint64_t addr, int len)
{
	struct perf_event_attr attr;

	bp_attr(&attr, type);
	attr.bp_addr = addr;
	attr.bp_len = len;
	attr.exclude_kernel = 0;
	return bp_open_attr(&attr, -1, 0);
}

/* Return: the sum over the CPUs, or -1 where there is none. */
static long unwatched(void)
{
	FILE *f = fopen(UNWATCHED, "r");
	long sum = 0, n;
	char line[64];

	if (!f)
		return -1;
	while (fgets(line, sizeof(line), f)) {
		if (sscanf(line, "%*d %ld", &n) == 1)
			sum += n;
	}
	fclose(f);
	return sum;
}

/* Return: whether @what comes back in time. It cannot be killed if it does not. */
static int comes_back(int (*what)(void))
{
	struct timespec t = { .tv_nsec = 10000000 };
	time_t begin = time(NULL);
	pid_t pid = fork();
	int status;

	if (!pid)
		_exit(stay_on_cpu_0() || what());
	while (time(NULL) - begin < LONG_ENOUGH) {
		if (waitpid(pid, &status, WNOHANG) == pid)
			return same("status", status, 0);
		nanosleep(&t, NULL);
	}
	kill(pid, SIGKILL);
	sleep(1);
	printf("# it loops in the kernel, and %s\n",
	       waitpid(pid, &status, WNOHANG) == pid ? "was killed" : "cannot be killed");
	return 0;
}

/* ---- an instruction ---- */

/* Where the function ends: where the next begins. */
static uint64_t next_symbol(uint64_t addr)
{
	unsigned long long next = -1, found;
	FILE *f = fopen("/proc/kallsyms", "r");
	char line[256];

	while (f && fgets(line, sizeof(line), f)) {
		if (sscanf(line, "%llx", &found) == 1 && found > addr && found < next)
			next = found;
	}
	if (f)
		fclose(f);
	return next;
}

static int wake_op(void)
{
	static uint32_t a, b;
	uint32_t before = b;

	syscall(SYS_futex, &a, FUTEX_WAKE_OP_PRIVATE, 0, 0, &b,
		FUTEX_OP(FUTEX_OP_ADD, 1, FUTEX_OP_CMP_EQ, 0));
	return b == before + 1;
}

/* What is watched. It is looked up before the clock runs: that takes a while. */
static uint64_t first, end;

static int each_instruction(void)
{
	uint64_t addr;
	int n = 0;

	if (!first || end - first > LONGEST)
		return 1;
	for (addr = first; addr < end; addr += 4) {
		int fd = open_kernel(HW_BREAKPOINT_X, addr, 4);

		if (fd < 0)
			continue;
		if (!wake_op())
			return 1;
		n += hits(fd) > 0;
	}
	return n < 10;
}

/*
 * The pair is in it, whatever atomic instructions the CPU has. A kernel that cannot tell is
 * judged by whether it comes back.
 */
static int instructions(void)
{
	long before = unwatched();

	first = kernel_symbol("futex_wake_op");
	end = next_symbol(first);
	return comes_back(each_instruction) &
	       same("told", before < 0 || unwatched() > before, 1);
}

/* ---- a word ---- */

static int forks(void)
{
	int i, status, fd = open_kernel(HW_BREAKPOINT_W, first, 4);

	for (i = 0; i < FORKS; i++) {
		pid_t pid = fork();

		if (!pid)
			_exit(0);
		waitpid(pid, &status, 0);
	}
	return fd < 0 || hits(fd) < FORKS;
}

/* With one instruction for it, nothing is missed. */
static int word(void)
{
	int pairs = !(getauxval(AT_HWCAP) & HWCAP_ATOMICS);
	long before = unwatched();

	first = kernel_symbol("init_nsproxy");
	return comes_back(forks) & same("told", unwatched() > before, pairs);
}

/* The stock kernel hangs with the second, on a CPU that needs a pair for it. */
int main(int argc, char **argv __attribute__((unused)))
{
	plan(1 + (argc > 1));
	result(instructions(), "a breakpoint on each instruction of a futex operation");
	if (argc > 1)
		result(word(), "a watchpoint on a counter of references");
	return failed;
}
