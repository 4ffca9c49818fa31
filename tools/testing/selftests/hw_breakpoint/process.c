// SPDX-License-Identifier: GPL-2.0
/*
 * One event for a whole process: every access of every thread counts from the return of the call
 * that opens it to the one that closes it, whichever threads come and go; and nothing else does.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/wait.h>

#include "bp.h"
#include "ktap.h"

#define THREADS		8
#define WRITES		50
#define CHURN		200
#define MAX		32
#define PROCESS		1	/* format/process */

static struct {
	volatile uint64_t	word;
	volatile uint64_t	next;
	volatile uint64_t	other;
} *data;

static int slots;

/* ---- events ---- */

static void process_attr(struct perf_event_attr *attr, volatile uint64_t *word)
{
	bp_attr(attr, HW_BREAKPOINT_W);
	attr->bp_addr = (unsigned long)word;
	attr->bp_len = sizeof(*word);
	attr->config = PROCESS;
	attr->inherit = 1;
	attr->inherit_thread = 1;
	attr->remove_on_exec = 1;
}

static int open_on(pid_t pid, volatile uint64_t *word)
{
	struct perf_event_attr attr;

	process_attr(&attr, word);
	return bp_open_attr(&attr, pid, -1);
}

static int watch(pid_t pid)
{
	return must(open_on(pid, &data->word), "an event of a process");
}

static long count(int fd)
{
	uint64_t n;

	if (read(fd, &n, sizeof(n)) != sizeof(n))
		die("read");
	return n;
}

/* How many more there can be, as bp_room(): of the process, or of a thread */
static int process_room(pid_t pid)
{
	int fd[MAX], n, i;

	for (n = 0; n < MAX; n++) {
		fd[n] = open_on(pid, &data->next);
		if (fd[n] < 0)
			break;
	}
	for (i = 0; i < n; i++)
		close(fd[i]);
	return n;
}

/* ---- threads ---- */

/* QEMU's DR6 names a hit again until something else in the page has been written. */
static void write_word(void)
{
	data->word++;
	data->other++;
}

static void write_some(int n)
{
	while (n--)
		write_word();
}

/* Threads that are there all the time, and write when they are told to */
static struct {
	pthread_t		thread[THREADS];
	volatile int		round;
	int			done;
	volatile bool		over;
} crowd;

static void *in_crowd(void *unused)
{
	int round = 0;

	(void)unused;
	for (;;) {
		while (crowd.round == round && !crowd.over)
			sched_yield();
		if (crowd.over)
			return NULL;
		round++;
		write_some(WRITES);
		__atomic_fetch_add(&crowd.done, 1, __ATOMIC_SEQ_CST);
	}
}

static void begin_crowd(void)
{
	int i;

	crowd.round = 0;
	crowd.done = 0;
	crowd.over = false;
	for (i = 0; i < THREADS; i++) {
		if (pthread_create(&crowd.thread[i], NULL, in_crowd, NULL))
			die("pthread_create");
	}
}

/* Each thread writes WRITES times. */
static void all_write(void)
{
	crowd.done = 0;
	crowd.round++;
	while (__atomic_load_n(&crowd.done, __ATOMIC_SEQ_CST) < THREADS)
		sched_yield();
}

static void end_crowd(void)
{
	int i;

	crowd.over = true;
	for (i = 0; i < THREADS; i++)
		pthread_join(crowd.thread[i], NULL);
}

/* ---- what counts ---- */

static int existing_threads(void)
{
	int fd, good;

	begin_crowd();
	fd = watch(0);
	all_write();
	good = same("writes", count(fd), THREADS * WRITES);
	ioctl(fd, PERF_EVENT_IOC_DISABLE, 0);
	all_write();
	good &= same("writes, disabled", count(fd), THREADS * WRITES);
	ioctl(fd, PERF_EVENT_IOC_ENABLE, 0);
	all_write();
	good &= same("writes, enabled again", count(fd), 2 * THREADS * WRITES);
	ioctl(fd, PERF_EVENT_IOC_RESET, 0);
	all_write();
	good &= same("writes, from 0", count(fd), THREADS * WRITES);
	close(fd);
	end_crowd();
	return good;
}

