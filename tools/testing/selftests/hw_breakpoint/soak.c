// SPDX-License-Identifier: GPL-2.0
/*
 * All clients at once, at random, with exact counts.
 *
 * Workers write words of their own when they are told to, fork, execute themselves,
 * exit and are moved between CPUs, which go down and come up. Events of tasks and of
 * CPUs, inherited or not, watch the words and are changed; a tracer watches one.
 * Each event's count is compared with the writes that it has to have seen.
 *
 *	soak [--seed N] [--steps N] [--failslab] [--taken]
 *
 * With --failslab allocations fail while events are opened and inherited, as
 * /sys/kernel/debug/failslab has been told for tasks that ask for it.
 *
 * With --taken somebody takes slots away and gives them back at random: an event may
 * have counted less if its times say that it did not run all the while. A tracer,
 * who is told nothing, is left out.
 *
 * Whether there is a slot is not asked here, see oracle.c: what is refused for want
 * of one, or of memory, is not there.
 */
#define _GNU_SOURCE
#include <elf.h>
#include <fcntl.h>
#include <getopt.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
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

#define WORKERS		4
#define WORDS		6	/* of each worker; the last is the tracer's */
#define TRACED		(WORDS - 1)
#define EVENTS		12
#define MAX_CPUS	8
#define FIRST_PIPE_FD	60
#define MAKE_IT_FAIL	"/proc/self/make-it-fail"

/* The same addresses in all workers, each of which writes only its own. */
static struct {
	volatile uint64_t	word[WORKERS][WORDS];
	volatile uint64_t	other;
} data __attribute__((aligned(4096)));

/**
 * struct worker - a process that does what it is told
 * @pid: its pid
 * @cpu: the only CPU it runs on
 */
struct worker {
	pid_t	pid;
	int	cpu;
};

/**
 * struct event - a breakpoint and the hits it must have
 * @fd: -1: none
 * @attr: as it is now
 * @worker: whose word it watches
 * @word: which one
 * @of_cpu: counts for anybody on @cpu; otherwise for the worker
 * @cpu: the only CPU it counts on, or -1
 * @enabled: counts
 * @hits: what it must have counted
 * @lost: time that it was enabled but did not run, in ns
 */
struct event {
	int			fd;
	struct perf_event_attr	attr;
	int			worker, word;
	bool			of_cpu;
	int			cpu;
	bool			enabled;
	uint64_t		hits;
	uint64_t		lost;
};

/* What an event's file says, see open_event(). */
struct reading {
	uint64_t	count;
	uint64_t	enabled;
	uint64_t	running;
};

enum { CMD_WRITE = 'w', CMD_CHILD = 'c', CMD_EXEC = 'x' };

struct command {
	int	what;
	int	word;
	int	times;
};

static struct worker workers[WORKERS];
static struct event events[EVENTS];
static bool online[MAX_CPUS];
static int nr_cpus, may_unplug;
static bool failslab, taken;
static uint64_t random_state;
static unsigned long seed, steps = 3000, step_nr, total_hits, traced_hits, no_memory;
static unsigned long lost_hits;

static unsigned int random_below(unsigned int n)
{
	random_state ^= random_state >> 12;
	random_state ^= random_state << 25;
	random_state ^= random_state >> 27;
	return (random_state * 0x2545f4914f6cdd1dULL >> 33) % n;
}

static void fail(const char *fmt, ...)
{
	va_list ap;

	printf("# seed %lu, step %lu: ", seed, step_nr);
	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	printf("\nnot ok 1 every hit is counted, once\n");
	exit(1);
}

static void die(const char *what)
{
	printf("Bail out! %s: %s\n", what, strerror(errno));
	exit(1);
}

static bool write_file(const char *path, const char *s)
{
	int fd = open(path, O_WRONLY), n;

	if (fd < 0)
		return false;
	n = write(fd, s, strlen(s));
	close(fd);
	return n > 0;
}

/* To say so needs memory as well; /proc has no file that it has no memory for. */
static void let_allocations_fail(bool on)
{
	while (failslab && !write_file(MAKE_IT_FAIL, on ? "1" : "0")) {
		if (errno != ENOMEM && errno != ENOENT)
			die(MAKE_IT_FAIL);
	}
}

/* ---- workers ---- */

static int cmd_fd(int w, int end)
{
	return FIRST_PIPE_FD + 4 * w + end;
}

static int ack_fd(int w, int end)
{
	return FIRST_PIPE_FD + 4 * w + 2 + end;
}

static int turn_fd(int cpu, int end)
{
	return FIRST_PIPE_FD + 4 * WORKERS + 2 * cpu + end;
}

