// SPDX-License-Identifier: GPL-2.0
/*
 * What KVM must refuse, or keep to itself. Each call's answer, and how the guest
 * leaves when it runs with what was set, is a line that is the same on every kernel
 * of a version.
 */
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>

#include "bad.h"

static struct vm vm;
static struct vcpu vcpu;
static struct host host;

static const char *leaves(void)
{
	static char text[64];

	vcpu.block->command = DO_EXIT;
	vcpu.block->rounds = 1;
	if (ioctl(vcpu.fd, KVM_RUN, 0) < 0)
		snprintf(text, sizeof(text), "KVM_RUN: %s", strerror(errno));
	else if (!arch_left_by_guest(vcpu.run))
		snprintf(text, sizeof(text), "exit reason %u", vcpu.run->exit_reason);
	else
		snprintf(text, sizeof(text), "the guest runs");
	return text;
}

/* The host's breakpoints count on, also while the guest has this. */
bool case_bad_input(void)
{
	const char *call, *what, *answer;
	bool right = true;
	unsigned int n;

	for (n = 0; n < bad_inputs(); n++) {
		vm_create(&vm, 0);
		vcpu_create(&vcpu, &vm, 0);
		host_open(&host, 2, &vcpu, 0);
		answer = bad_input(&vcpu, n, &call, &what) ? strerror(errno) : "accepted";
		host_touch(&host, &vcpu);
		note("bad: %s, %s: %s, then %s", call, what, answer, leaves());
		host_touch(&host, &vcpu);
		right &= host_hits_right(&host) & host_no_strays();
		host_close(&host);
		vcpu_destroy(&vcpu);
		vm_destroy(&vm);
	}
	return right;
}
