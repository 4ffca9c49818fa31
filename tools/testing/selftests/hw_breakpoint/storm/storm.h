/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _HWBP_STORM_H
#define _HWBP_STORM_H

#include <linux/ptrace.h>
#include <linux/types.h>

/* main.c: what happens in an NMI */
void storm_step(struct pt_regs *regs, bool unasked);
u32 storm_random(u64 *state, u32 below);

/* nmi.c: where NMIs come from */
int storm_start(unsigned int interval);
void storm_stop(void);

#endif /* _HWBP_STORM_H */
