// SPDX-License-Identifier: GPL-2.0
/*
 * Who may know who holds breakpoints: /proc/hw_breakpoints as it is read by root, by the user who
 * may trace the task, by another one, from a PID namespace, and through a file that one has opened
 * and another one reads.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "bp.h"
#include "ktap.h"

#define TABLE	"/proc/hw_breakpoints"
#define ALICE	1000
#define BOB	1001

/* What is read, in memory of all processes of this test */
static char text[1 << 16];

/* ---- readers ---- */

static void read_all(int fd)
{
	size_t n = 0;
	ssize_t more;

	while ((more = read(fd, text + n, sizeof(text) - 1 - n)) > 0)
		n += more;
	if (more < 0 || !n)
		die(TABLE);
	text[n] = 0;
}

static void read_table(void)
{
	int fd = open(TABLE, O_RDONLY);

	if (fd < 0)
		die(TABLE);
	read_all(fd);
	close(fd);
}

/* Where @uid has opened the file and root reads it, or @uid does both */
static void read_as(int uid, bool root_reads)
{
	int fd;

	if (setresgid(-1, uid, 0) || setresuid(-1, uid, 0))
		die("another user");
	fd = open(TABLE, O_RDONLY);
	if (fd < 0)
		die(TABLE);
	if (!root_reads)
		read_all(fd);
	if (setresuid(-1, 0, 0) || setresgid(-1, 0, 0))
		die("root");
	if (root_reads)
		read_all(fd);
	close(fd);
}

/* ---- what was read ---- */

static unsigned int others(void)
{
	unsigned int code = 0, data = 0;
	const char *line = strstr(text, "# others: ");

	if (!line || sscanf(line, "# others: %u %u", &code, &data) < 1) {
		printf("# no line of others in:\n# %s\n", text);
		return 0;
	}
	return code + data;
}

static bool says(const char *row)
{
	char line[160];

	snprintf(line, sizeof(line), "\n%s ", row);
	return strstr(text, line);
}

/* The row is shown, or not; so many others are counted. */
static int is(const char *row, bool shown, unsigned int n)
{
	if (says(row) == shown && others() == n)
		return 1;
	printf("# expected %s\"%s\" and %u others:\n# %s\n", shown ? "" : "no ", row, n, text);
	return 0;
}

/* ---- what there is ---- */

/* Of this user, who may trace it */
static pid_t task_of(int uid)
{
	char ready;
	int pipes[2];
	pid_t pid;

	if (pipe(pipes))
		die("pipe");
	pid = fork();
	if (!pid) {
		if (setresgid(uid, uid, uid) || setresuid(uid, uid, uid) ||
		    prctl(PR_SET_DUMPABLE, 1) || write(pipes[1], "", 1) != 1)
			_exit(1);
		for (;;)
			pause();
	}
	if (pid < 0 || read(pipes[0], &ready, 1) != 1)
		die("a task of another user");
	close(pipes[0]);
	close(pipes[1]);
	return pid;
}