/* A byte in a pipe of each CPU, which survives an exec. */
static void take_turn(int cpu)
{
	char turn;

	if (read(turn_fd(cpu, 0), &turn, 1) != 1)
		_exit(1);
}

static void give_turn(int cpu)
{
	char turn = 0;

	if (write(turn_fd(cpu, 1), &turn, 1) != 1)
		_exit(1);
}

/*
 * The emulator's x86 keeps a hit until another word of the page is written. Before that it may
 * forget the next hit of the word, or, if another worker's hit comes first on that CPU, report
 * the old one beside it, which an event of the CPU counts. So a worker has its CPU's turn for
 * both writes; between them it can be preempted by tasks that do not write.
 */
static void write_word(int w, int word, int times)
{
	int cpu = sched_getcpu();

	while (times--) {
		take_turn(cpu);
		data.word[w][word] = times;
		data.other++;
		give_turn(cpu);
	}
}

/* What a fork that fails has inherited so far is given back. */
static pid_t fork_at_last(void)
{
	pid_t pid;

	do {
		let_allocations_fail(true);
		pid = fork();
		let_allocations_fail(false);
	} while (pid < 0 && failslab);
	return pid;
}

static void write_in_child(int w, const struct command *c)
{
	pid_t pid = fork_at_last();
	int status;

	if (!pid) {
		write_word(w, c->word, c->times);
		_exit(0);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid || status)
		_exit(1);
}

static void serve(int w)
{
	struct command c;
	char ack = 0, arg[8];

	while (write(ack_fd(w, 1), &ack, 1) == 1 &&
	       read(cmd_fd(w, 0), &c, sizeof(c)) == sizeof(c)) {
		switch (c.what) {
		case CMD_WRITE:
			write_word(w, c.word, c.times);
			break;
		case CMD_CHILD:
			write_in_child(w, &c);
			break;
		case CMD_EXEC:
			snprintf(arg, sizeof(arg), "%d", w);
			execl("/proc/self/exe", "soak", "--worker", arg,
			      failslab ? "--failslab" : NULL, NULL);
			_exit(1);
		}
	}
	_exit(0);
}

static void wait_ack(int w)
{
	char ack;

	if (read(ack_fd(w, 0), &ack, 1) != 1)
		die("a worker is gone");
}

static void move_to(int w, int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	if (sched_setaffinity(workers[w].pid, sizeof(set), &set))
		die("sched_setaffinity");
	workers[w].cpu = cpu;
}

/* An event lives as long as any process has its file open. */
static void close_events(void)
{
	int i;

	for (i = 0; i < EVENTS; i++) {
		if (events[i].fd >= 0)
			close(events[i].fd);
	}
}

static void start_worker(int w)
{
	pid_t pid = fork();

	if (pid < 0)
		die("fork");
	if (!pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		close(cmd_fd(w, 1));
		close_events();
		serve(w);
	}
	workers[w].pid = pid;
	wait_ack(w);
	move_to(w, 0);
}

static void end_worker(int w)
{
	kill(workers[w].pid, SIGKILL);
	waitpid(workers[w].pid, NULL, 0);
}

static void tell(int w, int what, int word, int times)
{
	struct command c = { what, word, times };

	if (write(cmd_fd(w, 1), &c, sizeof(c)) != sizeof(c))
		die("command");
}

static void make_pipe(int from, int to)
{
	int fd[2];

	if (pipe(fd) || dup2(fd[0], from) < 0 || dup2(fd[1], to) < 0)
		die("pipe");
	close(fd[0]);
	close(fd[1]);
}

/* ---- what events must count ---- */

static bool sees(const struct event *e, int w, int word, bool child)
{
	if (e->fd < 0 || !e->enabled || e->worker != w || e->word != word)
		return false;
	if (e->cpu >= 0 && e->cpu != workers[w].cpu)
		return false;
	return e->of_cpu || !child || e->attr.inherit;
}

static void expect_hits(int w, int word, int times, bool child)
{
	struct event *e;

	for (e = events; e < events + EVENTS; e++) {
		if (sees(e, w, word, child)) {
			e->hits += times;
			total_hits += times;
		}
	}
}

/* Has it lost its slot for a while, so that hits may be missing? */
static bool excused(struct event *e, const struct reading *r)
{
	uint64_t lost = r->enabled - r->running;
	bool more = lost > e->lost;

	e->lost = lost;
	if (!taken || !more || r->count > e->hits)
		return false;
	lost_hits += e->hits - r->count;
	e->hits = r->count;
	return true;
}

