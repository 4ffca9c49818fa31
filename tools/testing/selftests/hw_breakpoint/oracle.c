// SPDX-License-Identifier: GPL-2.0
/*
 * Random breakpoints of random tasks and CPUs, against a model that knows which
 * calls must succeed and which must fail with ENOSPC:
 *
 *	for each CPU and pool of slots: events of the CPU + the most events that
 *	one task has there <= slots
 *
 * An event counts for the task that it was opened for, and a copy of it for each
 * task that has inherited it, until the task exits or the file is closed.
 *
 *	oracle [--seed N] [--steps N] [--as-stock]
 *
 * The stock layer differs in two things, which --as-stock leaves out: perf swaps
 * the contexts of tasks with inherited events, see context_swap.c, and a file
 * that stays open keeps a slot for a task that has exited.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <time.h>

#include "bp.h"

#define TASKS		10	/* the first is this process */
#define EVENTS		48
#define UNITS		(EVENTS * TASKS)
#define CONTEXTS	(EVENTS + TASKS)
#define CPUS		4
#define POOLS		2
#define MAX_SLOTS	32
#define FIRST_PIPE_FD	60
#define FIRST_EVENT_FD	100

static uint64_t random_state;
static unsigned long seed, steps = 20000, step_nr;
static bool as_stock;
static char what[160];		/* the present step, for a mismatch */

static unsigned int random_below(unsigned int n)
{
	random_state ^= random_state >> 12;
	random_state ^= random_state << 25;
	random_state ^= random_state >> 27;
	return (random_state * 0x2545f4914f6cdd1dULL >> 33) % n;
}

static void say(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(what, sizeof(what), fmt, ap);
	va_end(ap);
}

static void mismatch(const char *got, const char *expected)
{
	printf("# seed %lu, step %lu: %s: %s, expected %s\n", seed, step_nr,
	       what, got, expected);
	printf("not ok 1 %lu random steps\n", steps);
	exit(1);
}

/* ---- model ---- */

/**
 * struct unit - a slot that is taken
 * @event: index of the event, or -1 if there is no such unit
 * @ctx: whose, or -1 for the CPU's own
 * @cpu: the only CPU, or -1
 * @pool: of which pool
 * @copy: inherited
 */
struct unit {
	int	event;
	int	ctx;
	int	cpu;
	int	pool;
	bool	copy;
};

static struct unit units[UNITS];
static int slots[POOLS], nr_cpus;	/* the second is 0 if there is one pool */

static void count_units(int of_cpu[CPUS][POOLS], int of_ctx[CONTEXTS][CPUS][POOLS])
{
	const struct unit *u;
	int cpu;

	for (u = units; u < units + UNITS; u++) {
		if (u->event < 0)
			continue;
		for (cpu = 0; cpu < nr_cpus; cpu++) {
			if (u->cpu >= 0 && u->cpu != cpu)
				continue;
			if (u->ctx < 0)
				of_cpu[cpu][u->pool]++;
			else
				of_ctx[u->ctx][cpu][u->pool]++;
		}
	}
}

static bool rule_holds(void)
{
	int of_ctx[CONTEXTS][CPUS][POOLS] = { }, of_cpu[CPUS][POOLS] = { };
	int ctx, cpu, pool;

	count_units(of_cpu, of_ctx);
	for (ctx = 0; ctx < CONTEXTS; ctx++) {
		for (cpu = 0; cpu < nr_cpus; cpu++) {
			for (pool = 0; pool < POOLS; pool++) {
				if (of_cpu[cpu][pool] + of_ctx[ctx][cpu][pool] >
				    slots[pool])
					return false;
			}
		}
	}
	return true;
}

static struct unit *new_unit(int event, int ctx, int cpu, int pool, bool copy)
{
	struct unit *u;

	for (u = units; u < units + UNITS; u++) {
		if (u->event < 0) {
			*u = (struct unit) { event, ctx, cpu, pool, copy };
			return u;
		}
	}
	abort();
}

