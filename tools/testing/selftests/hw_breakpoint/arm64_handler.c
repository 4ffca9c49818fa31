// SPDX-License-Identifier: GPL-2.0
/*
 * arm64_handler MODULE: a kernel breakpoint with a handler of its own, which the
 * stock kernel never gets past, and what a kernel breakpoint leaves behind.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sched.h>
#include <sys/wait.h>

#include "arm64.h"

#define PARAMETERS	"/sys/module/arm64_hwbp/parameters/"
#define WRITES		10
#define SECONDS		5
#define MDE		(1L << 15)
#define KDE		(1L << 13)

static volatile uint64_t word;

static long parameter(const char *path)
{
	char text[32];
	int fd = open(path, O_RDONLY);
	int n = read(fd, text, sizeof(text) - 1);

	if (n <= 0)
		die(path);
	text[n] = 0;
	close(fd);
	return atol(text);
}

static void load(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0 || syscall(SYS_finit_module, fd, "", 0))
		die(path);
	close(fd);
}

static long monitors(void)
{
	return parameter(PARAMETERS "mdscr") & (MDE | KDE);
}

/* A breakpoint of the kernel needs both, a user's MDE alone. */
static int kernel_monitor(void)
{
	int fd = watch(HW_BREAKPOINT_W, &word, 8);
	struct perf_event_attr attr;
	int kernel, good;

	bp_attr(&attr, HW_BREAKPOINT_W);
	attr.bp_addr = 0xffff800000000000UL;
	attr.exclude_kernel = 0;
	kernel = must(bp_open_attr(&attr, -1, 0), "kernel watchpoint");
	good = same("both", monitors(), MDE | KDE);
	close(kernel);
	good &= same("the user's alone", monitors(), MDE);
	close(fd);
	return good & same("none", monitors(), 0);
}

static void stay_on(int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	if (sched_setaffinity(0, sizeof(set), &set))
		die("sched_setaffinity");
}

/* The write may hang: it is done on another CPU, and nobody waits for its end. */
static int own_handler(void)
{
	int i, fd = open(PARAMETERS "write", O_WRONLY);
	pid_t pid = fork();

	if (!pid) {
		stay_on(1);
		_exit(write(fd, "10", 2) != 2);
	}
	for (i = 0; i < SECONDS * 10; i++) {
		if (waitpid(pid, NULL, WNOHANG) == pid)
			return same("hits", parameter(PARAMETERS "hits"), WRITES);
		usleep(100000);
	}
	/* the parameters are locked */
	printf("# hangs for %d s\n", SECONDS);
	return 0;
}

int main(int argc, char **argv)
{
	if (argc != 2) {
		printf("KTAP version 1\n1..0 # SKIP no module was named\n");
		return 4;
	}
	plan(2);
	stay_on(0);
	load(argv[1]);
	result(kernel_monitor(), "monitors of the kernel go out with its last breakpoint");
	result(own_handler(), "a kernel breakpoint with a handler of its own");
	return failed;
}
