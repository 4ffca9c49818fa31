// SPDX-License-Identifier: GPL-2.0
/*
 * The guest's first process.
 *
 * Mounts what programs expect, unpacks the payload (a raw tar on the second
 * disk), runs the command that the payload names, copies what it prints to one
 * virtio port and says on another how it ended and how much it printed. A guest
 * that dies on the way says nothing there, and the host takes silence for failure.
 *
 * Without a payload disk it gives the console a shell.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define PAYLOAD_DISK "/dev/vdb"
#define PAYLOAD_DIR "/payload"
#define COMMAND_FILE PAYLOAD_DIR "/.command"
#define MAX_ARGS 4096

static int verdict_fd = -1;
static long output_bytes;

static void power_off(void)
{
	sync();
	/* a port takes what is written before the host has seen it */
	usleep(50000);
	reboot(RB_POWER_OFF);
	for (;;)
		pause();
}

/* How it ended, for the host: one line, then the end */
static void verdict(const char *format, ...)
{
	char line[256];
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	if (verdict_fd >= 0 && write(verdict_fd, line, n) != n)
		perror("init: verdict port");
	power_off();
}

static void mount_or_warn(const char *type, const char *where, const char *data)
{
	mkdir(where, 0755);
	if (mount(type, where, type, 0, data) && errno != EBUSY)
		fprintf(stderr, "init: %s: %s\n", where, strerror(errno));
}

static void mount_all(void)
{
	mount_or_warn("proc", "/proc", NULL);
	mount_or_warn("sysfs", "/sys", NULL);
	mount_or_warn("devtmpfs", "/dev", NULL);
	mount_or_warn("devpts", "/dev/pts", "ptmxmode=0666");
	mount_or_warn("tmpfs", "/dev/shm", NULL);
	mount_or_warn("tmpfs", "/run", NULL);
	mount_or_warn("tmpfs", "/tmp", NULL);
	mount_or_warn("tmpfs", PAYLOAD_DIR, NULL);
	mount_or_warn("debugfs", "/sys/kernel/debug", NULL);
	mount_or_warn("tracefs", "/sys/kernel/tracing", NULL);
	symlink("/proc/self/fd", "/dev/fd");
	symlink("/proc/self/fd/0", "/dev/stdin");
	symlink("/proc/self/fd/1", "/dev/stdout");
	symlink("/proc/self/fd/2", "/dev/stderr");
}

/* First line of a small file, without its newline */
static int read_line(const char *path, char *line, int size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	int n;

	if (fd < 0)
		return -1;
	n = read(fd, line, size - 1);
	close(fd);
	if (n < 0)
		return -1;
	line[n] = 0;
	line[strcspn(line, "\n")] = 0;
	return 0;
}

/* The virtio port that the host gave this name */
static int open_port(const char *wanted)
{
	DIR *dir = opendir("/sys/class/virtio-ports");
	struct dirent *entry;
	char path[600], name[64];
	int fd = -1;

	while (dir && fd < 0 && (entry = readdir(dir))) {
		snprintf(path, sizeof(path), "/sys/class/virtio-ports/%s/name",
			 entry->d_name);
		if (read_line(path, name, sizeof(name)) || strcmp(name, wanted))
			continue;
		snprintf(path, sizeof(path), "/dev/%s", entry->d_name);
		fd = open(path, O_RDWR | O_CLOEXEC);
	}
	if (dir)
		closedir(dir);
	return fd;
}

/* Runs a helper to its end; returns its wait status */
static int run_to_end(char *const argv[])
{
	int status = -1;
	pid_t pid = fork();

	if (!pid) {
		execv(argv[0], argv);
		_exit(127);
	}
	if (pid > 0)
		waitpid(pid, &status, 0);
	return status;
}

static void unpack_payload(void)
{
	char *const tar[] = { "/usr/bin/tar", "-xf", PAYLOAD_DISK,
			      "-C", PAYLOAD_DIR, NULL };

	if (run_to_end(tar))
		verdict("init cannot unpack the payload\n");
	if (chdir(PAYLOAD_DIR))
		verdict("init cannot enter " PAYLOAD_DIR "\n");
}

