// SPDX-License-Identifier: GPL-2.0
/* The guest's breakpoints and the host's, in one thread: exact counts on both sides. */
#include <stdio.h>
#include <string.h>

#include "vmm.h"

#define ROUNDS	16	/* until the guest comes back to the VMM */

/* One machine with one vCPU, run by the caller, and host breakpoints. */
static struct vm vm;
static struct vcpu vcpu;
static struct host host;

static void begin(int host_breakpoints)
{
	host_begin(&host, host_breakpoints, &vcpu, &vm);
}

static bool end(void)
{
	return host_end(&host, &vcpu);
}

static void turns(unsigned int command, unsigned long n)
{
	for (; n; n--) {
		guest_run(&vcpu, command, ROUNDS);
		host_touch(&host, &vcpu);
	}
}

/* A guest with and without breakpoints of its own */
static bool counted(int host_breakpoints)
{
	static const struct aim aims[] = {
		{ .watch = 0 }, { .watch = 3 }, { .watch = 15 }, { .exec = 15 },
		{ .watch = 5, .exec = 10 },
	};
	unsigned int command = DO_WRITE | DO_CALL | DO_EXIT, i;

	begin(host_breakpoints);
	for (i = 0; i < ARRAY_SIZE(aims); i++) {
		guest_aim(&vcpu, aims[i]);
		turns(command, exits / ROUNDS / ARRAY_SIZE(aims));
	}
	return end();
}

bool case_nothing(void)
{
	return counted(0);
}

bool case_host_2(void)
{
	return counted(2);
}

bool case_host_4(void)
{
	return counted(4);
}

/* Every aim there is, one after the other */
static struct aim next_aim(unsigned long n)
{
	struct aim aim = { 0 };
	unsigned int i;

	for (i = 0; i < SLOTS; i++, n /= 4) {
		aim.watch |= (n % 4 == 1) << i;
		aim.exec |= (n % 4 == 2) << i;
		aim.decoy |= (n % 4 == 3) << i;
	}
	return aim;
}

bool case_change(void)
{
	unsigned long n;

	begin(2);
	for (n = 0; n < exits / 4; n++) {
		guest_aim(&vcpu, next_aim(n));
		guest_run(&vcpu, DO_WRITE | DO_CALL | DO_EXIT, 1);
		host_touch(&host, &vcpu);
	}
	return end();
}

#ifdef __x86_64__
/* x86 arms what counts in user mode alone later */
bool case_kernel_2(void)
{
	bool right;

	host_counts_kernel = true;
	right = counted(2);
	host_counts_kernel = false;
	return right;
}

/* Return: how often the kernel was hit when it handled exits of a guest with @aim. */
static uint64_t hits_of_kernel(struct aim aim, int fd)
{
	uint64_t before = host_count(fd);

	guest_aim(&vcpu, aim);
	turns(DO_WRITE | DO_CALL | DO_EXIT | DO_ASK, exits / ROUNDS / 4);
	return host_count(fd) - before;
}

/* The kernel itself is hit while it handles an exit, whatever the guest has. */
bool case_kernel(void)
{
	static const struct aim all = { .watch = 7, .exec = 8 };
	uint64_t with, without;
	int fd;

	begin(2);
	fd = host_open_kernel(&vcpu.words->decoy[0], 0);
	without = hits_of_kernel((struct aim){ 0 }, fd);
	with = hits_of_kernel(all, fd);
	close(fd);
	note("the kernel: %llu hits, %llu where the guest has breakpoints",
	     (unsigned long long)without, (unsigned long long)with);
	return end() & (with == without) & (with >= exits / ROUNDS / 4 * ROUNDS);
}
#endif

/* @what was read; @got is an array of the guest's, or not */
static bool same(const char *what, const volatile uint64_t *got)
{
	bool right = true;
	int i;

	for (i = 0; i < REGISTERS; i++) {
		if (!(arch_registers >> i & 1) || got[i] == vcpu.block->set[i])
			continue;
		note("%s: register %d is %#llx and not %#llx", what, i,
		     (unsigned long long)got[i], (unsigned long long)vcpu.block->set[i]);
		right = false;
	}
	return right;
}

static bool read_back(unsigned int command)
{
	uint64_t regs[REGISTERS];
	bool right;

	guest_run(&vcpu, command | DO_READ, 1);
	right = same("read", vcpu.block->read) & same("read again", vcpu.block->again);
	arch_registers_of(&vcpu, regs);
	return right & same("KVM says", regs);
}

/* At once after they were set, with hits in between, and after an exit */
bool case_read_back(void)
{
	bool right = true;
	unsigned long n;

	begin(4);
	for (n = 0; n < exits / 8 && right; n++) {
		guest_aim(&vcpu, next_aim(n));
		right = read_back(DO_SET) && read_back(DO_WRITE | DO_CALL) && read_back(DO_EXIT);
		host_touch(&host, &vcpu);
	}
	return end() & right;
}

/* What a register holds that was never written is not the host's */
bool case_read_nothing(void)
{
	bool right = true;
	unsigned long n;

	begin(4);
	arch_aim(&vcpu, (struct aim){ 0 }, vcpu.block->set);
	for (n = 0; n < exits / 2 && right; n++) {
		right = read_back(n % 2 ? DO_EXIT : DO_WRITE);
		host_touch(&host, &vcpu);
	}
	return end() & right;
}

/*
 * For somebody who looks from outside: what to watch, then the guest runs and nobody
 * writes until @go is there, then the hits that the guest has seen.
 */
bool show(const char *go)
{
	int i;

	begin(0);
	guest_aim(&vcpu, (struct aim){ .watch = 3, .exec = 12 });
	printf("memory: the VMM's %p, the guest's %p\n", (void *)&host.own.word[0],
	       (void *)&vcpu.words->word[0]);
	while (access(go, F_OK))
		guest_run(&vcpu, DO_EXIT, ROUNDS);
	turns(DO_WRITE | DO_CALL | DO_EXIT, exits / ROUNDS);
	for (i = 0; i < SLOTS; i++)
		printf("breakpoint %d: %llu hits\n", i,
		       (unsigned long long)vcpu.block->hits[i]);
	return end();
}
