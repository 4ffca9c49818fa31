// SPDX-License-Identifier: GPL-2.0
/*
 * Breakpoints that come and go on all CPUs, as many and as fast as the machine can,
 * to be run beside something that has to bear it.
 *
 *	churn [--seconds N] [--seed N]
 *
 * Some processes open events for themselves, change them and count their own writes;
 * some open events of CPUs; some trace a child, set its debug registers and kill it.
 * They move between CPUs, which may go down meanwhile. No slot is a good answer;
 * anything but success is not. What was counted is exact unless the times say that
 * the event did not run all the while.
 */
#define _GNU_SOURCE
#include <elf.h>
#include <errno.h>
#include <getopt.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <time.h>

#include "bp.h"

#ifdef __aarch64__
#include <asm/ptrace.h>
#endif

#define WORDS	4

static struct {
	volatile uint64_t	word[WORDS];
	volatile uint64_t	other;
} data __attribute__((aligned(4096)));

/* What all processes have done. */
static struct totals {
	unsigned long opened, refused, changed, traced, writes, lost;
} *totals;

static uint64_t random_state;
static int nr_cpus;
static time_t end;

static unsigned int random_below(unsigned int n)
{
	random_state ^= random_state >> 12;
	random_state ^= random_state << 25;
	random_state ^= random_state >> 27;
	return (random_state * 0x2545f4914f6cdd1dULL >> 33) % n;
}

static void add(unsigned long *total, unsigned long n)
{
	__atomic_add_fetch(total, n, __ATOMIC_RELAXED);
}

static void fail(const char *what, long got, long expected)
{
	printf("# %s: %ld, expected %ld (%s)\n", what, got, expected, strerror(errno));
	_exit(1);
}

/* The CPU may be down. */
static void move(void)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(random_below(nr_cpus), &set);
	sched_setaffinity(0, sizeof(set), &set);
}

static void word_attr(struct perf_event_attr *attr, int word)
{
	bp_attr(attr, HW_BREAKPOINT_W);
	attr->bp_addr = (unsigned long)&data.word[word];
	attr->pinned = random_below(2);
	attr->read_format = PERF_FORMAT_TOTAL_TIME_ENABLED |
			    PERF_FORMAT_TOTAL_TIME_RUNNING;
}

/* The emulator may forget a hit unless another word of the page is written. */
static void write_word(int word, int times)
{
	while (times--) {
		data.word[word] = times;
		data.other++;
	}
}

/* ---- events of the process itself ---- */

static void check_count(int fd, uint64_t writes)
{
	uint64_t r[3];

	if (read(fd, r, sizeof(r)) != sizeof(r))
		fail("read", errno, 0);
	if (r[0] > writes || (r[0] < writes && r[1] == r[2]))
		fail("hits", r[0], writes);
	add(&totals->writes, writes);
	add(&totals->lost, writes - r[0]);
}

static int change(int fd, struct perf_event_attr *attr)
{
	int word = random_below(WORDS);

	attr->bp_addr = (unsigned long)&data.word[word];
	if (ioctl(fd, PERF_EVENT_IOC_MODIFY_ATTRIBUTES, attr))
		fail("modify", errno, 0);
	add(&totals->changed, 1);
	return word;
}

static void toggle(int fd)
{
	if (ioctl(fd, PERF_EVENT_IOC_DISABLE, 0) || ioctl(fd, PERF_EVENT_IOC_ENABLE, 0))
		fail("disable or enable", errno, 0);
}

/*
 * In the group of an event of another PMU, with which it is scheduled.
 *
 * Return: as bp_open_attr(); @leader is another file if it is not negative.
 */