/* The command's words, each closed by a zero byte in the payload */
static void read_command(char **argv)
{
	static char words[262144];
	int fd = open(COMMAND_FILE, O_RDONLY | O_CLOEXEC);
	int n = fd < 0 ? -1 : read(fd, words, sizeof(words) - 1);
	int argc = 0;
	char *p;

	if (n <= 0)
		verdict("init finds no command in the payload\n");
	close(fd);
	for (p = words; p < words + n && argc < MAX_ARGS; p += strlen(p) + 1)
		argv[argc++] = p;
	if (p < words + n || n == sizeof(words) - 1)
		verdict("init: the command has too many words\n");
	argv[argc] = NULL;
}

/* In the child: own session, output into the pipe */
static void become_command(char **argv, int out)
{
	int null = open("/dev/null", O_RDONLY);

	setsid();
	dup2(null, 0);
	dup2(out, 1);
	dup2(out, 2);
	execvp(argv[0], argv);
	fprintf(stderr, "init: %s: %s\n", argv[0], strerror(errno));
	_exit(errno == ENOENT ? 127 : 126);
}

/* Copies what is there; 0 at the end of the pipe */
static int copy_some(int from, int to)
{
	static char buffer[32768];
	int n = read(from, buffer, sizeof(buffer));
	int done, w;

	for (done = 0; done < n; done += w) {
		w = write(to, buffer + done, n - done);
		if (w <= 0)
			return 0;
		output_bytes += w;
	}
	return n > 0 || (n < 0 && errno == EINTR);
}

static int has_input(int fd, int milliseconds)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };

	return poll(&p, 1, milliseconds) > 0;
}

/* Whether the command has ended; anything else that died is just reaped */
static int reap(pid_t command, int *status)
{
	int s, ended = 0;
	pid_t pid;

	while ((pid = waitpid(-1, &s, WNOHANG)) > 0) {
		if (pid == command) {
			*status = s;
			ended = 1;
		}
	}
	return ended;
}

static int run_command(char **argv, int out)
{
	int status = 0, pipes[2], open_end = 1;
	pid_t pid;

	if (pipe2(pipes, O_CLOEXEC))
		verdict("init: pipe: %s\n", strerror(errno));
	pid = fork();
	if (pid < 0)
		verdict("init: fork: %s\n", strerror(errno));
	if (!pid)
		become_command(argv, pipes[1]);
	close(pipes[1]);
	while (!reap(pid, &status)) {
		if (!open_end)
			usleep(10000);
		else if (has_input(pipes[0], 50))
			open_end = copy_some(pipes[0], out);
	}
	while (open_end && has_input(pipes[0], 0))
		open_end = copy_some(pipes[0], out);
	return status;
}

static void run_payload(void)
{
	char *argv[MAX_ARGS + 1];
	int out, status;

	verdict_fd = open_port("verdict");
	out = open_port("output");
	if (out < 0)
		verdict("init finds no output port\n");
	unpack_payload();
	read_command(argv);
	status = run_command(argv, out);
	if (WIFSIGNALED(status))
		verdict("signal %d %ld\n", WTERMSIG(status), output_bytes);
	verdict("exit %d %ld\n", WEXITSTATUS(status), output_bytes);
}

/* A shell on the console until it ends */
static void run_shell(void)
{
	char *const shell[] = { "/bin/bash", "-l", NULL };
	int status;
	pid_t pid;

	chdir("/root");
	pid = fork();
	if (!pid) {
		setsid();
		ioctl(0, TIOCSCTTY, 1);
		execv(shell[0], shell);
		_exit(127);
	}
	while (waitpid(-1, &status, 0) != pid)
		;
	power_off();
}

int main(void)
{
	setenv("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", 1);
	setenv("HOME", "/root", 1);
	setenv("TERM", "xterm", 0);
	setenv("LC_ALL", "C.UTF-8", 1);
	mount_all();
	if (access(PAYLOAD_DISK, F_OK))
		run_shell();
	run_payload();
	return 0;
}
