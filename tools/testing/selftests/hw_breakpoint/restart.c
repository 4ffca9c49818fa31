// SPDX-License-Identifier: GPL-2.0
/*
 * A system call that is restarted is called anew: a breakpoint on its instruction counts
 * each time that it is executed.
 */
#define _GNU_SOURCE
#include <signal.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <time.h>

#include "bp.h"
#include "ktap.h"

#define SIGNALS	10

#ifdef __aarch64__
#define NAME(text)	text
#else
#define NAME(text)	text ", control"
#endif

extern const char call_here[];

/* The instruction that all calls of this program go through. */
static long __attribute__((noinline)) call(long nr, long a, long b, long c, long d)
{
#ifdef __aarch64__
	register long x8 asm("x8") = nr;
	register long x0 asm("x0") = a;
	register long x1 asm("x1") = b;
	register long x2 asm("x2") = c;
	register long x3 asm("x3") = d;

	asm volatile(".globl call_here\n"
		     "call_here: svc #0"
		     : "+r" (x0) : "r" (x8), "r" (x1), "r" (x2), "r" (x3) : "memory");
	return x0;
#else
	register long r10 asm("r10") = d;
	long ret;

	asm volatile(".globl call_here\n"
		     "call_here: syscall"
		     : "=a" (ret) : "a" (nr), "D" (a), "S" (b), "d" (c), "r" (r10)
		     : "rcx", "r11", "memory");
	return ret;
#endif
}

static volatile int signals;

static void on_signal(int sig __attribute__((unused)))
{
	signals++;
}

/* The state letter in /proc/PID/stat. */
static int state(pid_t pid)
{
	char path[32], state = 0;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	f = fopen(path, "r");
	if (!f || fscanf(f, "%*d (%*[^)]) %c", &state) != 1)
		die(path);
	fclose(f);
	return state;
}

/* Return: whether it does, and has not ended, or stopped for a signal of its own. */
static int wait_until_it_sleeps(pid_t pid)
{
	struct timespec t = { .tv_nsec = 1000000 };
	int s;

	for (s = state(pid); s != 'S' && s != 'Z' && s != 't'; s = state(pid))
		nanosleep(&t, NULL);
	return s == 'S';
}

static int number_of_signals(pid_t pid)
{
	char path[32], line[256];
	int pending = 0;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/status", pid);
	f = fopen(path, "r");
	if (!f)
		die(path);
	while (fgets(line, sizeof(line), f)) {
		unsigned long long set;

		if (sscanf(line, "SigPnd: %llx", &set) == 1 ||
		    sscanf(line, "ShdPnd: %llx", &set) == 1)
			pending |= !!set;
	}
	fclose(f);
	return pending;
}

/* Each is handled, and the call sleeps again, before the next. */
static void send_signals(pid_t pid, int sig)
{
	int i;

	for (i = 0; i < SIGNALS && wait_until_it_sleeps(pid); i++) {
		kill(pid, sig);
		while (number_of_signals(pid) && state(pid) != 'Z')
			;
		wait_until_it_sleeps(pid);
	}
}

/* Shared with the child. It waits without a system call: when it sleeps it is in the one. */
static volatile int *go;

static void child(int fd, int flags)
{
	struct sigaction action = { .sa_handler = on_signal, .sa_flags = flags };
	char c;

	sigaction(SIGUSR1, &action, NULL);
	while (!*go)
		;
	_exit(call(SYS_read, fd, (long)&c, 1, 0) != 1);
}

static pid_t start(int *data, int flags)
{
	pid_t pid;

	if (pipe(data))
		die("pipe");
	*go = 0;
	pid = fork();
	if (!pid)
		child(data[0], flags);
	if (pid < 0)
		die("fork");
	return pid;
}

/* What has been called, and how the child ended. */
static int finish(pid_t pid, int *data, int fd, long expected)
{
	int status;

	if (write(data[1], "", 1) != 1 || waitpid(pid, &status, 0) != pid)
		die("the child");
	if (WIFSTOPPED(status))
		kill(pid, SIGKILL);
	close(data[0]);
	close(data[1]);
	return same("status", status, 0) & same("calls", hits(fd), expected);
}

static int watch_calls(pid_t pid)
{
	struct perf_event_attr attr;

	bp_attr(&attr, HW_BREAKPOINT_X);
	attr.bp_addr = (uintptr_t)call_here;
	return must(bp_open_attr(&attr, pid, -1), "perf_event_open");
}

static int restarted(int sig)
{
	int data[2], fd;
	pid_t pid = start(data, SA_RESTART);

	fd = watch_calls(pid);
	*go = 1;
	if (sig)
		send_signals(pid, sig);
	else
		wait_until_it_sleeps(pid);
	return finish(pid, data, fd, sig ? SIGNALS + 1 : 1);
}

/* A tracer stops it and lets it go on, SIGNALS times: no handler, and a restart. */
static int stopped(void)
{
	int data[2], fd, i, status;
	pid_t pid = start(data, SA_RESTART);

	fd = watch_calls(pid);
	if (ptrace(PTRACE_SEIZE, pid, 0, 0))
		die("ptrace");
	*go = 1;
	for (i = 0; i < SIGNALS && wait_until_it_sleeps(pid); i++) {
		if (ptrace(PTRACE_INTERRUPT, pid, 0, 0) || waitpid(pid, &status, 0) != pid ||
		    !WIFSTOPPED(status) ||
		    ptrace(i < SIGNALS - 1 ? PTRACE_CONT : PTRACE_DETACH, pid, 0, 0))
			die("ptrace");
	}
	wait_until_it_sleeps(pid);
	return finish(pid, data, fd, SIGNALS + 1);
}

int main(void)
{
	go = mmap(NULL, sizeof(*go), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (go == MAP_FAILED)
		die("mmap");
	plan(3);
	result(restarted(0), NAME("a system call that is not restarted"));
	result(restarted(SIGUSR1), NAME("a system call that signals restart"));
	result(stopped(), NAME("a system call that a tracer's stops restart"));
	return failed;
}