static void *short_lived(void *n)
{
	write_some((long)n);
	return NULL;
}

/* Threads that come and go; some of them make others. */
static void *makes_another(void *n)
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, short_lived, n))
		die("pthread_create");
	write_word();
	pthread_join(thread, NULL);
	return NULL;
}

static long churn(int threads)
{
	pthread_t thread[THREADS];
	int i, j;
	long n = 0;

	for (i = 0; i < threads; i += THREADS) {
		for (j = 0; j < THREADS; j++) {
			if (pthread_create(&thread[j], NULL, makes_another, (void *)(long)(i + j)))
				die("pthread_create");
			n += i + j + 1;
		}
		for (j = 0; j < THREADS; j++)
			pthread_join(thread[j], NULL);
	}
	return n;
}

static int threads_to_come(void)
{
	int fd = watch(0);
	long n = churn(CHURN);
	int good = same("writes", count(fd), n);

	close(fd);
	return good;
}

/*
 * The threads write all the time, and each counts what it has written between the same two
 * moments as the event: after it was opened, before it is disabled. What is written while either
 * is going on may count or not, and each thread is in the middle of one write at most.
 */
static volatile bool writing;
static int64_t written;

static void *writes_on(void *unused)
{
	(void)unused;
	while (writing) {
		write_word();
		__atomic_fetch_add(&written, 1, __ATOMIC_SEQ_CST);
	}
	return NULL;
}

static int between(int64_t least, long n, int64_t most)
{
	if (n < least || n > most)
		printf("# counted %ld, of %lld to %lld\n", n, (long long)least, (long long)most);
	return n >= least && n <= most;
}

static int64_t so_far(void)
{
	return __atomic_load_n(&written, __ATOMIC_SEQ_CST);
}

static int one_round(void)
{
	int64_t before = so_far(), opened, closing, closed;
	int fd = watch(0), good;
	long n;

	opened = so_far();
	usleep(20000);
	closing = so_far();
	ioctl(fd, PERF_EVENT_IOC_DISABLE, 0);
	closed = so_far();
	n = count(fd);
	good = between(closing - opened - THREADS, n, closed - before + THREADS);
	usleep(1000);
	good &= same("more, after it was disabled", count(fd), n);
	close(fd);
	return good;
}

static int open_and_close(void)
{
	pthread_t thread[THREADS];
	int i, good = 1;

	writing = true;
	for (i = 0; i < THREADS; i++) {
		if (pthread_create(&thread[i], NULL, writes_on, NULL))
			die("pthread_create");
	}
	for (i = 0; i < 20; i++)
		good &= one_round();
	writing = false;
	for (i = 0; i < THREADS; i++)
		pthread_join(thread[i], NULL);
	return good;
}

static int change(void)
{
	struct perf_event_attr attr;
	int fd, good;

	process_attr(&attr, &data->next);
	begin_crowd();
	fd = watch(0);
	all_write();
	good = !ioctl(fd, PERF_EVENT_IOC_MODIFY_ATTRIBUTES, &attr);
	all_write();
	good &= same("writes", count(fd), THREADS * WRITES);
	attr.bp_addr = (unsigned long)&data->word;
	good &= !ioctl(fd, PERF_EVENT_IOC_MODIFY_ATTRIBUTES, &attr);
	all_write();
	good &= same("writes, after it was changed back", count(fd), 2 * THREADS * WRITES);
	close(fd);
	end_crowd();
	return good;
}

static volatile int signals;

static void count_signal(int number)
{
	(void)number;
	signals++;
}

/* Each CPU counts to the period by itself; the signal goes to who has asked for it. */
static int sends_signals(void)
{
	struct perf_event_attr attr;
	int fd, good;

	process_attr(&attr, &data->word);
	attr.sample_period = WRITES;
	signal(SIGUSR1, count_signal);
	fd = must(bp_open_attr(&attr, 0, -1), "with a period");
	if (fcntl(fd, F_SETFL, O_ASYNC) || fcntl(fd, F_SETSIG, SIGUSR1) ||
	    fcntl(fd, F_SETOWN, getpid()))
		die("fcntl");
	write_some(WRITES * 4);
	good = same("writes", count(fd), WRITES * 4);
	good &= same("signals", signals > 0, 1);
	close(fd);
	return good;
}

