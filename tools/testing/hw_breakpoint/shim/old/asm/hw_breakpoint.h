/* SPDX-License-Identifier: GPL-2.0 */
/* An architecture without a back end: it finds the slots itself, see old.c. */
#ifndef _SHIM_OLD_HW_BREAKPOINT_H
#define _SHIM_OLD_HW_BREAKPOINT_H

/* Slots for instructions, and slots for data */
#define OLD_INST	2
#define OLD_DATA	3
#define OLD_SLOTS	(OLD_INST + OLD_DATA)

/* @stepped: the event has been hit, and its task steps over the instruction. */
struct arch_hw_breakpoint {
	unsigned long	address;
	u8		len;
	u8		type;
	bool		stepped;
};

#define hw_breakpoint_slots(type)	((type) == TYPE_INST ? OLD_INST : OLD_DATA)

int hw_breakpoint_arch_parse(struct perf_event *bp, const struct perf_event_attr *attr,
			     struct arch_hw_breakpoint *hw);
int arch_check_bp_in_kernelspace(struct arch_hw_breakpoint *hw);
int arch_install_hw_breakpoint(struct perf_event *bp);
void arch_uninstall_hw_breakpoint(struct perf_event *bp);
int hw_breakpoint_exceptions_notify(struct notifier_block *unused, unsigned long val,
				    void *data);

#endif
