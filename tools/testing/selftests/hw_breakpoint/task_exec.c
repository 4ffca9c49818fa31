// SPDX-License-Identifier: GPL-2.0
/*
 * The slots of a program that was executed are its own: events with remove_on_exec, which
 * the program before it has left open, can never run again.
 *
 * A child opens as many of them as there are slots, executes this program anew, and that
 * one says in its exit status how many slots it can still have.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/wait.h>

#include "bp.h"
#include "ktap.h"

#define ROUNDS	100
#define MAX	32
#define MAX_FD	128
#define FAILED	255

static int slots;

/* ---- before the exec, in a child ---- */

static void exec_attr(struct perf_event_attr *attr, int inherit)
{
	bp_attr(attr, HW_BREAKPOINT_W);
	attr->remove_on_exec = 1;
	attr->inherit = inherit;
}

static void open_all(int inherit)
{
	struct perf_event_attr attr;
	int i, fd;

	exec_attr(&attr, inherit);
	for (i = 0; i < slots; i++) {
		fd = bp_open_attr(&attr, 0, -1);
		if (fd < 0 || fcntl(fd, F_SETFD, 0))
			_exit(FAILED);
	}
}

/* @mode: what the program shall do; @more: added to what it says */
static void execute(const char *mode, int more)
{
	char number[16];

	snprintf(number, sizeof(number), "%d", more);
	execl("/proc/self/exe", "task_exec", mode, number, NULL);
	_exit(FAILED);
}

static int status_of(pid_t pid)
{
	int status;

	if (pid < 0 || waitpid(pid, &status, 0) != pid || !WIFEXITED(status))
		return FAILED;
	return WEXITSTATUS(status);
}

static void stay_on_cpu_0(void)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(0, &set);
	if (sched_setaffinity(0, sizeof(set), &set))
		_exit(FAILED);
}

static void play(int from, int to)
{
	char ball = 0;
	int i;

	for (i = 0; i < ROUNDS; i++) {
		if (write(to, &ball, 1) != 1 || read(from, &ball, 1) != 1)
			_exit(FAILED);
	}
}

/*
 * The child inherits the events, the two play on one CPU, where perf swaps their contexts,
 * and then either executes the program: one of them has had the events that have files.
 */
static void execute_both(void)
{
	int to_child[2], to_parent[2], room;
	pid_t pid;

	stay_on_cpu_0();
	open_all(1);
	if (pipe(to_child) || pipe(to_parent))
		_exit(FAILED);
	pid = fork();
	if (!pid) {
		play(to_child[0], to_parent[1]);
		execute("room", 0);
	}
	play(to_parent[0], to_child[1]);
	room = status_of(pid);
	if (room > slots)
		_exit(FAILED);
	execute("room", room);
}

/* Return: what a child says. */
static int after_exec(const char *mode)
{
	pid_t pid = fork();

	if (!pid && !strcmp(mode, "both"))
		execute_both();
	if (!pid) {
		open_all(0);
		execute(mode, 0);
	}
	return status_of(pid);
}

/* ---- after it ---- */

/* To what takes a slot of the same kind. Return: false if an event cannot be changed. */
static int change_all(void)
{
	struct perf_event_attr attr;
	int fd;

	exec_attr(&attr, 0);
	attr.bp_type = HW_BREAKPOINT_RW;
	for (fd = 3; fd < MAX_FD; fd++) {
		if (ioctl(fd, PERF_EVENT_IOC_MODIFY_ATTRIBUTES, &attr)) {
			if (errno != EBADF && errno != ENOTTY)
				return 0;
			continue;
		}
		if (ioctl(fd, PERF_EVENT_IOC_ENABLE, 0))
			return 0;
	}
	return 1;
}

static int executed(const char *mode, int more)
{
	int fd;

	if (!strcmp(mode, "change") && !change_all())
		return FAILED;
	for (fd = 3; !strcmp(mode, "close") && fd < MAX_FD; fd++)
		close(fd);
	return bp_room(HW_BREAKPOINT_W, 0, -1, MAX) + more;
}

int main(int argc, char **argv)
{
	if (argc == 3)
		return executed(argv[1], atoi(argv[2]));

	slots = bp_room(HW_BREAKPOINT_W, 0, -1, MAX);
	if (!slots) {
		printf("KTAP version 1\n1..0 # SKIP no slots\n");
		return 4;
	}
	plan(4);
	printf("# %d slots\n", slots);
	result(same("slots left", after_exec("room"), slots),
	       "a program is executed, with events of the one before open");
	result(same("slots left to both", after_exec("both"), 2 * slots),
	       "a task and a child that has inherited them execute programs");
	result(same("slots left", after_exec("change"), slots),
	       "events of the program before are changed and enabled");
	result(same("slots left", after_exec("close"), slots),
	       "they are closed, control");
	return failed;
}