/* NULL if the task has exited that it was opened for. */
static struct unit *unit_of(int event)
{
	struct unit *u;

	for (u = units; u < units + UNITS; u++) {
		if (u->event == event && !u->copy)
			return u;
	}
	return NULL;
}

static bool has_copies(int event)
{
	const struct unit *u;

	for (u = units; u < units + UNITS; u++) {
		if (u->event == event && u->copy)
			return true;
	}
	return false;
}

static bool ctx_in_use(int ctx);

static int free_ctx(void)
{
	int ctx;

	for (ctx = 0; ctx < CONTEXTS; ctx++) {
		if (!ctx_in_use(ctx))
			return ctx;
	}
	abort();
}

/* ---- tasks ---- */

enum { CMD_FORK = 'f', CMD_THREAD = 't', CMD_EXIT = 'e', CMD_EXEC = 'x' };

struct command {
	char	what;
	int	task;	/* of the new task */
};

struct task {
	bool	alive;
	pid_t	tid;
	int	ctx;
	int	leader;	/* task that leads the process */
};

static struct task tasks[TASKS];
static int command_pipe[TASKS][2], ack_pipe[2];

static bool ctx_in_use(int ctx)
{
	const struct unit *u;
	int i;

	for (i = 0; i < TASKS; i++) {
		if (tasks[i].alive && tasks[i].ctx == ctx)
			return true;
	}
	for (u = units; u < units + UNITS; u++) {
		if (u->event >= 0 && u->ctx == ctx)
			return true;
	}
	return false;
}

static void die(const char *s)
{
	printf("Bail out! %s: %s\n", s, strerror(errno));
	exit(1);
}

static void serve(int task);

static void *thread_main(void *task)
{
	serve((long)task);
	return NULL;
}

static void start_thread(int task)
{
	pthread_attr_t attr;
	pthread_t thread;

	pthread_attr_init(&attr);
	pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	pthread_attr_setstacksize(&attr, 65536);
	if (pthread_create(&thread, &attr, thread_main, (void *)(long)task))
		die("pthread_create");
}

static void start_child(int task)
{
	pid_t pid = fork();

	if (pid < 0)
		die("fork");
	if (pid)
		return;
	/* An event lives as long as any process has its file open. */
	syscall(SYS_close_range, FIRST_EVENT_FD, ~0U, 0);
	serve(task);
	_exit(0);
}

static void exec_again(int task)
{
	char arg[16];

	snprintf(arg, sizeof(arg), "%d", task);
	execl("/proc/self/exe", "oracle", "--task", arg, NULL);
	die("exec");
}

/* What every task but the first does all its life. */
static void serve(int task)
{
	pid_t tid = syscall(SYS_gettid);
	struct command c;

	if (write(ack_pipe[1], &tid, sizeof(tid)) != sizeof(tid))
		_exit(1);
	while (read(command_pipe[task][0], &c, sizeof(c)) == sizeof(c)) {
		switch (c.what) {
		case CMD_FORK:
			start_child(c.task);
			break;
		case CMD_THREAD:
			start_thread(c.task);
			break;
		case CMD_EXEC:
			exec_again(task);
			break;
		case CMD_EXIT:
			syscall(tid == getpid() ? SYS_exit_group : SYS_exit, 0);
		}
	}
	_exit(0);
}

/* Pipe @n has descriptors of its own, which its users know after an exec. */
static void pipe_fds(int n, int fd[2])
{
	fd[0] = FIRST_PIPE_FD + 2 * n;
	fd[1] = fd[0] + 1;
}

static void find_pipes(void)
{
	int i;

	pipe_fds(TASKS, ack_pipe);
	for (i = 0; i < TASKS; i++)
		pipe_fds(i, command_pipe[i]);
}

static void make_pipe(const int fd[2])
{
	int made[2];

	if (pipe(made) || dup2(made[0], fd[0]) < 0 || dup2(made[1], fd[1]) < 0)
		die("pipe");
	close(made[0]);
	close(made[1]);
}

