/* SPDX-License-Identifier: GPL-2.0 */
/* A guest and its debugger that share the debug registers: what depends on the architecture. */
#ifndef _KVM_TOGETHER_H
#define _KVM_TOGETHER_H

#include "vmm.h"

/* together.c: says so if it is not */
bool together_offered(const struct vm *of);

/* together_*.c: those of the guest's that are hit while the debugger has its own */
struct aim arch_hit_beside(struct aim guest, struct aim debugger);
bool arch_some_rest(struct aim guest, struct aim debugger);
/* As KVM_GET_GUEST_DEBUG says it */
unsigned int arch_resting(struct aim guest, struct aim debugger);
/* Has KVM_GET_GUEST_DEBUG given back what was set? */
bool arch_same_debug(const struct kvm_guest_debug *set, const struct kvm_guest_debug *got);
/* Is the hit told with the debugger's own numbers, and nothing of the guest's? */
bool arch_hit_alone(const struct vcpu *vcpu, int slot, struct aim debugger);
/* Has the debugger been told of a step? */
bool arch_is_step(const struct vcpu *vcpu);
/* As debuggers do: on with the instruction that was hit, and the guest has its own hit of it. */
bool arch_get_over(struct vcpu *vcpu, unsigned int control, struct aim debugger, bool exec);
/* What a debugger who shares the registers may not have; @arg has its control bits */
extern const unsigned int arch_nr_not_together;
/* Is that left out, of one who has not asked to share them? Else it shares none. */
extern const bool arch_leaves_out;
const char *arch_not_together(struct kvm_guest_debug *arg, unsigned int n);

#endif
