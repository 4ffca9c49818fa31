// SPDX-License-Identifier: GPL-2.0
/*
 * Whose memory an address is: that depends on the task that is watched and not on who
 * asks, and what is nobody's is refused. Compiled for 32-bit Arm it is the same program
 * in a 32-bit process; each starts the other one for a target, as arm64_space and
 * arm64_space32 of the current folder.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/futex.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>

#include "arm64.h"

#define HIGH		(1ULL << 40)
#define TAG		(1ULL << 56)
#define HOLE		(1ULL << 52)
#define ROUNDS		10
/* a task that can be killed is gone sooner, however busy the machine */
#define SECONDS		3

static volatile uint32_t word;

static int on_cpu_0(struct perf_event_attr *attr)
{
	return bp_open_attr(attr, -1, 0);
}

static int of_self(struct perf_event_attr *attr)
{
	return bp_open_attr(attr, 0, -1);
}

static void attr_at(struct perf_event_attr *attr, int type, uint64_t addr)
{
	bp_attr(attr, type);
	attr->bp_addr = addr;
	attr->exclude_kernel = 0;
}

static int close_fd(int fd)
{
	if (fd >= 0)
		close(fd);
	return fd < 0 ? fd : 0;
}

/* Data and code at an address, by @open */
static int refused(int (*open)(struct perf_event_attr *attr), uint64_t addr)
{
	struct perf_event_attr attr;
	int good;

	attr_at(&attr, HW_BREAKPOINT_RW, addr);
	good = same("data", close_fd(open(&attr)), -EINVAL);
	attr_at(&attr, HW_BREAKPOINT_X, addr);
	return good & same("code", close_fd(open(&attr)), -EINVAL);
}

/* ---- a target of the other word size ---- */

/* Writes to its words when told by a byte, and answers; ends with its creator. */
static int serve(volatile uint64_t *high)
{
	char byte;
	int i;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	while (write(1, "", 1) == 1 && read(0, &byte, 1) == 1) {
		for (i = 0; high && i < ROUNDS; i++)
			*high = i;
	}
	return 0;
}

struct target {
	pid_t	pid;
	int	in, out;
};

static void let_run(struct target *t)
{
	char byte;

	if (t->in >= 0 && write(t->in, "", 1) != 1)
		die("write");
	if (read(t->out, &byte, 1) != 1)
		die("the target");
}

static void start(struct target *t, const char *program)
{
	int in[2], out[2];

	if (pipe(in) || pipe(out))
		die("pipe");
	t->pid = fork();
	if (!t->pid) {
		dup2(in[0], 0);
		dup2(out[1], 1);
		close(in[1]);
		close(out[0]);
		execl(program, program, "serve", NULL);
		_exit(1);
	}
	close(in[0]);
	close(out[1]);
	t->in = -1;
	t->out = out[0];
	let_run(t);
	t->in = in[1];
}

static void stop(struct target *t)
{
	kill(t->pid, SIGKILL);
	waitpid(t->pid, NULL, 0);
	close(t->in);
	close(t->out);
}

#ifdef __aarch64__

/* ---- in a 64-bit program ---- */

/* The kernel reads and writes the word by exclusive accesses. */
static void wake_op(void)
{
	syscall(SYS_futex, &word, FUTEX_WAKE_OP, 1, 1, &word,
		FUTEX_OP(FUTEX_OP_ADD, 1, FUTEX_OP_CMP_EQ, 0));
}

static int ends(pid_t pid)
{
	struct timespec pause = { .tv_nsec = 10000000 };
	int i;

	for (i = 0; i < SECONDS * 100; i++) {
		if (waitpid(pid, NULL, WNOHANG) == pid)
			return 1;
		nanosleep(&pause, NULL);
	}
	return 0;
}

/*
 * A tag hides that the word is the user's. Nothing loops for longer than the event
 * lives.
 */
static int futex_with(int (*open)(struct perf_event_attr *attr))
{
	struct perf_event_attr attr;
	int go[2], fd, good;
	char byte;
	pid_t pid;

	if (pipe(go))
		die("pipe");
	pid = fork();
	if (!pid) {
		attr_at(&attr, HW_BREAKPOINT_RW, (uintptr_t)&word | TAG);
		if (open == of_self)
			open(&attr);
		if (read(go[0], &byte, 1) == 1)
			wake_op();
		_exit(0);
	}
	attr_at(&attr, HW_BREAKPOINT_RW, (uintptr_t)&word | TAG);
	fd = open == of_self ? -EINVAL : open(&attr);
	if (write(go[1], "", 1) != 1)
		die("write");
	good = same("ended", ends(pid), 1);
	if (!good) {
		kill(pid, SIGKILL);
		good = same("killed", ends(pid), 1) & 0;
	}
	close_fd(fd);
	close(go[0]);
	close(go[1]);
	return good;
}