static void make_pipes(void)
{
	int i;

	find_pipes();
	make_pipe(ack_pipe);
	for (i = 0; i < TASKS; i++)
		make_pipe(command_pipe[i]);
}

static void command(int task, char cmd, int other)
{
	struct command c = { .what = cmd, .task = other };

	if (write(command_pipe[task][1], &c, sizeof(c)) != sizeof(c))
		die("command");
}

static pid_t wait_ack(void)
{
	pid_t tid;

	if (read(ack_pipe[0], &tid, sizeof(tid)) != sizeof(tid))
		die("ack");
	return tid;
}

static void wait_gone(pid_t tid)
{
	while (!syscall(SYS_tkill, tid, 0))
		usleep(100);
}

static int unused_task(void)
{
	int i;

	for (i = 1; i < TASKS; i++) {
		if (!tasks[i].alive)
			return i;
	}
	return -1;
}

/* The first is drawn more often than others. */
static int random_task(void)
{
	int i = random_below(TASKS);

	return tasks[i].alive ? i : 0;
}

/* ---- steps on tasks ---- */

static void model_inherit(int from, int to);
static struct perf_event_attr *event_attr(int event);

static void new_task(void)
{
	int parent = random_task(), child = unused_task();
	bool thread = parent && random_below(3) == 0;

	if (child < 0)
		return;
	say("task %d %s task %d", parent, thread ? "clones" : "forks", child);
	if (!parent)
		start_child(child);
	else
		command(parent, thread ? CMD_THREAD : CMD_FORK, child);
	tasks[child].tid = wait_ack();
	tasks[child].ctx = free_ctx();
	tasks[child].alive = true;
	tasks[child].leader = thread ? tasks[parent].leader : child;
	model_inherit(tasks[parent].ctx, tasks[child].ctx);
}

static void model_inherit(int from, int to)
{
	struct unit old[UNITS];
	int i;

	memcpy(old, units, sizeof(old));
	for (i = 0; i < UNITS; i++) {
		if (old[i].event >= 0 && old[i].ctx == from &&
		    event_attr(old[i].event)->inherit)
			new_unit(old[i].event, to, old[i].cpu, old[i].pool, true);
	}
}

/* What is left in the context counts no more, open or not. */
static void model_exit(int task)
{
	struct unit *u;

	tasks[task].alive = false;
	for (u = units; !as_stock && u < units + UNITS; u++) {
		if (u->event >= 0 && u->ctx == tasks[task].ctx)
			u->event = -1;
	}
}

/* The threads of a leader, but not itself. */
static void threads_exit(int leader)
{
	int i;

	for (i = 1; i < TASKS; i++) {
		if (i == leader || !tasks[i].alive || tasks[i].leader != leader)
			continue;
		wait_gone(tasks[i].tid);
		model_exit(i);
	}
}

static void end_task(void)
{
	int task = random_task();
	bool leads = tasks[task].leader == task;

	if (!task)
		return;
	say("task %d exits", task);
	if (leads && random_below(2))
		kill(tasks[task].tid, SIGKILL);
	else
		command(task, CMD_EXIT, 0);
	wait_gone(tasks[task].tid);
	if (leads)
		threads_exit(task);
	model_exit(task);
}

static void exec_task(void)
{
	int task = random_task();

	if (!task || tasks[task].leader != task)
		return;
	say("task %d executes", task);
	command(task, CMD_EXEC, 0);
	wait_ack();
	threads_exit(task);
}

/* ---- events ---- */

struct event {
	int			fd;	/* -1: none */
	struct perf_event_attr	attr;
};

static struct event events[EVENTS];

static struct perf_event_attr *event_attr(int event)
{
	return &events[event].attr;
}

static int pool_of(int bp_type)
{
	return bp_type == HW_BREAKPOINT_X || !slots[1] ? 0 : 1;
}

