/* SPDX-License-Identifier: GPL-2.0 */
/* Bad input: bad.c tries what bad_x86_64.c and bad_arm64.c have. */
#ifndef _KVM_BAD_H
#define _KVM_BAD_H

#include "vmm.h"

unsigned int bad_inputs(void);

/* Make the call number @n; its name and what is wrong with it go to @call and @what. */
int bad_input(struct vcpu *vcpu, unsigned int n, const char **call, const char **what);

#endif