/* ---- other processes ---- */

static int status_of(pid_t pid)
{
	int status;

	if (pid < 0 || waitpid(pid, &status, 0) != pid || !WIFEXITED(status))
		return 255;
	return WEXITSTATUS(status);
}

static int writes_and_ends(void *unused)
{
	(void)unused;
	write_some(WRITES);
	_exit(0);
}

/* None of these is a thread, though two have the memory. */
static int not_of_the_process(void)
{
	static char stack[65536] __attribute__((aligned(64)));
	int fd = watch(0), good = 1;
	pid_t pid;

	pid = fork();
	if (!pid)
		writes_and_ends(NULL);
	good &= !status_of(pid);
	pid = clone(writes_and_ends, stack + sizeof(stack), CLONE_VM | SIGCHLD, NULL);
	good &= !status_of(pid);
	pid = clone(writes_and_ends, stack + sizeof(stack), CLONE_VM | CLONE_VFORK | SIGCHLD, NULL);
	good &= !status_of(pid);
	good &= same("writes of others", count(fd), 0);
	write_some(WRITES);
	good &= same("writes", count(fd), WRITES);
	close(fd);
	return good;
}

/**
 * struct child - a process of which the parent has an event
 * @pid: its number
 * @go: written to when it shall go on
 * @said: where it says something
 */
struct child {
	pid_t	pid;
	int	go[2];
	int	said[2];
};

static void say(struct child *c)
{
	if (write(c->said[1], "", 1) != 1)
		_exit(255);
}

static void hear(struct child *c)
{
	char byte;

	if (read(c->said[0], &byte, 1) != 1)
		die("the child has gone");
}

static void wait_to_go(struct child *c)
{
	char byte;

	if (read(c->go[0], &byte, 1) != 1)
		_exit(255);
}

static void let_go(struct child *c)
{
	if (write(c->go[1], "", 1) != 1)
		die("write");
}

static void begin_child(struct child *c, void (*fn)(struct child *c))
{
	if (pipe(c->go) || pipe(c->said))
		die("pipe");
	c->pid = fork();
	if (c->pid)
		return;
	fn(c);
	_exit(0);
}

static int end_child(struct child *c)
{
	int status = status_of(c->pid);

	close(c->go[0]);
	close(c->go[1]);
	close(c->said[0]);
	close(c->said[1]);
	return same("the child's status", status, 0);
}

static bool hung_up(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };

	return poll(&p, 1, 0) == 1 && p.revents & POLLHUP;
}

static void executes(struct child *c)
{
	wait_to_go(c);
	write_some(WRITES);
	execl("/proc/self/exe", "process", "executed", NULL);
	_exit(255);
}

static int exec_ends_it(void)
{
	struct child c;
	int fd, good;

	begin_child(&c, executes);
	fd = watch(c.pid);
	good = same("hung up before", hung_up(fd), 0);
	let_go(&c);
	good &= end_child(&c);
	good &= same("hung up", hung_up(fd), 1);
	good &= same("writes", count(fd), WRITES);
	close(fd);
	return good;
}

static struct child *leader;

static void *outlives_leader(void *unused)
{
	(void)unused;
	wait_to_go(leader);
	write_some(WRITES);
	say(leader);
	wait_to_go(leader);
	write_word();
	syscall(SYS_exit_group, 0);
	return NULL;
}

static void leader_exits(struct child *c)
{
	pthread_t thread;

	leader = c;
	if (pthread_create(&thread, NULL, outlives_leader, NULL))
		_exit(255);
	write_word();
	say(c);
	wait_to_go(c);
	write_word();
	say(c);
	syscall(SYS_exit, 0);
}

/* The first thread is a zombie until the last has exited. */
static bool is_zombie(pid_t pid)
{
	char name[64], line[256] = "", *state;
	FILE *f;

	snprintf(name, sizeof(name), "/proc/%d/stat", pid);
	f = fopen(name, "r");
	if (!f || !fgets(line, sizeof(line), f))
		die(name);
	fclose(f);
	state = strrchr(line, ')');
	return state && state[2] == 'Z';
}

