// SPDX-License-Identifier: GPL-2.0
/*
 * An architecture of the old kind: it finds a slot, owns it and writes the registers, all at
 * once. It takes no notice of what may interrupt that, as such architectures do.
 */

#include "test.h"

#define KERNEL	0xffffffff81000000UL

static DEFINE_PER_CPU(struct perf_event *, old_owner[OLD_SLOTS]);
int old_failures;

static int first_slot(const struct arch_hw_breakpoint *hw)
{
	return hw->type == HW_BREAKPOINT_X ? 0 : OLD_INST;
}

static int end_of_slots(const struct arch_hw_breakpoint *hw)
{
	return hw->type == HW_BREAKPOINT_X ? OLD_INST : OLD_SLOTS;
}

int hw_breakpoint_arch_parse(struct perf_event *bp, const struct perf_event_attr *attr,
			     struct arch_hw_breakpoint *hw)
{
	if (!is_power_of_2(attr->bp_len) || attr->bp_len > 8)
		return -EINVAL;
	if (attr->bp_addr & (attr->bp_len - 1))
		return -EINVAL;
	hw->address = attr->bp_addr;
	hw->len = attr->bp_len;
	hw->type = attr->bp_type;
	return 0;
}

int arch_check_bp_in_kernelspace(struct arch_hw_breakpoint *hw)
{
	return hw->address >= KERNEL;
}

static int slot_of(struct perf_event *bp, struct perf_event *owner)
{
	const struct arch_hw_breakpoint *hw = counter_arch_bp(bp);
	int i;

	for (i = first_slot(hw); i < end_of_slots(hw); i++) {
		if (this_cpu_read(old_owner[i]) == owner)
			return i;
	}
	return -1;
}

int arch_install_hw_breakpoint(struct perf_event *bp)
{
	const struct arch_hw_breakpoint *hw = counter_arch_bp(bp);
	int slot = slot_of(bp, NULL);

	if (slot < 0)
		return -EBUSY;
	if (old_failures) {
		old_failures--;
		return -EIO;
	}
	this_cpu_write(old_owner[slot], bp);
	old_write(slot, hw->address, hw->len, hw->type);
	return 0;
}

void arch_uninstall_hw_breakpoint(struct perf_event *bp)
{
	int slot = slot_of(bp, bp);

	if (WARN_ON_ONCE(slot < 0))
		return;
	old_write_off(slot);
	this_cpu_write(old_owner[slot], NULL);
}

int hw_breakpoint_exceptions_notify(struct notifier_block *unused, unsigned long val,
				    void *data)
{
	return NOTIFY_DONE;
}