static int open_in_group(struct perf_event_attr *attr, int *leader)
{
	struct perf_event_attr dummy = {
		.type		= PERF_TYPE_SOFTWARE,
		.size		= sizeof(dummy),
		.config		= PERF_COUNT_SW_DUMMY,
		.pinned		= attr->pinned,
		.inherit	= attr->inherit,
	};
	int fd;

	*leader = bp_open_attr(&dummy, 0, -1);
	if (*leader < 0)
		fail("open a leader", -*leader, 0);
	attr->pinned = 0;
	fd = syscall(SYS_perf_event_open, attr, 0, -1, *leader, PERF_FLAG_FD_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

static void count_own(void)
{
	int word = random_below(WORDS), n = random_below(8), fd, leader = -1;
	struct perf_event_attr attr;
	uint64_t writes = 0;

	word_attr(&attr, word);
	attr.inherit = random_below(2);
	fd = random_below(2) ? bp_open_attr(&attr, 0, -1) : open_in_group(&attr, &leader);
	add(fd < 0 ? &totals->refused : &totals->opened, 1);
	if (fd < 0 && fd != -ENOSPC)
		fail("open", -fd, 0);
	if (fd < 0)
		n = 0;
	while (n--) {
		write_word(word, 5);
		writes += 5;
		if (random_below(4) == 0)
			move();
		if (random_below(4) == 0)
			toggle(fd);
		else if (random_below(2))
			word = change(fd, &attr);
	}
	if (fd >= 0)
		check_count(fd, writes);
	close(fd);
	close(leader);
}

/* ---- events of CPUs ---- */

static void count_cpu(void)
{
	int fd = bp_open(HW_BREAKPOINT_W, -1, random_below(nr_cpus), 0);

	add(fd < 0 ? &totals->refused : &totals->opened, 1);
	if (fd < 0 && fd != -ENOSPC && fd != -ENODEV)
		fail("open for a CPU", -fd, 0);
	write_word(0, random_below(100));
	if (fd >= 0)
		close(fd);
}

/* ---- a tracer ---- */

#ifdef __x86_64__
static int set_watch(pid_t pid, volatile uint64_t *addr)
{
	size_t dr = offsetof(struct user, u_debugreg);

	if (ptrace(PTRACE_POKEUSER, pid, dr, addr))
		return -errno;
	/* L0, a write of eight bytes; Intel SDM vol. 3, 18.2.4 */
	return ptrace(PTRACE_POKEUSER, pid, dr + 7 * sizeof(long), 0x90001) ? -errno : 0;
}
#else
static int set_watch(pid_t pid, volatile uint64_t *addr)
{
	struct user_hwdebug_state state = { };
	struct iovec iov = {
		&state, offsetof(struct user_hwdebug_state, dbg_regs[1]),
	};

	state.dbg_regs[0].addr = (unsigned long)addr;
	/* E, EL0, store, all eight bytes; DDI 0487 D24.3, DBGWCR<n>_EL1 */
	state.dbg_regs[0].ctrl = 1 | 2 << 1 | 2 << 3 | 0xff << 5;
	return ptrace(PTRACE_SETREGSET, pid, NT_ARM_HW_WATCH, &iov) ? -errno : 0;
}
#endif

static void be_traced(void)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	ptrace(PTRACE_TRACEME, 0, 0, 0);
	raise(SIGSTOP);
	for (;;)
		write_word(random_below(WORDS), 10);
}

static void trace_child(void)
{
	pid_t pid = fork();
	int status, err, n = random_below(4);

	if (pid < 0)
		fail("fork", errno, 0);
	if (!pid)
		be_traced();
	if (waitpid(pid, &status, 0) != pid || !WIFSTOPPED(status))
		fail("wait", status, SIGSTOP);
	err = set_watch(pid, &data.word[0]);
	while (!err && n--)
		err = set_watch(pid, &data.word[random_below(WORDS)]);
	if (err && err != -ENOSPC)
		fail("a tracer's watchpoint", -err, 0);
	if (!ptrace(PTRACE_CONT, pid, 0, 0) && random_below(2))
		usleep(random_below(2000));
	kill(pid, SIGKILL);
	while (waitpid(pid, &status, __WALL) == pid && WIFSTOPPED(status))
		;
	add(&totals->traced, 1);
}

/* ---- all of it ---- */

static void run(void (*what)(void), int n)
{
	random_state += n + 1;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	while (time(NULL) < end) {
		move();
		what();
	}
	_exit(0);
}

static int start(unsigned long seed)
{
	static void (*const what[])(void) = { count_own, count_cpu, trace_child, count_own };
	int i, n = nr_cpus + 2;

	for (i = 0; i < n; i++) {
		random_state = (seed + i) * 2654435761UL + 1;
		if (!fork())
			run(what[i % ARRAY_SIZE(what)], i);
	}
	return n;
}

int main(int argc, char **argv)
{
	static const struct option known[] = {
		{ "seconds", required_argument, NULL, 's' },
		{ "seed", required_argument, NULL, 'r' },
		{ }
	};
	unsigned long seed = time(NULL), seconds = 10;
	int c, status, failed = 0, n;

	while ((c = getopt_long(argc, argv, "", known, NULL)) != -1) {
		if (c != 's' && c != 'r')
			return 2;
		*(c == 's' ? &seconds : &seed) = strtoul(optarg, NULL, 0);
	}
	setvbuf(stdout, NULL, _IOLBF, 0);
	printf("KTAP version 1\n1..1\n# seed %lu\n", seed);
	nr_cpus = sysconf(_SC_NPROCESSORS_ONLN);
	end = time(NULL) + seconds;
	totals = mmap(NULL, sizeof(*totals), PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	for (n = start(seed); n; n--) {
		wait(&status);
		failed |= status;
	}
	printf("# opened %lu, refused %lu, changed %lu, traced %lu\n", totals->opened,
	       totals->refused, totals->changed, totals->traced);
	printf("# %lu writes, of which %lu were lost with the slot\n", totals->writes,
	       totals->lost);
	printf("%s 1 breakpoints come and go\n", failed ? "not ok" : "ok");
	return failed ? 1 : 0;
}
