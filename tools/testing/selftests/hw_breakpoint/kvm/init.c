// SPDX-License-Identifier: GPL-2.0
/*
 * The first process where there is neither a disk nor a shell: runs the program that
 * the kernel's command line names after "--", says how it ended, and powers off.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static void mount_at(const char *type, const char *dir)
{
	mkdir(dir, 0755);
	mount(type, dir, type, 0, NULL);
}

int main(int argc, char **argv)
{
	int status = 0;

	argv += !!argc;
	mount_at("devtmpfs", "/dev");
	mount_at("proc", "/proc");
	mount_at("sysfs", "/sys");
	if (!freopen("/dev/console", "w", stdout) || dup2(1, 2) < 0)
		return 1;
	/* options that the kernel does not know come first */
	while (*argv && **argv != '/')
		argv++;
	if (!fork()) {
		execv(*argv, argv);
		_exit(127);
	}
	wait(&status);
	printf("# exit: %d\n", WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
	fflush(stdout);
	/* the serial line is slow */
	sleep(1);
	reboot(RB_POWER_OFF);
	for (;;)
		pause();
}
