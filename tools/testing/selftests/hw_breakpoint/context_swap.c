// SPDX-License-Identifier: GPL-2.0
/*
 * Slots of tasks whose contexts perf swaps.
 *
 * Two children inherit as many breakpoints as there are slots and play ping-pong
 * on one CPU. perf then exchanges their contexts instead of rescheduling the
 * events. One exits; the other still holds all the slots and must get no more.
 */
#define _GNU_SOURCE
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>

#include "bp.h"

#define ROUNDS	100
#define MAX	32

static int slots;

static void die(const char *what)
{
	printf("Bail out! %s: %s\n", what, strerror(errno));
	exit(1);
}

static void stay_on_cpu_0(void)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(0, &set);
	if (sched_setaffinity(0, sizeof(set), &set))
		die("sched_setaffinity");
}

/* Sends the ball back until it is not there any more. */
static void player(int from, int to)
{
	char ball;

	while (read(from, &ball, 1) == 1 && write(to, &ball, 1) == 1)
		;
	pause();
}

static pid_t start_player(int from, int to)
{
	pid_t pid = fork();

	if (pid < 0)
		die("fork");
	if (!pid) {
		stay_on_cpu_0();
		player(from, to);
		_exit(0);
	}
	return pid;
}

/* The survivor's slots are full. Return: how many too many it gets. */
static int too_many(pid_t pid)
{
	return bp_room(HW_BREAKPOINT_W, pid, -1, slots + 1);
}

static void end(pid_t pid)
{
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

static int play_round(int n)
{
	int pipes[2][2], extra;
	pid_t a, b;

	if (pipe(pipes[0]) || pipe(pipes[1]))
		die("pipe");
	a = start_player(pipes[0][0], pipes[1][1]);
	b = start_player(pipes[1][0], pipes[0][1]);
	if (write(pipes[0][1], "o", 1) != 1)
		die("write");
	usleep(2000 + 137 * n);
	end(b);
	extra = too_many(a);
	end(a);
	close(pipes[0][0]);
	close(pipes[0][1]);
	close(pipes[1][0]);
	close(pipes[1][1]);
	return extra;
}

static int fds[MAX];

static void take_all(void)
{
	int i;

	for (i = 0; i < slots; i++) {
		fds[i] = bp_open(HW_BREAKPOINT_W, 0, -1, 1);
		if (fds[i] < 0)
			die("perf_event_open");
	}
}

static void give_all(void)
{
	int i;

	for (i = 0; i < slots; i++)
		close(fds[i]);
}

int main(void)
{
	int n, extra = 0, left;

	setvbuf(stdout, NULL, _IOLBF, 0);
	printf("KTAP version 1\n");
	slots = bp_room(HW_BREAKPOINT_W, -1, 0, MAX);
	if (!slots) {
		printf("1..0 # SKIP no slots\n");
		return 4;
	}
	printf("1..2\n# %d slots\n", slots);
	take_all();
	for (n = 0; n < ROUNDS && !extra; n++)
		extra = play_round(n);
	if (extra)
		printf("# round %d: %d more than there are slots\n", n, extra);
	printf("%s 1 no breakpoint too many\n", extra ? "not ok" : "ok");

	give_all();
	left = bp_room(HW_BREAKPOINT_W, -1, 0, MAX);
	if (left != slots)
		printf("# %d slots left of %d\n", left, slots);
	printf("%s 2 every slot is given back, control\n", left == slots ? "ok" : "not ok");
	return extra || left != slots;
}