static int zombie_leader(void)
{
	struct child c;
	int fd, good;

	begin_child(&c, leader_exits);
	hear(&c);
	fd = watch(c.pid);
	/* either of the two takes it, and each writes */
	let_go(&c);
	hear(&c);
	let_go(&c);
	hear(&c);
	while (!is_zombie(c.pid) && !kill(c.pid, 0) && count(fd) < WRITES + 1)
		usleep(1000);
	good = same("writes", count(fd), WRITES + 1);
	good &= same("hung up before", hung_up(fd), 0);
	good &= same("opened by the zombie's number", open_on(c.pid, &data->word), -ESRCH);
	let_go(&c);
	good &= end_child(&c);
	good &= same("hung up", hung_up(fd), 1);
	good &= same("writes", count(fd), WRITES + 2);
	close(fd);
	return good;
}

static void just_waits(struct child *c)
{
	wait_to_go(c);
}

/* ---- how many there can be ---- */

static int together(void)
{
	int fd[MAX], i, good, one;
	struct child c;

	good = same("events of the process", process_room(0), slots);
	one = must(bp_open(HW_BREAKPOINT_W, 0, -1, 0), "an event of the thread");
	good &= same("beside one of the thread", process_room(0), slots - 1);
	for (i = 0; i < slots - 1; i++)
		fd[i] = must(open_on(0, &data->next), "an event of the process");
	good &= same("of the thread, beside them", bp_room(HW_BREAKPOINT_W, 0, -1, MAX), 0);
	begin_child(&c, just_waits);
	good &= same("of another process", process_room(c.pid), slots);
	good &= same("of a thread of that", bp_room(HW_BREAKPOINT_W, c.pid, -1, MAX), slots);
	good &= same("of a CPU", bp_room(HW_BREAKPOINT_W, -1, 0, MAX), 0);
	close(one);
	good &= same("of the thread, when one has gone", bp_room(HW_BREAKPOINT_W, 0, -1, MAX), 1);
	let_go(&c);
	good &= end_child(&c);
	for (i = 0; i < slots - 1; i++)
		close(fd[i]);
	return good & same("in the end", process_room(0), slots);
}

/* A thread's own event and one of the process each count what they watch. */
static int both_count(void)
{
	struct perf_event_attr attr;
	int own, fd, good;

	process_attr(&attr, &data->next);
	attr.config = 0;
	attr.inherit = 0;
	attr.inherit_thread = 0;
	own = must(bp_open_attr(&attr, 0, -1), "an event of the thread");
	begin_crowd();
	fd = watch(0);
	all_write();
	data->next++;
	data->other++;
	end_crowd();
	good = same("writes", count(fd), THREADS * WRITES);
	good &= same("own writes", count(own), 1);
	close(fd);
	close(own);
	return good;
}

/* ---- what is refused ---- */

static int refused(const char *what, const struct perf_event_attr *attr, pid_t pid, int cpu,
		   int group, int err)
{
	struct perf_event_attr copy = *attr;
	int fd = syscall(SYS_perf_event_open, &copy, pid, cpu, group, 0);
	int ret = fd < 0 ? -errno : 0;

	if (fd >= 0)
		close(fd);
	return same(what, ret, -err);
}

