// SPDX-License-Identifier: GPL-2.0
/*
 * KVM_GUESTDBG_SHARE_HW: a signal ends KVM_RUN at any moment, between any two instructions of the
 * guest's and any two exits, and the debugger sets something else then. Of the guest's own hits
 * none is lost and none comes twice.
 */
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "together.h"

#define SHARED		(KVM_GUESTDBG_ENABLE | KVM_GUESTDBG_SHARE_HW)
#define HW		(SHARED | KVM_GUESTDBG_USE_HW)

#define ROUNDS		64	/* of the guest's, in each of which it hits both of its own */
#define MOST_PAUSE	400	/* between two signals, in microseconds */

static struct vm vm;
static struct vcpu vcpu;
static struct host host;
static pthread_t runner;
static atomic_bool over;
static unsigned long interrupted, stops;

static const struct aim guests = { .watch = 1, .exec = 2 };

/*
 * What fits beside the guest's. No steps on x86: TF of one is in the frame of an exception that the
 * guest has meanwhile, on stock as on ours, and so becomes the guest's when the debugger goes.
 */
static const struct {
	unsigned int control;
	struct aim aim;
} sets[] = {
	{ 0, { 0 } },
	{ SHARED, { 0 } },
	{ HW, { .watch = 4 } },
	{ HW, { .exec = 8 } },
	{ HW, { .watch = 4, .exec = 8 } },
	{ HW | KVM_GUESTDBG_EXIT_REST, { .watch = 8 } },
#ifndef __x86_64__
	{ SHARED | KVM_GUESTDBG_SINGLESTEP, { 0 } },
	{ HW | KVM_GUESTDBG_SINGLESTEP, { .exec = 8 } },
#endif
};

static unsigned int now;	/* in force, of @sets */

static void caught(int signal)
{
	(void)signal;
}

static void *interrupt(void *unused)
{
	unsigned int seed = 1;

	while (!over) {
		usleep(rand_r(&seed) % MOST_PAUSE);
		pthread_kill(runner, SIGUSR1);
	}
	return unused;
}

static void debug(unsigned int set)
{
	struct kvm_guest_debug arg = { .control = sets[set].control };

	now = set;
	arch_debug_regs(&vcpu, sets[set].aim, &arg);
	must_ioctl(vcpu.fd, KVM_SET_GUEST_DEBUG, &arg, "KVM_SET_GUEST_DEBUG");
}

/* A step is over, or one of the debugger's own was hit, and it goes on. */
static bool stopped(void)
{
	int hit = arch_debug_hit(&vcpu);

	stops++;
	if (sets[now].control & KVM_GUESTDBG_SINGLESTEP) {
		debug(now);
		return true;
	}
	if (hit == 2 || hit == 3)
		return arch_get_over(&vcpu, sets[now].control, sets[now].aim,
				     sets[now].aim.exec >> hit & 1);
	note("a hit of the debugger's %d, which it has not set", hit);
	return false;
}

/* Return: whether the guest has come to its end by itself. */
static bool run_to_end(void)
{
	static unsigned int next;

	for (;;) {
		if (ioctl(vcpu.fd, KVM_RUN, 0) < 0) {
			if (errno != EINTR && errno != EAGAIN)
				die("KVM_RUN");
			interrupted++;
			debug(next++ % ARRAY_SIZE(sets));
		} else if (arch_left_by_guest(vcpu.run)) {
			return !vcpu.block->fault;
		} else if (vcpu.run->exit_reason != KVM_EXIT_DEBUG || !stopped()) {
			note("exit reason %u", vcpu.run->exit_reason);
			return false;
		}
	}
}

static bool turn(void)
{
	int i;

	guest_plan(&vcpu, guests);
	vcpu.block->command = DO_SET | DO_WRITE | DO_CALL;
	vcpu.block->rounds = ROUNDS;
	for (i = 0; i < SLOTS; i++)
		vcpu.expected[i] += ((guests.watch | guests.exec) >> i & 1) * ROUNDS;
	return run_to_end() && guest_hits_right(&vcpu);
}

static bool turns(void)
{
	const struct sigaction catch = { .sa_handler = caught };
	unsigned long least = exits / 16;
	pthread_t other;
	bool right = true;

	runner = pthread_self();
	sigaction(SIGUSR1, &catch, NULL);
	over = false;
	interrupted = 0;
	stops = 0;
	if (pthread_create(&other, NULL, interrupt, NULL))
		die("pthread_create");
	while (right && (interrupted < least || stops < least)) {
		right = turn();
		host_touch(&host, &vcpu);
	}
	over = true;
	pthread_join(other, NULL);
	if (!right)
		note("control %#x, after %lu signals", sets[now].control, interrupted);
	return right;
}

bool case_together_moment(void)
{
	bool right;

	host_begin(&host, 2, &vcpu, &vm);
	right = together_offered(&vm) && turns();
	return host_end(&host, &vcpu) & right;
}
