// SPDX-License-Identifier: GPL-2.0
/* vCPUs in threads: moved between CPUs, many on few of them, and disturbed. */
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include "vmm.h"

#define ROUNDS		16
#define VMS		2
#define VCPUS		4	/* of each */
#define CPUS_MAX	64

/**
 * struct runner - a thread that runs a vCPU
 * @vcpu: the vCPU
 * @host: breakpoints of its own on it
 * @host_breakpoints: how many it opens
 * @turns: how often it runs the guest
 * @tid: of the thread, once it runs
 * @running: not over
 * @common: a word that all runners write, or NULL
 * @right: all counts are
 */
struct runner {
	struct vcpu	vcpu;
	struct host	host;
	int		host_breakpoints;
	unsigned long	turns;
	atomic_int	tid;
	atomic_bool	running;
	struct words	*common;
	bool		right;
	pthread_t	thread;
};

static struct vm vms[VMS];
static struct runner runners[VMS * VCPUS];

static void touch_common(struct words *common)
{
	common->word[0].value = 1;
	common->other.value = 1;
}

static void *run(void *arg)
{
	static const struct aim aims[] = {
		{ .watch = 15 }, { .watch = 3, .exec = 12 }, { .decoy = 15 }, { .watch = 0 },
	};
	struct runner *r = arg;
	unsigned long n;

	host_open(&r->host, r->host_breakpoints, &r->vcpu, 0);
	r->tid = gettid();
	for (n = 0; n < r->turns; n++) {
		if (n % 16 == 0)
			guest_aim(&r->vcpu, aims[n / 16 % ARRAY_SIZE(aims)]);
		guest_run(&r->vcpu, DO_WRITE | DO_CALL | DO_EXIT, ROUNDS);
		host_touch(&r->host, &r->vcpu);
		if (r->common)
			touch_common(r->common);
	}
	r->running = false;
	r->right = guest_hits_right(&r->vcpu) & host_hits_right(&r->host);
	host_close(&r->host);
	return NULL;
}

static void start_thread(struct runner *r, void *(*what)(void *))
{
	r->running = true;
	errno = pthread_create(&r->thread, NULL, what, r);
	if (errno)
		die("pthread_create");
}

/* A vCPU for start(): under pKVM a machine has those that there are when the first one runs. */
static void prepare(struct runner *r, struct vm *vm, int number)
{
	memset(r, 0, sizeof(*r));
	vcpu_create(&r->vcpu, vm, number);
}

static void start(struct runner *r, int host_breakpoints, unsigned long turns,
		  struct words *common)
{
	r->common = common;
	r->host_breakpoints = host_breakpoints;
	r->turns = turns;
	start_thread(r, run);
}

static bool finish(struct runner *r)
{
	pthread_join(r->thread, NULL);
	vcpu_destroy(&r->vcpu);
	return r->right;
}

static void move_to(pid_t tid, int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	/* the thread may be over */
	if (sched_setaffinity(tid, sizeof(set), &set) && errno != ESRCH)
		die("sched_setaffinity");
}

static void wait_for(struct runner *r)
{
	while (!r->tid)
		sched_yield();
}

/* Returned from KVM_RUN, as after any other signal. */
static void kicked(int sig)
{
	(void)sig;
}

/* The CPU is changed under the running guest, and signals make it leave. */
bool case_migrate(void)
{
	int cpus = sysconf(_SC_NPROCESSORS_ONLN);
	unsigned long moves = 0;
	struct runner *r = runners;
	bool right;

	sigaction(SIGUSR1, &(struct sigaction){ .sa_handler = kicked }, NULL);
	vm_create(&vms[0], 0);
	prepare(r, &vms[0], 0);
	start(r, 2, many / ROUNDS, NULL);
	wait_for(r);
	while (r->running) {
		move_to(r->tid, moves++ % cpus);
		usleep(200);
		tgkill(getpid(), r->tid, SIGUSR1);
		usleep(100);
	}
	right = finish(r);
	vm_destroy(&vms[0]);
	note("moved %lu times between %d CPUs", moves, cpus);
	return right & (moves > 1) & host_no_strays();
}

/* Return: whether @fd, an event of each of @cpus, have counted @expected, all in all. */
static bool cpus_right(const int *fd, int cpus, uint64_t expected)
{
	uint64_t count = 0;
	int i;

	for (i = 0; i < cpus; i++) {
		count += host_count(fd[i]);
		close(fd[i]);
	}
	if (count != expected)
		note("events of CPUs: %llu hits, expected %llu", (unsigned long long)count,
		     (unsigned long long)expected);
	return count == expected;
}

