// SPDX-License-Identifier: GPL-2.0
/*
 * What is not canonical, or between the halves, is nobody's and is refused; and what is
 * above 4 GB is the user's, also where a 32-bit program asks (x86_space32.c, which is
 * x86_space32 of the current folder).
 */
#define _GNU_SOURCE
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/user.h>
#include <sys/wait.h>

#include "bp.h"
#include "traced.h"

/* With four levels of page tables; with five, all but the first are the same. */
#define USER_HALF	(1ULL << 47)
#define HOLE		(1ULL << 62)
#define HIGH		(1ULL << 40)

static volatile uint64_t word;

static int open_at(int type, uint64_t addr, int user, pid_t pid, int cpu)
{
	struct perf_event_attr attr;

	bp_attr(&attr, type);
	attr.bp_addr = addr;
	attr.exclude_kernel = user;
	return bp_open_attr(&attr, pid, cpu);
}

static int try_at(int type, uint64_t addr, int user, pid_t pid, int cpu)
{
	int fd = open_at(type, addr, user, pid, cpu);

	if (fd >= 0)
		close(fd);
	return fd < 0 ? fd : 0;
}

static const uint64_t nobodys[] = {
	HOLE, 1ULL << 63, HOLE | 0x401000, (USER_HALF - 4096) | 1ULL << 57,
	-1ULL << 62,
};

/* For a task or a CPU, all of them */
static int refused(pid_t pid, int cpu)
{
	unsigned int i;
	int good = 1;

	for (i = 0; i < ARRAY_SIZE(nobodys); i++) {
		good &= same("data", try_at(HW_BREAKPOINT_W, nobodys[i], 0, pid, cpu), -EINVAL);
		good &= same("code", try_at(HW_BREAKPOINT_X, nobodys[i], 0, pid, cpu), -EINVAL);
	}
	return good;
}

/* A change to nobody's is refused, and the event goes on as it was. */
static int change(void)
{
	int fd = open_at(HW_BREAKPOINT_W, (uintptr_t)&word, 0, 0, -1);
	struct perf_event_attr attr;
	uint64_t n = 0;
	int good;

	if (fd < 0)
		return same("perf_event_open", fd, 0);
	bp_attr(&attr, HW_BREAKPOINT_W);
	attr.exclude_kernel = 0;
	attr.bp_addr = HOLE;
	good = same("change", ioctl(fd, PERF_EVENT_IOC_MODIFY_ATTRIBUTES, &attr) ? -errno : 0,
		    -EINVAL);
	word = 1;
	if (read(fd, &n, sizeof(n)) != sizeof(n))
		die("read");
	close(fd);
	return good & same("hits", n, 1);
}

/* No page of the user's is there, or can be. */
static int last_page(void)
{
	return same("the last", try_at(HW_BREAKPOINT_W, USER_HALF - 4100, 1, 0, -1), 0) &
	       same("beyond", try_at(HW_BREAKPOINT_W, USER_HALF - 4096, 0, 0, -1), -EINVAL);
}

static long poke(pid_t pid, uint64_t addr)
{
	return ptrace(PTRACE_POKEUSER, pid, offsetof(struct user, u_debugreg), addr) ? -errno : 0;
}

/* A tracer never gets more than the user's. */
static int traced(void)
{
	unsigned int i;
	int good = 1;
	pid_t pid = start_traced(NULL);

	for (i = 0; i < ARRAY_SIZE(nobodys); i++)
		good &= same("DR0", poke(pid, nobodys[i]), -EINVAL);
	good &= same("DR0 of the user's", poke(pid, (uintptr_t)&word + 1), 0);
	end_traced(pid);
	return good;
}

/* Return: 0 or the error that a 32-bit program gets for a breakpoint of @pid. */
static int from_32_bit(uint64_t addr, int user, pid_t pid)
{
	char text[3][32];
	pid_t child;
	int status;

	snprintf(text[0], sizeof(text[0]), "%llx", (unsigned long long)addr);
	snprintf(text[1], sizeof(text[1]), "%x", user);
	snprintf(text[2], sizeof(text[2]), "%x", pid);
	child = fork();
	if (!child) {
		execl("./x86_space32", "x86_space32", text[0], text[1], text[2], NULL);
		_exit(255);
	}
	if (waitpid(child, &status, 0) != child || !WIFEXITED(status))
		die("the 32-bit program");
	return -WEXITSTATUS(status);
}

static int high_is_the_users(void)
{
	return same("of itself", from_32_bit(HIGH, 1, 0), 0) &
	       same("of a 64-bit task", from_32_bit(HIGH, 1, getpid()), 0);
}

int main(void)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	plan(7);
	result(refused(0, -1), "nobody's, of a task");
	result(refused(-1, 0), "nobody's, on a CPU");
	result(change(), "nobody's, as a change");
	result(last_page(), "the page between the halves");
	result(traced(), "nobody's, for a tracer, control");
	result(same("nobody's", from_32_bit(HOLE, 0, 0), -EINVAL),
	       "nobody's, from a 32-bit program");
	result(high_is_the_users(), "above 4 GB, from a 32-bit program, control");
	return failed;
}
