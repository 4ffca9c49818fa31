// SPDX-License-Identifier: GPL-2.0
/* Breakpoints of the host on the thread that runs a vCPU, counted. */
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>

#include "vmm.h"

/* SIGTRAPs that nobody asked for: a guest's breakpoint was hit by the VMM. */
static atomic_ulong strays;

/* What host_open() opens counts in the kernel as well. */
bool host_counts_kernel;

/*
 * A debugger may hold the slots for a moment, see ../storm.sh, and the thread may have come to its
 * end meanwhile.
 *
 * Return: an event, or -ESRCH.
 */
static int must_open(struct perf_event_attr *attr, pid_t tid, int cpu)
{
	int fd = bp_open_attr(attr, tid, cpu), tries;

	for (tries = 0; fd == -ENOSPC && tries < 100000; tries++) {
		usleep(100);
		fd = bp_open_attr(attr, tid, cpu);
	}
	if (fd < 0 && fd != -ESRCH) {
		errno = -fd;
		die("perf_event_open");
	}
	return fd;
}

static int open_one(int type, uint64_t address, pid_t tid)
{
	struct perf_event_attr attr;

	bp_attr(&attr, type);
	attr.bp_addr = address;
	attr.bp_len = type == HW_BREAKPOINT_X ? BP_LEN_X : 8;
	attr.exclude_kernel = !host_counts_kernel;
	return must_open(&attr, tid, -1);
}

/* Return: an event that counts whoever writes @word on @cpu. */
int host_open_cpu(struct word *word, int cpu)
{
	struct perf_event_attr attr;

	bp_attr(&attr, HW_BREAKPOINT_W);
	attr.bp_addr = (uintptr_t)word;
	attr.bp_len = 8;
	return must_open(&attr, NOBODY, cpu);
}

/*
 * Return: an event that counts what the kernel writes there for @tid, 0: for the caller; -ESRCH if
 * that thread is over.
 */
int host_open_kernel(struct word *word, pid_t tid)
{
	struct perf_event_attr attr;

	bp_attr(&attr, HW_BREAKPOINT_W);
	attr.bp_addr = (uintptr_t)word;
	attr.exclude_kernel = 0;
	attr.exclude_user = 1;
	return must_open(&attr, tid, -1);
}

uint64_t host_count(int fd)
{
	uint64_t count;

	if (read(fd, &count, sizeof(count)) != sizeof(count))
		die("read");
	return count;
}

/*
 * Of four, two are where the VMM writes and the guest as well, one is where only
 * the guest executes.
 */
void host_open(struct host *host, int n, const struct vcpu *vcpu, pid_t tid)
{
	memset(host, 0, sizeof(*host));
	host->n = n;
	if (n >= 2) {
		host->fd[0] = open_one(HW_BREAKPOINT_W, (uintptr_t)&host->own.word[0], tid);
		host->fd[1] = open_one(HW_BREAKPOINT_W, (uintptr_t)&vcpu->words->word[0], tid);
	}
	if (n >= 4) {
		host->fd[2] = open_one(HW_BREAKPOINT_RW, (uintptr_t)&vcpu->words->word[1], tid);
		host->fd[3] = open_one(HW_BREAKPOINT_X,
				       guest_address(vcpu->vm, guest_functions), tid);
	}
}

static void write_word(struct words *words, int i)
{
	words->word[i].value = i;
	/* an emulator may forget a hit unless another word of the page is written */
	words->other.value++;
}

/* The VMM writes what is watched on either side, the guest's words included. */
void host_touch(struct host *host, struct vcpu *vcpu)
{
	int i;

	write_word(&host->own, 0);
	for (i = 0; i < SLOTS; i++)
		write_word(vcpu->words, i);
	for (i = 0; i < host->n && i < 3; i++)
		host->expected[i]++;
}

bool host_hits_right(struct host *host)
{
	bool right = true;
	uint64_t count;
	int i;

	for (i = 0; i < host->n; i++) {
		count = host_count(host->fd[i]);
		if (count == host->expected[i])
			continue;
		note("the host's %d: %llu hits, expected %llu", i,
		     (unsigned long long)count, (unsigned long long)host->expected[i]);
		right = false;
	}
	return right;
}

void host_close(struct host *host)
{
	int i;

	for (i = 0; i < host->n; i++)
		close(host->fd[i]);
	host->n = 0;
}

static void stray(int sig)
{
	(void)sig;
	strays++;
}

void host_catch_strays(void)
{
	signal(SIGTRAP, stray);
}

bool host_no_strays(void)
{
	unsigned long n = atomic_exchange(&strays, 0);

	if (n)
		note("%lu SIGTRAPs that nobody asked for", n);
	return !n;
}

/* A machine of one vCPU, beside @n breakpoints of the host's */
void host_begin(struct host *host, int n, struct vcpu *vcpu, struct vm *vm)
{
	vm_create(vm, 0);
	vcpu_create(vcpu, vm, 0);
	host_open(host, n, vcpu, 0);
}

/* Return: whether both have been hit as often as they should. */
bool host_end(struct host *host, struct vcpu *vcpu)
{
	bool right = guest_hits_right(vcpu) & host_hits_right(host) & host_no_strays();

	host_close(host);
	vcpu_destroy(vcpu);
	vm_destroy(vcpu->vm);
	return right;
}