static void check_count(struct event *e)
{
	struct reading r;

	if (read(e->fd, &r, sizeof(r)) != sizeof(r))
		die("read");
	if (excused(e, &r) || r.count == e->hits)
		return;
	fail("event %td (word %d of worker %d, %s, cpu %d) counted %llu, expected %llu",
	     e - events, e->word, e->worker, e->of_cpu ? "of a CPU" :
	     e->attr.inherit ? "inherited" : "of a task", e->cpu,
	     (unsigned long long)r.count, (unsigned long long)e->hits);
}

/* ---- steps of events ---- */

/* Two x86 registers on one word may be reported as one by the emulator. */
static int unwatched_word(int w)
{
	bool taken[WORDS] = { };
	int i;

	for (i = 0; i < EVENTS; i++) {
		if (events[i].fd >= 0 && events[i].worker == w)
			taken[events[i].word] = true;
	}
	for (i = 0; i < TRACED && taken[i]; i++)
		;
	return i < TRACED ? i : -1;
}

static bool refused(int err)
{
	return err == -ENOSPC || err == -ENOMEM;
}

static void open_event(struct event *e)
{
	int w = random_below(WORKERS), word = unwatched_word(w), fd;

	if (word < 0)
		return;
	*e = (struct event) {
		.fd = -1, .worker = w, .word = word,
		.of_cpu = random_below(4) == 0, .enabled = random_below(4),
	};
	e->cpu = e->of_cpu || !random_below(3) ? (int)random_below(nr_cpus) : -1;
	if (e->cpu >= 0 && !online[e->cpu])
		return;
	bp_attr(&e->attr, HW_BREAKPOINT_W);
	e->attr.bp_addr = (unsigned long)&data.word[w][word];
	e->attr.bp_len = random_below(2) ? 8 : 4;
	e->attr.inherit = !e->of_cpu && random_below(2);
	e->attr.disabled = !e->enabled;
	e->attr.read_format = PERF_FORMAT_TOTAL_TIME_ENABLED |
			      PERF_FORMAT_TOTAL_TIME_RUNNING;
	let_allocations_fail(true);
	fd = bp_open_attr(&e->attr, e->of_cpu ? -1 : workers[w].pid, e->cpu);
	let_allocations_fail(false);
	no_memory += fd == -ENOMEM;
	if (fd < 0 && !refused(fd))
		fail("open: %s", strerror(-fd));
	e->fd = fd < 0 ? -1 : fd;
}

static void close_event(struct event *e)
{
	check_count(e);
	close(e->fd);
	e->fd = -1;
}

static void modify_event(struct event *e)
{
	struct perf_event_attr attr = e->attr;
	int word = unwatched_word(e->worker);

	if (word < 0)
		return;
	attr.bp_addr = (unsigned long)&data.word[e->worker][word];
	attr.bp_len = random_below(2) ? 8 : 4;
	attr.disabled = !random_below(4);
	if (ioctl(e->fd, PERF_EVENT_IOC_MODIFY_ATTRIBUTES, &attr))
		fail("modify: %s", strerror(errno));
	e->attr = attr;
	e->word = word;
	e->enabled = !attr.disabled;
}

static void toggle_event(struct event *e)
{
	e->enabled = !e->enabled;
	if (ioctl(e->fd, e->enabled ? PERF_EVENT_IOC_ENABLE : PERF_EVENT_IOC_DISABLE, 0))
		fail("enable or disable: %s", strerror(errno));
}

static void step_event(void)
{
	struct event *e = &events[random_below(EVENTS)];

	if (e->fd < 0)
		open_event(e);
	else if (random_below(3) == 0)
		modify_event(e);
	else if (random_below(3) == 0)
		toggle_event(e);
	else if (random_below(3) == 0)
		close_event(e);
	else
		check_count(e);
}

/* ---- steps of workers ---- */

/* Several write at the same time; meanwhile an event of another one changes. */
static void write_words(void)
{
	int word[WORKERS], w;

	for (w = 0; w < WORKERS; w++) {
		bool child = !random_below(8);
		int times = 1 + random_below(40);

		word[w] = random_below(3) ? (int)random_below(TRACED) : -1;
		if (word[w] < 0)
			continue;
		expect_hits(w, word[w], times, child);
		tell(w, child ? CMD_CHILD : CMD_WRITE, word[w], times);
	}
	for (w = 0; w < WORKERS; w++) {
		if (word[w] >= 0)
			wait_ack(w);
	}
}