static int random_type(void)
{
	static const int types[] = {
		HW_BREAKPOINT_X, HW_BREAKPOINT_W, HW_BREAKPOINT_RW,
#ifdef __aarch64__
		HW_BREAKPOINT_R,
#endif
	};

	return types[random_below(ARRAY_SIZE(types))];
}

/* Compares an answer with the model, which has made the change already. */
static bool expected(int ret, bool fits)
{
	if (ret >= 0 && !fits)
		mismatch("success", "ENOSPC");
	if (ret < 0 && fits)
		mismatch(strerror(-ret), "success");
	if (ret < 0 && ret != -ENOSPC)
		mismatch(strerror(-ret), "ENOSPC");
	return ret >= 0;
}

static int high_fd(int fd)
{
	int high = fcntl(fd, F_DUPFD_CLOEXEC, FIRST_EVENT_FD);

	close(fd);
	if (high < 0)
		die("dup");
	return high;
}

static void open_event(int i)
{
	bool of_cpu = random_below(4) == 0;
	int task = random_task(), fd;
	int cpu = of_cpu || !random_below(3) ? (int)random_below(nr_cpus) : -1;
	struct event *e = &events[i];
	struct unit *u;

	bp_attr(&e->attr, random_type());
	e->attr.bp_addr += 8 * random_below(64);
	e->attr.inherit = !of_cpu && !as_stock && random_below(2);
	e->attr.disabled = random_below(2);
	e->attr.pinned = random_below(2);
	say("open %d: type %d, %s %d, cpu %d%s", i, e->attr.bp_type,
	    of_cpu ? "no task, not" : "task", task, cpu,
	    e->attr.inherit ? ", inherit" : "");
	u = new_unit(i, of_cpu ? -1 : tasks[task].ctx, cpu,
		     pool_of(e->attr.bp_type), false);
	fd = bp_open_attr(&e->attr, of_cpu ? -1 : task ? tasks[task].tid : 0, cpu);
	if (expected(fd, rule_holds()))
		e->fd = high_fd(fd);
	else
		u->event = -1;
}

static void close_event(int i)
{
	struct unit *u;

	say("close %d", i);
	close(events[i].fd);
	events[i].fd = -1;
	for (u = units; u < units + UNITS; u++) {
		if (u->event == i)
			u->event = -1;
	}
}

/*
 * An event that was inherited keeps its pool: perf changes the copies one by one
 * and stops at the first that fails.
 */
static void modify_event(int i)
{
	struct event *e = &events[i];
	struct perf_event_attr attr = e->attr;
	struct unit *u = unit_of(i);
	int old = pool_of(attr.bp_type), ret, bp_type = random_type();

	if (has_copies(i) && pool_of(bp_type) != old)
		return;
	attr.bp_type = bp_type;
	attr.bp_len = bp_type == HW_BREAKPOINT_X ? BP_LEN_X : 4;
	attr.bp_addr = BP_ADDR + 8 * random_below(64);
	attr.disabled = random_below(2);
	say("modify %d: type %d", i, bp_type);
	ret = ioctl(e->fd, PERF_EVENT_IOC_MODIFY_ATTRIBUTES, &attr);
	if (u)
		u->pool = pool_of(bp_type);
	if (expected(ret ? -errno : 0, rule_holds()))
		e->attr = attr;
	else if (u)
		u->pool = old;
}

static void toggle_event(int i)
{
	say("enable or disable %d", i);
	if (ioctl(events[i].fd, random_below(2) ? PERF_EVENT_IOC_ENABLE :
		  PERF_EVENT_IOC_DISABLE, 0))
		mismatch(strerror(errno), "success");
}

/* ---- all of it ---- */

static void step_event(void)
{
	int i = random_below(EVENTS);

	if (events[i].fd < 0)
		open_event(i);
	else if (random_below(3) == 0)
		modify_event(i);
	else if (random_below(4) == 0)
		toggle_event(i);
	else
		close_event(i);
}

static void step(void)
{
	switch (random_below(40)) {
	case 0:
	case 1:
		new_task();
		break;
	case 2:
		end_task();
		break;
	case 3:
		exec_task();
		break;
	case 4:
		sched_yield();
		break;
	default:
		step_event();
		break;
	}
}

