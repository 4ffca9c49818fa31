/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a breakpoint event carries beyond what linux/perf_event.h has room for.
 */
#ifndef _LINUX_HW_BREAKPOINT_TYPES_H
#define _LINUX_HW_BREAKPOINT_TYPES_H

#include <linux/list.h>
#include <linux/perf_event.h>
#include <linux/sched.h>
#include <linux/types.h>
#include <linux/uidgid_types.h>

struct hw_breakpoint_account;
struct hwbp_process;

/**
 * struct hwbp_image - the registers of one slot, as the hardware takes them
 * @addr: address register
 * @ctrl: control bits of the slot
 * @aux: further register of the slot (x86: AMD range mask), or 0
 * @both: the two, to be compared at once
 *
 * Two images that are equal match the same accesses.
 */
struct hwbp_image {
	u64	addr;
	union {
		struct {
			u32	ctrl;
			u32	aux;
		};
		u64	both;
	};
};

/**
 * struct hwbp_opener - who has opened an event
 * @pid: number of the process
 * @own_pid: the same in its own PID namespace
 * @ns: number of that namespace
 * @uid: effective user
 *
 * Numbers only, so that nothing has to be kept alive for who reads them.
 */
struct hwbp_opener {
	pid_t		pid;
	pid_t		own_pid;
	unsigned int	ns;
	kuid_t		uid;
};

/**
 * struct hw_breakpoint_reservation - the right of one event to a slot
 * @event: the event; NULL for a reservation that is none's
 * @account: the context or process charged; NULL for an event of a CPU
 * @process: whose event it is, or of whose it is a copy; NULL if it is of no process
 * @next: what is prepared, see hw_breakpoint_prepare()
 * @image: what the registers of its slot hold, wherever it is installed
 * @node: in the list of its context, process or CPU, while @listed; read under RCU
 * @copy: in the list of the process's copies on the CPU, while perf has it active there
 * @number: of those in that list; it does not come again
 * @cpu: the only CPU the event may run on, or -1
 * @slot: the slot it is installed in on the running CPU, or -1
 * @had: 1 + the slot that it was installed in last, on whatever CPU, or 0
 * @type: pool of slots, see enum bp_type_idx
 * @next_type: pool that a slot is held of as well, while @moving
 * @held: counted, unless its account is retired
 * @moving: counted in both pools, because a change has been prepared
 * @prepared: a change has been prepared, see hw_breakpoint_prepare()
 * @listed: on the list
 * @must_pause: has missed hits because a debugger took its slot, and perf has not seen it
 *	stand still since
 * @comm: name of the task that opened it, for the tables of holders
 * @opener: and who that was
 *
 * Allocated with the event, and freed by perf with it: under RCU, for readers of the tables may
 * have found it. What counts it is written under the account's lock, that of a CPU's event
 * under hwbp_raise_lock: @node, @number, @type, @next_type, @held, @moving and @listed. Before it
 * is counted @account, @cpu, @comm and @opener are written, by who opens the event. @next and
 * @prepared are written under the event's child_mutex. @slot, @had and @must_pause belong to the
 * CPU that runs the event, and so does @image: it is written while the slot is not owned, and by
 * the task that changes an event that runs on no CPU.
 */
struct hw_breakpoint_reservation {
	struct perf_event		*event;
	struct hw_breakpoint_account	*account;
	struct hwbp_process		*process;
	struct arch_hw_breakpoint	next;
	struct hwbp_image		image;
	struct hlist_node		node;
	struct hlist_node		copy;
	u64				number;
	int				cpu;
	s8				slot;
	u8				had;
	u8				type;
	u8				next_type;
	bool				held;
	bool				moving;
	bool				prepared;
	bool				listed;
	bool				must_pause;
	char				comm[TASK_COMM_LEN];
	struct hwbp_opener		opener;
};

#endif /* _LINUX_HW_BREAKPOINT_TYPES_H */
