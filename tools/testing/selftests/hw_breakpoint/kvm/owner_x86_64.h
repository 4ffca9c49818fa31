/* SPDX-License-Identifier: GPL-2.0 */
/* A guest that is about to own its debug registers. */
#ifndef _KVM_OWNER_X86_64_H
#define _KVM_OWNER_X86_64_H

#include "vmm.h"

/* Return: an event that interrupts KVM_RUN of this thread at the next exit, for below. */
int owner_open_exits(void);

/* Return: true if KVM_RUN has ended there with @command, DO_READ and what follows it. */
bool owner_stops(struct vcpu *vcpu, int exits_fd, unsigned int command);

#endif