static int refusals(void)
{
	struct perf_event_attr good_attr, attr;
	int fd, own, good = 1;

	process_attr(&good_attr, &data->word);
	good &= refused("of a CPU, too", &good_attr, 0, 0, -1, EINVAL);
	good &= refused("of a CPU alone", &good_attr, -1, 0, -1, EINVAL);
	own = must(bp_open(HW_BREAKPOINT_W, 0, -1, 1), "an event of the thread");
	good &= refused("in a group", &good_attr, 0, -1, own, EINVAL);
	attr = good_attr;
	attr.inherit_thread = 0;
	good &= refused("without inherit_thread", &attr, 0, -1, -1, EINVAL);
	attr = good_attr;
	attr.remove_on_exec = 0;
	good &= refused("without remove_on_exec", &attr, 0, -1, -1, EINVAL);
	attr = good_attr;
	attr.sigtrap = 1;
	good &= refused("with sigtrap", &attr, 0, -1, -1, EOPNOTSUPP);
	attr = good_attr;
	attr.exclusive = 1;
	good &= refused("exclusive", &attr, 0, -1, -1, EOPNOTSUPP);

	fd = watch(0);
	bp_attr(&attr, HW_BREAKPOINT_W);
	attr.inherit = 1;
	good &= refused("as a group's leader", &attr, 0, -1, fd, ENODEV);
	good &= same("mmap", mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0) ==
		     MAP_FAILED ? -errno : 0, -EINVAL);
	good &= same("SET_OUTPUT", ioctl(fd, PERF_EVENT_IOC_SET_OUTPUT, own) ? -errno : 0, -EINVAL);
	good &= same("PERIOD", ioctl(fd, PERF_EVENT_IOC_PERIOD, &(uint64_t){ 5 }) ? -errno : 0,
		     -EINVAL);
	good &= same("REFRESH", ioctl(fd, PERF_EVENT_IOC_REFRESH, 1) ? -errno : 0, -EINVAL);
	write_some(WRITES);
	good &= same("writes", count(fd), WRITES);
	close(own);
	close(fd);
	return good;
}

/* As for an event of a thread: what another user's process does is not told. */
static int another_user(void)
{
	pid_t pid = fork(), parent = getppid();
	struct child c;
	int good;

	(void)parent;
	if (!pid) {
		parent = getppid();
		if (setresuid(1, 1, 1))
			_exit(255);
		_exit(open_on(parent, &data->word) == -EACCES ? 0 : 1);
	}
	good = same("a stranger's status", status_of(pid), 0);
	begin_child(&c, just_waits);
	good &= same("root's", open_on(c.pid, &data->word) >= 0, 1);
	let_go(&c);
	return good & end_child(&c);
}

/* ---- CPUs come and go ---- */

static int online(const char *what)
{
	int fd = open("/sys/devices/system/cpu/cpu1/online", O_WRONLY), ok;

	if (fd < 0)
		return 0;
	ok = write(fd, what, 1) == 1;
	close(fd);
	return ok;
}

static int hotplug(void)
{
	int fd, good;

	begin_crowd();
	if (!online("0")) {
		end_crowd();
		return -1;
	}
	fd = watch(0);
	all_write();
	good = same("one CPU", count(fd), THREADS * WRITES);
	online("1");
	all_write();
	good &= same("two", count(fd), 2 * THREADS * WRITES);
	online("0");
	all_write();
	good &= same("one again", count(fd), 3 * THREADS * WRITES);
	ioctl(fd, PERF_EVENT_IOC_DISABLE, 0);
	online("1");
	all_write();
	good &= same("two, disabled", count(fd), 3 * THREADS * WRITES);
	ioctl(fd, PERF_EVENT_IOC_ENABLE, 0);
	all_write();
	good &= same("enabled", count(fd), 4 * THREADS * WRITES);
	close(fd);
	end_crowd();
	return good;
}

static void hotplug_result(void)
{
	int good = hotplug();

	if (good < 0)
		printf("ok %d CPUs come and go # SKIP no CPU can go down\n", ++number);
	else
		result(good, "CPUs come and go");
}

int main(int argc, char **argv)
{
	if (argc == 2 && !strcmp(argv[1], "executed"))
		return 0;
	slots = bp_room(HW_BREAKPOINT_W, 0, -1, MAX);
	if (!slots) {
		printf("KTAP version 1\n1..0 # SKIP no slots\n");
		return 4;
	}
	data = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (data == MAP_FAILED)
		die("mmap");
	plan(13);
	result(existing_threads(), "threads that there are, and enabled and disabled");
	result(threads_to_come(), "threads that come and go");
	result(open_and_close(), "opened and disabled while all write");
	result(change(), "it is changed");
	result(sends_signals(), "signals of overflows");
	result(not_of_the_process(), "what others write in the same memory");
	result(exec_ends_it(), "a program is executed");
	result(zombie_leader(), "the first thread exits");
	result(together(), "how many a thread and its process can have");
	result(both_count(), "beside an event of a thread");
	result(refusals(), "what is refused");
	result(another_user(), "another user's process");
	hotplug_result();
	return failed;
}