/* Where 32-bit programs have no memory. */
static int of_32_bit_task(void)
{
	struct perf_event_attr attr;
	struct target t;
	int good;

	start(&t, "./arm64_space32");
	attr_at(&attr, HW_BREAKPOINT_RW, HIGH);
	good = same("above 4 GB", close_fd(bp_open_attr(&attr, t.pid, -1)), -EINVAL);
	attr_at(&attr, HW_BREAKPOINT_RW, (1ULL << 32) - 4);
	good &= same("the last word", close_fd(bp_open_attr(&attr, t.pid, -1)), -EINVAL);
	attr_at(&attr, HW_BREAKPOINT_RW, (1ULL << 32) - 0x2000);
	good &= same("below", close_fd(bp_open_attr(&attr, t.pid, -1)), 0);
	stop(&t);
	return good;
}

/* An instruction of eight bytes, as many tools ask, which no 32-bit task would get. */
static int inherited(void)
{
	struct perf_event_attr attr;
	int status;
	pid_t pid = fork();

	if (!pid) {
		attr_at(&attr, HW_BREAKPOINT_X, HIGH);
		attr.bp_len = 8;
		attr.exclude_kernel = 1;
		attr.inherit = 1;
		if (fcntl(must(of_self(&attr), "perf_event_open"), F_SETFD, 0))
			_exit(2);
		execl("./arm64_space32", "./arm64_space32", "fork", NULL);
		_exit(3);
	}
	waitpid(pid, &status, 0);
	return same("errno of fork()", WEXITSTATUS(status), 0);
}

static int tests(void)
{
	plan(8);
	result(refused(on_cpu_0, (uintptr_t)&word | TAG), "a tag, on a CPU");
	result(futex_with(on_cpu_0), "a tag, on a CPU, and a futex, control");
	result(refused(on_cpu_0, (uintptr_t)&word | HOLE), "between the halves, on a CPU");
	result(refused(of_self, (uintptr_t)&word | TAG), "a tag, control");
	result(futex_with(of_self), "a tag, and a futex, control");
	result(refused(of_self, (uintptr_t)&word | HOLE), "between the halves, control");
	result(of_32_bit_task(), "above 4 GB of a 32-bit task");
	result(inherited(), "what a 32-bit program inherits");
	return failed;
}

static volatile uint64_t *high_word(void)
{
	void *p = mmap((void *)HIGH, 4096, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);

	return p == MAP_FAILED ? NULL : p;
}

#else

/* ---- in a 32-bit program ---- */

/* It asks for a task that has such memory. */
static int of_64_bit_task(void)
{
	struct perf_event_attr attr;
	struct target t;
	int fd, good;

	start(&t, "./arm64_space");
	attr_at(&attr, HW_BREAKPOINT_W, HIGH);
	attr.bp_len = 8;
	attr.exclude_kernel = 1;
	fd = bp_open_attr(&attr, t.pid, -1);
	good = same("perf_event_open", fd < 0 ? fd : 0, 0);
	let_run(&t);
	if (good)
		good = same("hits", hits(fd), ROUNDS);
	stop(&t);
	return good;
}

static int on_cpu(uint64_t addr)
{
	struct perf_event_attr attr;

	attr_at(&attr, HW_BREAKPOINT_RW, addr);
	attr.exclude_kernel = 1;
	return same("perf_event_open", close_fd(on_cpu_0(&attr)), 0);
}

static int tests(void)
{
	plan(5);
	result(of_64_bit_task(), "of a 64-bit task, from a 32-bit one");
	result(on_cpu(HIGH), "on a CPU, from a 32-bit task");
	result(refused(on_cpu_0, (uintptr_t)&word | TAG), "a tag, on a CPU, from a 32-bit task");
	result(refused(of_self, HIGH), "above 4 GB of a 32-bit task itself, control");
	result(refused(of_self, (uintptr_t)&word | TAG), "a tag, from a 32-bit task, control");
	return failed;
}

static volatile uint64_t *high_word(void)
{
	return NULL;
}

#endif

static int try_fork(void)
{
	pid_t pid = fork();

	if (!pid)
		_exit(0);
	if (pid < 0)
		return errno;
	waitpid(pid, NULL, 0);
	return 0;
}

static int to_cpu_0(void)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(0, &set);
	return sched_setaffinity(0, sizeof(set), &set);
}

int main(int argc, char **argv)
{
	if (argc > 1 && !strcmp(argv[1], "serve"))
		return serve(high_word());
	if (argc > 1 && !strcmp(argv[1], "fork"))
		return try_fork();
	if (to_cpu_0())
		die("sched_setaffinity");
	return tests();
}
