// SPDX-License-Identifier: GPL-2.0
/*
 * The slots of a task that has exited are free, whoever still has its events open.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>

#include "bp.h"

#define MAX	32

static int fds[MAX], slots, failed;

static void result(int n, int left, const char *name)
{
	if (left != slots)
		printf("# %d slots left of %d\n", left, slots);
	printf("%s %d %s\n", left == slots ? "ok" : "not ok", n, name);
	failed |= left != slots;
}

static int room_of_cpu(void)
{
	return bp_room(HW_BREAKPOINT_W, -1, 0, MAX);
}

/* Return: a child with a breakpoint in every slot. */
static pid_t watched_child(void)
{
	pid_t pid = fork();
	int i;

	if (!pid) {
		pause();
		_exit(0);
	}
	for (i = 0; i < slots && pid > 0; i++) {
		fds[i] = bp_open(HW_BREAKPOINT_W, pid, -1, 0);
		if (fds[i] < 0)
			pid = -1;
	}
	if (pid < 0) {
		printf("Bail out! %s\n", strerror(errno));
		exit(1);
	}
	return pid;
}

int main(void)
{
	pid_t pid;
	int i;

	setvbuf(stdout, NULL, _IOLBF, 0);
	printf("KTAP version 1\n");
	slots = room_of_cpu();
	if (!slots) {
		printf("1..0 # SKIP no slots\n");
		return 4;
	}
	printf("1..2\n# %d slots\n", slots);
	pid = watched_child();
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	result(1, room_of_cpu(), "the task has exited, its events are open");
	for (i = 0; i < slots; i++)
		close(fds[i]);
	result(2, room_of_cpu(), "its events are closed, control");
	return failed;
}
