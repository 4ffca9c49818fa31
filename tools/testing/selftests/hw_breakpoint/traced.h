/* SPDX-License-Identifier: GPL-2.0 */
/* A task that whoever starts it traces. */
#ifndef _SELFTEST_TRACED_H
#define _SELFTEST_TRACED_H

#include <signal.h>
#include <sys/ptrace.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ktap.h"

/* Return: a stopped task. When it goes on it does @run, if there is any, and exits. */
static inline pid_t start_traced(void (*run)(void))
{
	pid_t pid = fork();
	int status;

	if (!pid) {
		ptrace(PTRACE_TRACEME, 0, NULL, NULL);
		raise(SIGSTOP);
		if (run)
			run();
		_exit(0);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid || !WIFSTOPPED(status))
		die("a task to trace");
	return pid;
}

static inline void end_traced(pid_t pid)
{
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

#endif
