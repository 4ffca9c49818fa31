// SPDX-License-Identifier: GPL-2.0
/*
 * Breakpoints in the kernel: an instruction counts once, whatever interrupts it.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <time.h>

#include "arm64.h"

#define CALLS		20000
#define PAGES		200

static int zero;

static uint64_t symbol(const char *name)
{
	char line[256], found[128];
	unsigned long long addr = 0;
	FILE *f = fopen("/proc/kallsyms", "r");

	if (!f)
		die("kallsyms");
	while (fgets(line, sizeof(line), f)) {
		if (sscanf(line, "%llx %*c %127s", &addr, found) == 2 &&
		    !strcmp(found, name))
			break;
		addr = 0;
	}
	fclose(f);
	return addr;
}

static int open_kernel(uint64_t addr, pid_t pid, int cpu)
{
	struct perf_event_attr attr;

	bp_attr(&attr, HW_BREAKPOINT_X);
	attr.bp_addr = addr;
	attr.exclude_kernel = 0;
	return bp_open_attr(&attr, pid, cpu);
}

static void stay_on_cpu_0(void)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(0, &set);
	if (sched_setaffinity(0, sizeof(set), &set))
		die("sched_setaffinity");
}

/* ---- interrupts ---- */

static void on_alarm(int sig __attribute__((unused)))
{
}

/* Interrupts come as fast as the timer can. */
static timer_t start_timer(void)
{
	struct itimerspec often = {
		.it_interval.tv_nsec = 100000,
		.it_value.tv_nsec = 100000,
	};
	struct sigevent event = {
		.sigev_notify = SIGEV_SIGNAL,
		.sigev_signo = SIGALRM,
	};
	timer_t timer;

	signal(SIGALRM, on_alarm);
	if (timer_create(CLOCK_MONOTONIC, &event, &timer) ||
	    timer_settime(timer, 0, &often, NULL))
		die("timer");
	return timer;
}

static int interrupted(void)
{
	int i, fd = must(open_kernel(symbol("__arm64_sys_getppid"), -1, 0),
			 "perf_event_open");
	timer_t timer = start_timer();

	for (i = 0; i < CALLS; i++)
		syscall(SYS_getppid);
	timer_delete(timer);
	return same("hits", hits(fd), CALLS);
}

/* ---- faults ---- */

/* The kernel clears memory that is there, that has to be got, or that is not. */
enum memory { THERE, FRESH, FROM_FILE, NOWHERE };

static char *memory(enum memory kind)
{
	int fd = -1, flags = MAP_PRIVATE | MAP_ANONYMOUS;
	char *p;

	if (kind == NOWHERE)
		return (char *)0x1000;
	if (kind == FROM_FILE) {
		fd = open("/clear_user.tmp", O_RDWR | O_CREAT | O_TRUNC, 0600);
		if (fd < 0 || ftruncate(fd, PAGES * 4096L))
			die("file");
		flags = MAP_SHARED;
	}
	if (kind == THERE)
		flags |= MAP_POPULATE;
	p = mmap(NULL, PAGES * 4096L, PROT_READ | PROT_WRITE, flags, fd, 0);
	if (p == MAP_FAILED)
		die("mmap");
	/* not all at once */
	madvise(p, PAGES * 4096L, MADV_NOHUGEPAGE);
	madvise(p, PAGES * 4096L, MADV_RANDOM);
	return p;
}

/* Return: how often an instruction of clear_user() has hit. */
static long clearing(enum memory kind, uint64_t addr)
{
	int i, fd = must(open_kernel(addr, -1, 0), "perf_event_open");
	char *p = memory(kind);

	ioctl(fd, PERF_EVENT_IOC_RESET, 0);
	for (i = 0; i < PAGES; i++) {
		if (read(zero, p + (kind == NOWHERE ? 0 : 4096L * i), 8) < 0 &&
		    kind != NOWHERE)
			die("/dev/zero");
	}
	return hits(fd);
}

/*
 * Of the first instructions of clear_user() one is the store that faults. None
 * must count more often because of that.
 */
static int faulting(enum memory kind)
{
	uint64_t first = symbol("__arch_clear_user");
	int i, good = 1;

	for (i = 0; i < 6; i++)
		good &= same("hits", clearing(kind, first + 4 * i),
			     clearing(THERE, first + 4 * i));
	return good;
}

/* The next access by the same instruction is another one, and counts. */
static int failing(void)
{
	uint64_t first = symbol("__arch_clear_user");
	int i, good = 1;

	for (i = 0; i < 4; i++) {
		long n = clearing(NOWHERE, first + 4 * i);

		/* the stock kernel counts a few twice, for interrupts */
		good &= same("lost", n < PAGES && n > PAGES / 20, 0);
	}
	return good;
}

/* ---- what is accepted ---- */

static int refused(const char *name)
{
	int fd = open_kernel(symbol(name), -1, 0);

	if (fd >= 0)
		close(fd);
	return same(name, fd, -EINVAL);
}

static int of_a_task(void)
{
	int i, fd = open_kernel(symbol("__arm64_sys_getppid"), 0, -1);

	if (fd < 0)
		return same("perf_event_open", fd, 0);
	for (i = 0; i < 10; i++)
		syscall(SYS_getppid);
	return same("hits", hits(fd), 10);
}

int main(void)
{
	plan(6);
	stay_on_cpu_0();
	zero = open("/dev/zero", O_RDONLY);
	if (zero < 0)
		die("/dev/zero");
	result(interrupted(), "interrupts");
	result(faulting(FRESH), "faults");
	result(faulting(FROM_FILE), "faults that sleep");
	result(failing(), "faults that end the access, control");
	result(of_a_task(), "a breakpoint of a task");
	result(refused("try_step_suspended_breakpoints"),
	       "a breakpoint in the code that steps");
	return failed;
}
