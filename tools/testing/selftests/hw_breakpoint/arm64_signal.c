// SPDX-License-Identifier: GPL-2.0
/*
 * A step of the layer's own is seen by nobody: not by the program, and not by
 * those who are told of its signals and system calls. Compiled for 32-bit Arm the
 * same holds for a 32-bit program on arm64.
 */
#define _GNU_SOURCE
#include <signal.h>
#include <sys/ptrace.h>
#include <sys/wait.h>

#include "arm64.h"

#define ROUNDS	100
#define MANY	(4 * ROUNDS)

#ifdef __aarch64__
#define NAME(text)	(text)
#define NUMBER_REG	"x8"
#define RESULT_REG	"x0"
#else
#define NAME(text)	(text " in a 32-bit program")
#define NUMBER_REG	"r7"
#define RESULT_REG	"r0"
#endif

static volatile uint64_t word;
static volatile int signals;
static int sigtrap_fd;

static void __attribute__((noinline)) store(void)
{
	asm volatile("str %1, [%0]" : : "r" (&word), "r" (0L) : "memory");
}

/* It may come for ever. */
static void on_trap(int sig __attribute__((unused)))
{
	if (++signals == MANY)
		ioctl(sigtrap_fd, PERF_EVENT_IOC_DISABLE, 0);
}

static int one_signal_each(int type, const volatile void *addr)
{
	struct perf_event_attr attr;
	int i;

	signal(SIGTRAP, on_trap);
	bp_attr(&attr, type);
	attr.bp_addr = (uintptr_t)addr;
	attr.sample_period = 1;
	attr.sigtrap = 1;
	attr.remove_on_exec = 1;
	signals = 0;
	sigtrap_fd = must(bp_open_attr(&attr, 0, -1), "perf_event_open");
	for (i = 0; i < ROUNDS; i++)
		store();
	return same("hits", hits(sigtrap_fd), ROUNDS) &
	       same("signals", signals, ROUNDS);
}

/* ---- a breakpoint on the instruction that calls the kernel ---- */

extern const char call_here[];

static void __attribute__((noinline)) call(void)
{
	register long nr asm(NUMBER_REG) = SYS_getppid;
	register long ret asm(RESULT_REG);

	asm volatile(".globl call_here\n"
		     "call_here: svc #0" : "=r" (ret) : "r" (nr) : "memory");
}

static int system_calls(void)
{
	int i, fd, status;
	pid_t pid = fork();

	if (!pid) {
		signal(SIGTRAP, SIG_DFL);
		fd = watch(HW_BREAKPOINT_X, call_here, 4);
		for (i = 0; i < ROUNDS; i++)
			call();
		_exit(!same("hits", hits(fd), ROUNDS));
	}
	if (waitpid(pid, &status, 0) != pid)
		die("waitpid");
	return same("status", status, 0);
}

int main(void)
{
	plan(3);
	result(one_signal_each(HW_BREAKPOINT_W, &word),
	       NAME("a signal for each hit of a watchpoint"));
	result(one_signal_each(HW_BREAKPOINT_X, (void *)store),
	       NAME("a signal for each hit of a breakpoint"));
	result(system_calls(), NAME("a breakpoint on svc"));
	return failed;
}