static void end(pid_t pid)
{
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

/* Any address of the kernel's will do: that of a variable that is not hit all the time. */
static unsigned long kernel_address(void)
{
	char name[128], type;
	unsigned long addr;
	FILE *symbols = fopen("/proc/kallsyms", "r");

	if (!symbols)
		die("/proc/kallsyms");
	while (fscanf(symbols, "%lx %c %127s%*[^\n]", &addr, &type, name) == 3) {
		if (!strcmp(name, "linux_banner"))
			break;
		addr = 0;
	}
	fclose(symbols);
	return addr;
}

static int open_kernel(pid_t pid, int cpu, unsigned long addr)
{
	struct perf_event_attr attr;

	bp_attr(&attr, HW_BREAKPOINT_W);
	attr.bp_addr = addr;
	attr.exclude_kernel = 0;
	return must(bp_open_attr(&attr, pid, cpu), "a breakpoint of the kernel's");
}

/* ---- tests ---- */

static void of_a_task(void)
{
	pid_t pid = task_of(ALICE);
	int fd = must(bp_open(HW_BREAKPOINT_W, pid, -1, 0), "a breakpoint");
	char full[128], nameless[128];

	snprintf(full, sizeof(full), "known %d %d -1 w 0x8000 4", getpid(), pid);
	snprintf(nameless, sizeof(nameless), "- 0 %d -1 w 0x8000 4", pid);
	read_table();
	result(is(full, true, 0), "root knows the watched task and who watches it");
	read_as(ALICE, false);
	result(is(nameless, true, 0) & is(full, false, 0),
	       "who may trace the task knows what is watched, not that it is root");
	read_as(BOB, false);
	result(is(full, false, 1) & is(nameless, false, 1) & !strstr(text, "0x8000"),
	       "another user knows that there is one");
	read_as(BOB, true);
	result(is(full, false, 1) & is(nameless, false, 1),
	       "root who reads what another user has opened is not shown more");
	read_table();
	result(is(full, true, 0), "and root again");
	close(fd);
	read_as(BOB, false);
	result(is(full, false, 0), "what is closed is not counted");
	end(pid);
}

/* The row of an event that a process of this user has opened for itself */
static void of_oneself(void)
{
	char row[128];
	int status;
	pid_t pid = fork();

	if (!pid) {
		if (setresgid(ALICE, ALICE, ALICE) || setresuid(ALICE, ALICE, ALICE) ||
		    prctl(PR_SET_DUMPABLE, 1))
			_exit(2);
		must(bp_open(HW_BREAKPOINT_X, 0, -1, 0), "a breakpoint");
		snprintf(row, sizeof(row), "known %d %d -1 x 0x8000", getpid(), getpid());
		read_table();
		_exit(!is(row, true, 0));
	}
	waitpid(pid, &status, 0);
	result(!status, "one's own is shown with the name");
}

static void of_a_cpu(unsigned long kernel)
{
	int user = must(bp_open(HW_BREAKPOINT_W, -1, 0, 0), "a breakpoint of a CPU");
	char row[128], addr[128];
	int fd;

	snprintf(row, sizeof(row), "known %d 0 0 w 0x8000 4", getpid());
	read_table();
	result(is(row, true, 0), "root knows what is watched on CPUs");
	read_as(ALICE, false);
	result(is(row, false, 1) & !strstr(text, "0x8000") & !strstr(text, "known"),
	       "others know that something is");
	fd = open_kernel(-1, 0, kernel);
	snprintf(addr, sizeof(addr), "known %d 0 0 w %#lx 4", getpid(), kernel);
	read_table();
	result(is(addr, true, 0), "root knows addresses of the kernel's");
	close(fd);
	close(user);
}

/* The address of the kernel's is not for who may trace the task. */
static void of_the_kernel(unsigned long kernel)
{
	pid_t pid = task_of(ALICE);
	int fd = open_kernel(pid, -1, kernel);
	char row[128];

	snprintf(row, sizeof(row), "- 0 %d -1 w 0x0 4", pid);
	read_as(ALICE, false);
	result(is(row, true, 0), "who may trace the task does not know the kernel's addresses");
	close(fd);
	end(pid);
}

/* In a PID namespace with a procfs of its own: what is outside is counted, whoever reads. */
static int inside(void *dir)
{
	int fd;

	if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) ||
	    mount("proc", dir, "proc", 0, NULL) || chdir(dir))
		die("procfs");
	must(bp_open(HW_BREAKPOINT_W, 0, -1, 0), "a breakpoint");
	fd = open("hw_breakpoints", O_RDONLY);
	read_all(fd);
	close(fd);
	return !(is("known 1 1 -1 w 0x8000 4", true, 1) & !strstr(text, "0x8000 2"));
}

static void of_a_namespace(void)
{
	static char stack[1 << 16] __attribute__((aligned(16)));
	char dir[] = "/tmp/known.XXXXXX";
	pid_t pid = task_of(ALICE), child;
	struct perf_event_attr attr;
	int status, fd;

	bp_attr(&attr, HW_BREAKPOINT_W);
	attr.bp_len = 2;
	fd = must(bp_open_attr(&attr, pid, -1), "a breakpoint");
	if (!mkdtemp(dir))
		die(dir);
	child = clone(inside, stack + sizeof(stack), CLONE_NEWPID | CLONE_NEWNS | SIGCHLD, dir);
	if (child < 0)
		die("a PID namespace");
	waitpid(child, &status, 0);
	result(!status, "root in a PID namespace knows only of what is in it");
	rmdir(dir);
	close(fd);
	end(pid);
}

int main(void)
{
	unsigned long kernel;

	plan(12);
	/* whatever the file is called */
	prctl(PR_SET_NAME, "known");
	if (access(TABLE, R_OK))
		die(TABLE);
	kernel = kernel_address();
	if (!kernel) {
		errno = ENOENT;
		die("linux_banner in /proc/kallsyms");
	}
	of_a_task();
	of_oneself();
	of_a_cpu(kernel);
	of_the_kernel(kernel);
	of_a_namespace();
	return failed;
}