/* Every other one has host breakpoints as well, and each CPU has one. */
bool case_share(void)
{
	static struct words common __attribute__((aligned(4096)));
	unsigned long turns = many / ROUNDS / (VMS * VCPUS);
	int cpus = sysconf(_SC_NPROCESSORS_ONLN), fd[CPUS_MAX], i;
	bool right = true;

	if (cpus > CPUS_MAX)
		cpus = CPUS_MAX;
	for (i = 0; i < cpus; i++)
		fd[i] = host_open_cpu(&common.word[0], i);
	for (i = 0; i < VMS; i++)
		vm_create(&vms[i], i);
	for (i = 0; i < VMS * VCPUS; i++)
		prepare(&runners[i], &vms[i % VMS], i / VMS);
	for (i = 0; i < VMS * VCPUS; i++)
		start(&runners[i], i / VMS % 2 * 2, turns, &common);
	for (i = 0; i < VMS * VCPUS; i++)
		right &= finish(&runners[i]);
	for (i = 0; i < VMS; i++)
		vm_destroy(&vms[i]);
	right &= cpus_right(fd, cpus, VMS * VCPUS * turns);
	note("%d vCPUs of %d machines on %d CPUs", VMS * VCPUS, VMS, cpus);
	return right & host_no_strays();
}

/* Events on words of the guest's that its VMM writes, too: opened and closed */
bool case_churn(void)
{
	struct runner *r = runners;
	struct perf_event_attr attr;
	unsigned long opened = 0;
	int fd[2], i;
	bool right;

	vm_create(&vms[0], 0);
	prepare(r, &vms[0], 0);
	start(r, 2, exits / ROUNDS, NULL);
	wait_for(r);
	bp_attr(&attr, HW_BREAKPOINT_W);
	attr.bp_len = 8;
	while (r->running) {
		for (i = 0; i < 2; i++) {
			attr.bp_addr = (uintptr_t)&r->vcpu.words->word[2 + i];
			fd[i] = bp_open_attr(&attr, r->tid, -1);
			opened += fd[i] >= 0;
		}
		for (i = 0; i < 2; i++) {
			if (fd[i] >= 0)
				close(fd[i]);
		}
	}
	right = finish(r);
	vm_destroy(&vms[0]);
	note("%lu opened meanwhile", opened);
	return right & (opened > 0) & host_no_strays();
}

#ifdef __x86_64__
/* In KVM_RUN from the first exit to the last. */
static void *stay(void *arg)
{
	struct runner *r = arg;

	host_open(&r->host, 2, &r->vcpu, 0);
	guest_aim(&r->vcpu, (struct aim){ .watch = 1 });
	host_touch(&r->host, &r->vcpu);
	r->tid = gettid();
	guest_run(&r->vcpu, DO_WRITE | DO_EXIT | DO_ASK, r->turns);
	r->running = false;
	host_touch(&r->host, &r->vcpu);
	r->right = guest_hits_right(&r->vcpu) & host_hits_right(&r->host);
	host_close(&r->host);
	return NULL;
}

/*
 * An event of the kernel's is opened for some rounds of the guest. Return: false if the
 * kernel wrote and was not hit. It writes at least once a round, perhaps not yet in the
 * round that ends.
 */
static bool hit_meanwhile(struct runner *r, unsigned long *hits)
{
	int fd = host_open_kernel(&r->vcpu.words->decoy[0], r->tid);
	uint64_t first = r->vcpu.block->total, rounds, count;

	if (fd < 0)
		return true;
	do {
		rounds = r->vcpu.block->total - first;
	} while (rounds < ROUNDS && r->running);
	count = host_count(fd);
	close(fd);
	*hits += count;
	if (count + 1 < rounds)
		note("%llu rounds, the kernel was hit %llu times", (unsigned long long)rounds,
		     (unsigned long long)count);
	return count + 1 >= rounds;
}

/* What the thread has counts in user mode alone, until another thread opens more. */
bool case_kernel_comes(void)
{
	struct runner *r = runners;
	unsigned long opened = 0, hits = 0;
	bool right = true;

	vm_create(&vms[0], 0);
	prepare(r, &vms[0], 0);
	r->turns = exits;
	start_thread(r, stay);
	wait_for(r);
	while (r->running) {
		right &= hit_meanwhile(r, &hits);
		opened++;
	}
	right &= finish(r);
	vm_destroy(&vms[0]);
	note("%lu opened meanwhile, %lu hits", opened, hits);
	return right & (hits > 0) & host_no_strays();
}
#endif