/* The events of a task end with it. */
static void restart_worker(void)
{
	int w = random_below(WORKERS), i;

	end_worker(w);
	for (i = 0; i < EVENTS; i++) {
		if (events[i].fd >= 0 && events[i].worker == w && !events[i].of_cpu)
			close_event(&events[i]);
	}
	start_worker(w);
}

static void exec_worker(void)
{
	int w = random_below(WORKERS);

	tell(w, CMD_EXEC, 0, 0);
	wait_ack(w);
}

static void migrate_worker(void)
{
	int cpu = random_below(nr_cpus);

	if (online[cpu])
		move_to(random_below(WORKERS), cpu);
}

/* ---- CPUs ---- */

static bool set_online(int cpu, bool on)
{
	char path[64];

	snprintf(path, sizeof(path), "/sys/devices/system/cpu/cpu%d/online", cpu);
	return write_file(path, on ? "1" : "0");
}

/* perf forgets the events of a CPU that goes down, but not what they counted. */
static void unplug(int cpu)
{
	int i;

	for (i = 0; i < WORKERS; i++) {
		if (workers[i].cpu == cpu)
			move_to(i, 0);
	}
	for (i = 0; i < EVENTS; i++) {
		if (events[i].fd >= 0 && events[i].of_cpu && events[i].cpu == cpu)
			close_event(&events[i]);
	}
	if (!set_online(cpu, false))
		fail("CPU %d does not go down", cpu);
	online[cpu] = false;
}

static void plug(int cpu)
{
	if (!set_online(cpu, true))
		fail("CPU %d does not come up", cpu);
	online[cpu] = true;
}

static void hotplug(void)
{
	int cpu = 1 + random_below(nr_cpus);

	if (cpu >= nr_cpus || !may_unplug)
		return;
	if (online[cpu])
		unplug(cpu);
	else
		plug(cpu);
}

/* ---- a tracer ---- */

static void wait_stop(int w)
{
	int status;

	if (waitpid(workers[w].pid, &status, __WALL) != workers[w].pid ||
	    !WIFSTOPPED(status))
		fail("a traced worker has not stopped: %#x", status);
}

#ifdef __x86_64__
static long poke(pid_t pid, int reg, unsigned long val)
{
	return ptrace(PTRACE_POKEUSER, pid,
		      offsetof(struct user, u_debugreg) + reg * sizeof(long), val);
}

/* Return: 0 or an error. */
static int set_watch(pid_t pid, volatile uint64_t *addr)
{
	if (!addr)
		return poke(pid, 7, 0) ? -errno : 0;
	if (poke(pid, 0, (unsigned long)addr))
		return -errno;
	/* L0, a write of eight bytes; Intel SDM vol. 3, 18.2.4 */
	return poke(pid, 7, 0x90001) ? -errno : 0;
}

/* A trap: the access has been made. */
static void step_over(pid_t pid, volatile uint64_t *addr)
{
	(void)pid;
	(void)addr;
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
	state.dbg_regs[0].ctrl = addr ? 1 | 2 << 1 | 2 << 3 | 0xff << 5 : 0;
	return ptrace(PTRACE_SETREGSET, pid, NT_ARM_HW_WATCH, &iov) ? -errno : 0;
}

/* A fault: the access has not been made. */
static void step_over(pid_t pid, volatile uint64_t *addr)
{
	if (set_watch(pid, NULL) || ptrace(PTRACE_SINGLESTEP, pid, 0, 0) ||
	    waitpid(pid, NULL, __WALL) != pid || set_watch(pid, addr))
		fail("step over: %s", strerror(errno));
}
#endif

static void continue_to_hit(int w)
{
	siginfo_t si;

	ptrace(PTRACE_CONT, workers[w].pid, 0, 0);
	wait_stop(w);
	if (ptrace(PTRACE_GETSIGINFO, workers[w].pid, 0, &si) ||
	    si.si_signo != SIGTRAP || si.si_code != TRAP_HWBKPT)
		fail("a traced worker stops with signal %d, code %d", si.si_signo,
		     si.si_code);
	traced_hits++;
}

static void trace_worker(void)
{
	int w = random_below(WORKERS), times = 1 + random_below(8), i, err;
	volatile uint64_t *addr = &data.word[w][TRACED];
	pid_t pid = workers[w].pid;

	if (taken)
		return;
	if (ptrace(PTRACE_SEIZE, pid, 0, 0) || ptrace(PTRACE_INTERRUPT, pid, 0, 0))
		die("ptrace");
	wait_stop(w);
	err = set_watch(pid, addr);
	if (err && !refused(err))
		fail("a tracer's watchpoint: %s", strerror(-err));
	tell(w, CMD_WRITE, TRACED, times);
	for (i = 0; i < times && !err; i++) {
		continue_to_hit(w);
		step_over(pid, addr);
	}
	if (!err && set_watch(pid, NULL))
		fail("a watchpoint is not removed: %s", strerror(errno));
	ptrace(PTRACE_DETACH, pid, 0, 0);
	wait_ack(w);
}

