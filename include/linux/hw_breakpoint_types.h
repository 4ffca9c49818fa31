/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a perf event and a perf context carry for the breakpoint layer.
 *
 * Kept apart from linux/hw_breakpoint.h because linux/perf_event.h embeds these
 * types and is itself included there.
 */
#ifndef _LINUX_HW_BREAKPOINT_TYPES_H
#define _LINUX_HW_BREAKPOINT_TYPES_H

#include <linux/list.h>
#include <linux/sched.h>
#include <linux/types.h>

struct hw_breakpoint_account;

/**
 * struct hwbp_image - the registers of one slot, as the hardware takes them
 * @addr: address register
 * @aux: further register of the slot (x86: AMD range mask), or 0
 * @ctrl: control bits of the slot
 *
 * Two images that are equal match the same accesses.
 */
struct hwbp_image {
	u64	addr;
	u64	aux;
	u32	ctrl;
};

/**
 * struct hw_breakpoint_reservation - the right of one event to a slot
 * @account: the context charged; NULL for an event of a CPU
 * @image: what the registers of its slot hold, wherever it is installed
 * @node: in the list of all reservations, while @listed; read under RCU
 * @cpu: the only CPU the event may run on, or -1
 * @slot: the slot it is installed in on the running CPU, or -1
 * @type: pool of slots, see enum bp_type_idx
 * @next_type: pool that a slot is held of as well, while @moving
 * @held: counted
 * @moving: counted in both pools, because a change has been prepared
 * @prepared: a change has been prepared, see hw_breakpoint_prepare()
 * @listed: on the list
 * @lost: has missed hits because a debugger took its slot, and perf has not seen it
 *	stand still since
 * @comm: name of the task that opened it, for the table of holders
 *
 * Embedded in the event. Everything but @slot is written under the accounting
 * lock; @slot and @lost belong to the CPU that runs the event, and @image is written
 * while the event is in no slot.
 */
struct hw_breakpoint_reservation {
	struct hw_breakpoint_account	*account;
	struct hwbp_image		image;
	struct list_head		node;
	int				cpu;
	s8				slot;
	u8				type;
	u8				next_type;
	bool				held;
	bool				moving;
	bool				prepared;
	bool				listed;
	bool				lost;
	char				comm[TASK_COMM_LEN];
};

#endif /* _LINUX_HW_BREAKPOINT_TYPES_H */
