// SPDX-License-Identifier: GPL-2.0
/*
 * How many breakpoints each CPU has room for now, counted by opening them:
 *
 *	CPUs 0-7: 4, for instructions or data
 *	CPUs 0-3: 6 for instructions, 4 for data
 *
 * What others hold at the moment is not among them. Where the program runs is said
 * before, if that is QEMU's emulator, which is no CPU that anybody could buy.
 */
#include <stdbool.h>
#include <stdio.h>
#ifdef __x86_64__
#include <cpuid.h>
#endif

#include "bp.h"

#define MAX	64

struct room {
	int code, data;
	bool shared;
};

/* Are instructions and data in the same slots? Only asked where there is room. */
static bool is_shared(int cpu, int code)
{
	int fd[MAX], i, left;

	for (i = 0; i < code; i++)
		fd[i] = bp_open(HW_BREAKPOINT_X, -1, cpu, 0);
	left = bp_room(HW_BREAKPOINT_W, -1, cpu, 1);
	while (i--)
		close(fd[i]);
	return !left;
}

/* Return: 0, or the error that the first breakpoint has met; no room is none. */
static int measure(int cpu, struct room *room)
{
	int fd = bp_open(HW_BREAKPOINT_W, -1, cpu, 0);

	if (fd < 0 && fd != -ENOSPC)
		return fd;
	if (fd >= 0)
		close(fd);
	room->code = bp_room(HW_BREAKPOINT_X, -1, cpu, MAX);
	room->data = bp_room(HW_BREAKPOINT_W, -1, cpu, MAX);
	room->shared = room->code == room->data && is_shared(cpu, room->code);
	return 0;
}

static void print(int first, int last, const struct room *room)
{
	if (first == last)
		printf("CPU %d: ", first);
	else
		printf("CPUs %d-%d: ", first, last);
	if (room->shared)
		printf("%d, for instructions or data\n", room->code);
	else
		printf("%d for instructions, %d for data\n", room->code, room->data);
}

static bool same(const struct room *a, const struct room *b)
{
	return a->code == b->code && a->data == b->data && a->shared == b->shared;
}

static bool is_emulated(void)
{
#ifdef __x86_64__
	unsigned int eax, ebx, ecx, edx;

	__cpuid(1, eax, ebx, ecx, edx);
	if (!(ecx >> 31))
		return false;
	__cpuid(0x40000000, eax, ebx, ecx, edx);
	/* "TCGTCGTCGTCG" */
	return ebx == 0x54474354 && ecx == 0x43544743 && edx == 0x47435447;
#else
	return false;
#endif
}

int main(void)
{
	int cpus = sysconf(_SC_NPROCESSORS_CONF), first = -1, cpu, err, any = 0;
	struct room now, before = { 0 };

	if (is_emulated())
		printf("QEMU emulates this CPU\n");
	/* one more, which is not there, ends the last row */
	for (cpu = 0; cpu <= cpus; cpu++) {
		err = cpu < cpus ? measure(cpu, &now) : -ENODEV;
		if (first >= 0 && (err || !same(&now, &before))) {
			print(first, cpu - 1, &before);
			first = -1;
		}
		if (err && err != -ENODEV)
			printf("CPU %d: none: %s\n", cpu, strerror(-err));
		if (err)
			continue;
		any = 1;
		if (first < 0)
			first = cpu;
		before = now;
	}
	return !any;
}