/* ---- all of it ---- */

static void step(void)
{
	switch (random_below(32)) {
	case 0:
		restart_worker();
		break;
	case 1:
		exec_worker();
		break;
	case 2 ... 4:
		migrate_worker();
		break;
	case 5:
		hotplug();
		break;
	case 6 ... 7:
		trace_worker();
		break;
	case 8 ... 19:
		write_words();
		break;
	default:
		step_event();
		break;
	}
}

static void set_up(void)
{
	int i;

	if (failslab && access(MAKE_IT_FAIL, W_OK))
		die(MAKE_IT_FAIL);
	nr_cpus = sysconf(_SC_NPROCESSORS_ONLN);
	if (nr_cpus > MAX_CPUS)
		nr_cpus = MAX_CPUS;
	for (i = 0; i < nr_cpus; i++)
		online[i] = true;
	may_unplug = nr_cpus > 1 && !access("/sys/devices/system/cpu/cpu1/online", W_OK);
	for (i = 0; i < EVENTS; i++)
		events[i].fd = -1;
	for (i = 0; i < nr_cpus; i++) {
		make_pipe(turn_fd(i, 0), turn_fd(i, 1));
		give_turn(i);
	}
	for (i = 0; i < WORKERS; i++) {
		make_pipe(cmd_fd(i, 0), cmd_fd(i, 1));
		make_pipe(ack_fd(i, 0), ack_fd(i, 1));
		start_worker(i);
	}
}

static void clean_up(void)
{
	int i;

	for (i = 0; i < EVENTS; i++) {
		if (events[i].fd >= 0)
			close_event(&events[i]);
	}
	for (i = 0; i < WORKERS; i++)
		end_worker(i);
	for (i = 0; i < nr_cpus; i++) {
		if (!online[i])
			plug(i);
	}
}

/* Return: slots that somebody holds, or -1 where nobody says. */
static int still_held(void)
{
	FILE *f = fopen("/sys/kernel/debug/hw_breakpoint/cpus", "r");
	int of_cpu, of_task, held = 0;
	char line[128];

	if (!f)
		return -1;
	while (fgets(line, sizeof(line), f)) {
		if (sscanf(line, "%*d %*d %*d %d %d", &of_cpu, &of_task) == 2)
			held += of_cpu + of_task;
	}
	fclose(f);
	return held;
}

static void options(int argc, char **argv)
{
	static const struct option known[] = {
		{ "seed", required_argument, NULL, 'r' },
		{ "steps", required_argument, NULL, 'n' },
		{ "worker", required_argument, NULL, 'w' },
		{ "failslab", no_argument, NULL, 'f' },
		{ "taken", no_argument, NULL, 't' },
		{ }
	};
	int c, worker = -1;

	seed = time(NULL);
	while ((c = getopt_long(argc, argv, "", known, NULL)) != -1) {
		if (c == 'r')
			seed = strtoul(optarg, NULL, 0);
		else if (c == 'n')
			steps = strtoul(optarg, NULL, 0);
		else if (c == 'w')
			worker = atoi(optarg);
		else if (c == 'f')
			failslab = true;
		else if (c == 't')
			taken = true;
		else
			exit(2);
	}
	if (worker >= 0)
		serve(worker);
	random_state = seed * 2654435761UL + 1;
}

int main(int argc, char **argv)
{
	int held;

	setvbuf(stdout, NULL, _IOLBF, 0);
	options(argc, argv);
	printf("KTAP version 1\n1..2\n# seed %lu, %lu steps\n", seed, steps);
	set_up();
	for (step_nr = 0; step_nr < steps; step_nr++)
		step();
	clean_up();
	printf("# %lu hits of events, %lu of a tracer, %lu opened without memory\n",
	       total_hits, traced_hits, no_memory);
	if (taken)
		printf("# %lu hits were lost with the slot, and the times say so\n",
		       lost_hits);
	if (failslab && !no_memory)
		fail("no allocation has failed");
	printf("ok 1 every hit is counted, once\n");
	held = still_held();
	if (held < 0)
		printf("ok 2 nothing is held # SKIP no table of slots\n");
	else
		printf("%s 2 nothing is held\n", held ? "not ok" : "ok");
	return held > 0;
}
