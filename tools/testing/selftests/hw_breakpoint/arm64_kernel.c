// SPDX-License-Identifier: GPL-2.0
/*
 * Breakpoints in the kernel: an instruction counts once, whatever interrupts it.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <time.h>

#include "arm64.h"
#include "probe.h"

#define CALLS		20000
#define PAGES		200

static int zero;

static int open_kernel(uint64_t addr, pid_t pid, int cpu)
{
	struct perf_event_attr attr;

	bp_attr(&attr, HW_BREAKPOINT_X);
	attr.bp_addr = addr;
	attr.exclude_kernel = 0;
	return bp_open_attr(&attr, pid, cpu);
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
	int i, fd = must(open_kernel(kernel_symbol("__arm64_sys_getppid"), -1, 0),
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
	uint64_t first = kernel_symbol("__arch_clear_user");
	int i, good = 1;

	for (i = 0; i < 6; i++)
		good &= same("hits", clearing(kind, first + 4 * i),
			     clearing(THERE, first + 4 * i));
	return good;
}

/* The next access by the same instruction is another one, and counts. */
static int failing(void)
{
	uint64_t first = kernel_symbol("__arch_clear_user");
	int i, good = 1;

	for (i = 0; i < 4; i++) {
		long n = clearing(NOWHERE, first + 4 * i);

		/* the stock kernel counts a few twice, for interrupts */
		good &= same("lost", n < PAGES && n > PAGES / 20, 0);
	}
	return good;
}

/* ---- kprobes ---- */

#define SYSCTL		"/proc/sys/kernel/panic"
#define WRITES		10

/* With the value that it has: the guest counts on that. */
static void write_sysctl(void)
{
	int fd = open(SYSCTL, O_RDWR);
	char value[16];
	ssize_t n;

	if (fd < 0)
		die(SYSCTL);
	n = pread(fd, value, sizeof(value), 0);
	if (n <= 0 || pwrite(fd, value, n, 0) != n)
		die(SYSCTL);
	close(fd);
}

static int watch_sysctl(struct perf_event_attr *attr)
{
	bp_attr(attr, HW_BREAKPOINT_W);
	attr->bp_addr = kernel_symbol("panic_timeout");
	attr->exclude_kernel = 0;
	attr->sample_period = 1;
	attr->sample_type = PERF_SAMPLE_IP;
	return must(bp_open_attr(attr, -1, 0), "perf_event_open");
}

/* Return: the instruction that writes it, from a sample. */
static uint64_t store(void)
{
	struct perf_event_attr attr;
	struct perf_event_mmap_page *page;
	uint64_t ip;
	int fd = watch_sysctl(&attr);

	page = mmap(NULL, 2 * 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (page == MAP_FAILED)
		die("mmap");
	write_sysctl();
	ip = *(uint64_t *)((char *)page + page->data_offset + sizeof(struct perf_event_header));
	if (page->data_head < sizeof(struct perf_event_header) + sizeof(ip))
		ip = 0;
	munmap(page, 2 * 4096);
	close(fd);
	return ip;
}

/* A store that has a kprobe and a breakpoint, to a word that is watched. */
static int probed_store(void)
{
	uint64_t ip = store();
	struct perf_event_attr attr;
	int i, probe, x, w;

	if (!same("no sample", ip != 0, 1))
		return 0;
	probe = must(kprobe_open(ip, 0), "a kprobe");
	x = must(open_kernel(ip, -1, 0), "perf_event_open");
	w = watch_sysctl(&attr);
	for (i = 0; i < WRITES; i++)
		write_sysctl();
	return same("executed", hits(x), WRITES) & same("watched", hits(w), WRITES) &
	       same("probed", hits(probe), WRITES);
}

/* ---- what is accepted ---- */

static int refused(const char *name)
{
	int fd = open_kernel(kernel_symbol(name), -1, 0);

	if (fd >= 0)
		close(fd);
	return same(name, fd, -EINVAL);
}

static int of_a_task(void)
{
	int i, fd = open_kernel(kernel_symbol("__arm64_sys_getppid"), 0, -1);

	if (fd < 0)
		return same("perf_event_open", fd, 0);
	for (i = 0; i < 10; i++)
		syscall(SYS_getppid);
	return same("hits", hits(fd), 10);
}

int main(void)
{
	plan(7);
	if (stay_on_cpu_0())
		die("sched_setaffinity");
	zero = open("/dev/zero", O_RDONLY);
	if (zero < 0)
		die("/dev/zero");
	result(interrupted(), "interrupts");
	result(faulting(FRESH), "faults");
	result(faulting(FROM_FILE), "faults that sleep");
	result(failing(), "faults that end the access, control");
	result(probed_store(), "a store that is probed");
	result(of_a_task(), "a breakpoint of a task");
	result(refused("try_step_suspended_breakpoints"),
	       "a breakpoint in the code that steps");
	return failed;
}