/* One pool, if a CPU that is full of one type takes none of the other. */
static bool one_pool(void)
{
	int fd[MAX_SLOTS], i, room;

	for (i = 0; i < slots[0]; i++)
		fd[i] = bp_open(HW_BREAKPOINT_X, -1, 0, 0);
	room = bp_room(HW_BREAKPOINT_W, -1, 0, 1);
	while (i--)
		close(fd[i]);
	return !room;
}

static void measure_slots(void)
{
	slots[0] = bp_room(HW_BREAKPOINT_X, -1, 0, MAX_SLOTS);
	if (!slots[0]) {
		printf("1..0 # SKIP no slots, or no permission\n");
		exit(4);
	}
	slots[1] = one_pool() ? 0 : bp_room(HW_BREAKPOINT_W, -1, 0, MAX_SLOTS);
	printf("# %d CPUs, slots: %d", nr_cpus, slots[0]);
	if (slots[1] > 0)
		printf(" + %d\n", slots[1]);
	else
		printf("\n");
}

static void set_up(void)
{
	int i;

	nr_cpus = sysconf(_SC_NPROCESSORS_ONLN);
	if (nr_cpus > CPUS)
		nr_cpus = CPUS;
	for (i = 0; i < UNITS; i++)
		units[i].event = -1;
	for (i = 0; i < EVENTS; i++)
		events[i].fd = -1;
	tasks[0] = (struct task) { .alive = true };
	/* The kernel reaps all of them. */
	signal(SIGCHLD, SIG_IGN);
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	make_pipes();
}

static void clean_up(void)
{
	int i;

	for (i = 0; i < EVENTS; i++) {
		if (events[i].fd >= 0)
			close_event(i);
	}
	for (i = 1; i < TASKS; i++) {
		if (tasks[i].alive)
			kill(tasks[i].tid, SIGKILL);
	}
	for (i = 1; i < TASKS; i++) {
		if (tasks[i].alive)
			wait_gone(tasks[i].tid);
	}
}

static bool all_given_back(void)
{
	int cpu;

	for (cpu = 0; cpu < nr_cpus; cpu++) {
		if (bp_room(HW_BREAKPOINT_X, -1, cpu, MAX_SLOTS) != slots[0])
			return false;
		if (slots[1] > 0 &&
		    bp_room(HW_BREAKPOINT_W, -1, cpu, MAX_SLOTS) != slots[1])
			return false;
	}
	return true;
}

static void options(int argc, char **argv)
{
	int i;

	seed = time(NULL);
	for (i = 1; i < argc; i++) {
		if (!strcmp(argv[i], "--as-stock")) {
			as_stock = true;
		} else if (i + 1 < argc && !strcmp(argv[i], "--seed")) {
			seed = strtoul(argv[++i], NULL, 0);
		} else if (i + 1 < argc && !strcmp(argv[i], "--steps")) {
			steps = strtoul(argv[++i], NULL, 0);
		} else if (i + 1 < argc && !strcmp(argv[i], "--task")) {
			find_pipes();
			serve(atoi(argv[i + 1]));
		} else {
			fprintf(stderr, "oracle [--seed N] [--steps N] [--as-stock]\n");
			exit(2);
		}
	}
	random_state = seed * 2654435761UL + 1;
}

int main(int argc, char **argv)
{
	bool clean;

	setvbuf(stdout, NULL, _IOLBF, 0);
	options(argc, argv);
	set_up();
	printf("KTAP version 1\n");
	measure_slots();
	printf("1..2\n# seed %lu, %lu steps\n", seed, steps);
	for (step_nr = 0; step_nr < steps; step_nr++)
		step();
	printf("ok 1 %lu random steps\n", steps);
	clean_up();
	clean = all_given_back();
	printf("%s 2 every slot is given back\n", clean ? "ok" : "not ok");
	return !clean;
}
