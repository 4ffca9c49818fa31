// SPDX-License-Identifier: GPL-2.0
/*
 * /sys/bus/event_source/devices/breakpoint: what the machine has, and what is left of it for a
 * task of whoever reads. Anybody may read, so there are numbers and no names or addresses.
 *
 * What can be watched is asked of hw_breakpoint_arch_parse(), which decides about it.
 */

#include <linux/array_size.h>
#include <linux/bitmap.h>
#include <linux/bits.h>
#include <linux/cpumask.h>
#include <linux/device.h>
#include <linux/gfp.h>
#include <linux/perf_event.h>
#include <linux/sysfs.h>

#include "internal.h"

#define SHOW(name, format, value)						\
static ssize_t name##_show(struct device *dev, struct device_attribute *attr,	\
			   char *buf)						\
{										\
	return sysfs_emit(buf, format "\n", value);				\
}										\
static DEVICE_ATTR_RO(name)

/* ---- slots ---- */

SHOW(code_slots, "%u", hwbp_capacity(TYPE_INST));
SHOW(data_slots, "%u", hwbp_capacity(TYPE_DATA));
/* Of the same pool: counted in both */
SHOW(shared_slots, "%u", TYPE_INST == TYPE_DATA ? hwbp_capacity(TYPE_INST) : 0);
SHOW(context_slots, "%u", hwbp_context_slots());
SHOW(free_code, "%u", hwbp_free_for_current(TYPE_INST));
SHOW(free_data, "%u", hwbp_free_for_current(TYPE_DATA));

static ssize_t uneven_cpus_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	cpumask_var_t uneven;
	ssize_t n;
	int cpu;

	if (!zalloc_cpumask_var(&uneven, GFP_KERNEL))
		return -ENOMEM;
	for_each_online_cpu(cpu) {
		if (hwbp_has_more_slots(cpu))
			cpumask_set_cpu(cpu, uneven);
	}
	n = sysfs_emit(buf, "%*pbl\n", cpumask_pr_args(uneven));
	free_cpumask_var(uneven);
	return n;
}
static DEVICE_ATTR_RO(uneven_cpus);

/* ---- what a slot can watch ---- */

/* Longer ones are ranges. */
#define LONGEST_WORD	8

/* An event of no task, for the back end to look at; nobody writes it. */
static struct perf_event no_event;

/* Address 0 is a multiple of every length, and no kernel's. */
static bool can_watch(u32 bp_type, u64 len)
{
	const struct perf_event_attr attr = { .bp_type = bp_type, .bp_len = len };
	struct arch_hw_breakpoint hw = { };

	return !hw_breakpoint_arch_parse(&no_event, &attr, &hw);
}

static ssize_t show_lengths(char *buf, u32 bp_type)
{
	DECLARE_BITMAP(lengths, LONGEST_WORD + 1) = { };
	unsigned int len;

	for (len = 1; len <= LONGEST_WORD; len++) {
		if (can_watch(bp_type, len))
			__set_bit(len, lengths);
	}
	return sysfs_emit(buf, "%*pbl\n", LONGEST_WORD + 1, lengths);
}

static ssize_t code_lengths_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	return show_lengths(buf, HW_BREAKPOINT_X);
}
static DEVICE_ATTR_RO(code_lengths);

static ssize_t data_lengths_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	return show_lengths(buf, HW_BREAKPOINT_W);
}
static DEVICE_ATTR_RO(data_lengths);

/* Return: the longest range, 0 if there are none. Its length is a power of 2. */
static u64 longest_range(void)
{
	u64 len = BIT_ULL(BITS_PER_LONG - 1);

	while (len > LONGEST_WORD && !can_watch(HW_BREAKPOINT_W, len))
		len /= 2;
	return len > LONGEST_WORD ? len : 0;
}

SHOW(data_range, "%llu", longest_range());

static ssize_t data_types_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	static const struct {
		u32		bp_type;
		const char	*name;
	} types[] = {
		{ HW_BREAKPOINT_R, "r" }, { HW_BREAKPOINT_W, "w" }, { HW_BREAKPOINT_RW, "rw" },
	};
	ssize_t n = 0;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(types); i++) {
		if (can_watch(types[i].bp_type, HW_BREAKPOINT_LEN_4))
			n += sysfs_emit_at(buf, n, "%s%s", n ? "," : "", types[i].name);
	}
	return n + sysfs_emit_at(buf, n, "\n");
}
static DEVICE_ATTR_RO(data_types);

/* ---- what attr.config says ---- */

PMU_FORMAT_ATTR(process, "config:0");

/* ---- the files ---- */

/* What does not change, where perf's tools look for such, and perf record notes it. */
static struct attribute *caps[] = {
	&dev_attr_code_slots.attr,
	&dev_attr_data_slots.attr,
	&dev_attr_shared_slots.attr,
	&dev_attr_context_slots.attr,
	&dev_attr_code_lengths.attr,
	&dev_attr_data_lengths.attr,
	&dev_attr_data_range.attr,
	&dev_attr_data_types.attr,
	NULL
};

static const struct attribute_group caps_group = {
	.name	= "caps",
	.attrs	= caps,
};

static struct attribute *others[] = {
	&dev_attr_free_code.attr,
	&dev_attr_free_data.attr,
	&dev_attr_uneven_cpus.attr,
	NULL
};

static const struct attribute_group others_group = {
	.attrs	= others,
};

/* What only the kernels have where there can be such events */
static struct attribute *formats[] = {
	IS_ENABLED(CONFIG_HAVE_HW_BREAKPOINT_BACKEND) ? &format_attr_process.attr : NULL,
	NULL
};

static const struct attribute_group format_group = {
	.name	= "format",
	.attrs	= formats,
};

/* Of hwbp_pmu's device */
const struct attribute_group *hwbp_groups[] = {
	&caps_group,
	&format_group,
	&others_group,
	NULL
};
