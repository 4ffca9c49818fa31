// SPDX-License-Identifier: GPL-2.0
/* What x86 makes of attributes and of DR7. */

#include <kunit/test.h>
#include <linux/hw_breakpoint.h>
#include <linux/hw_breakpoint_arch.h>
#include <linux/panic.h>
#include <linux/perf_event.h>
#include <linux/sched.h>
#include <linux/smp.h>

#include <asm/cpu_entry_area.h>
#include <asm/cpufeature.h>
#include <asm/debugreg.h>
#include <asm/desc.h>
#include <asm/hw_breakpoint.h>
#include <asm/hw_breakpoint_series.h>
#include <asm/processor.h>

/* ---- DR7 ---- */

static void test_encode(struct kunit *test)
{
	static const struct {
		int		slot;
		unsigned int	len, type;
		unsigned long	dr7;
	} rows[] = {
		{ 0, X86_BREAKPOINT_LEN_X, X86_BREAKPOINT_EXECUTE, 0x00000202 },
		{ 0, X86_BREAKPOINT_LEN_1, X86_BREAKPOINT_WRITE, 0x00010202 },
		{ 0, X86_BREAKPOINT_LEN_4, X86_BREAKPOINT_RW, 0x000f0202 },
		{ 1, X86_BREAKPOINT_LEN_2, X86_BREAKPOINT_WRITE, 0x00500208 },
		{ 2, X86_BREAKPOINT_LEN_4, X86_BREAKPOINT_WRITE, 0x0d000220 },
		{ 3, X86_BREAKPOINT_LEN_1, X86_BREAKPOINT_RW, 0x30000280 },
#ifdef CONFIG_X86_64
		{ 3, X86_BREAKPOINT_LEN_8, X86_BREAKPOINT_RW, 0xb0000280 },
#endif
	};
	int i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		unsigned long dr7 = encode_dr7(rows[i].slot, rows[i].len,
					       rows[i].type);
		unsigned int len, type;

		KUNIT_EXPECT_EQ(test, dr7, rows[i].dr7);
		KUNIT_EXPECT_NE(test, decode_dr7(dr7, rows[i].slot, &len, &type), 0);
		KUNIT_EXPECT_EQ(test, len, rows[i].len);
		KUNIT_EXPECT_EQ(test, type, rows[i].type);
	}
}

/* Every slot is decoded from its own bits, and L enables as well as G. */
static void test_decode(struct kunit *test)
{
	unsigned int len, type;
	int slot, other;

	for (slot = 0; slot < HBP_NUM; slot++) {
		unsigned long dr7 = encode_dr7(slot, X86_BREAKPOINT_LEN_4,
					       X86_BREAKPOINT_WRITE);

		for (other = 0; other < HBP_NUM; other++)
			KUNIT_EXPECT_EQ(test, other == slot,
					!!decode_dr7(dr7, other, &len, &type));
		KUNIT_EXPECT_NE(test, decode_dr7(1UL << slot * 2, slot, &len, &type), 0);
		KUNIT_EXPECT_EQ(test, type, X86_BREAKPOINT_EXECUTE);
	}
	KUNIT_EXPECT_EQ(test, decode_dr7(0xffff0000, 2, &len, &type), 0);
}

static void test_generic_fields(struct kunit *test)
{
	static const struct {
		int x86_len, x86_type, ret, len, type;
	} rows[] = {
		{ X86_BREAKPOINT_LEN_1, X86_BREAKPOINT_WRITE, 0, 1, HW_BREAKPOINT_W },
		{ X86_BREAKPOINT_LEN_2, X86_BREAKPOINT_RW, 0, 2, HW_BREAKPOINT_RW },
		{ X86_BREAKPOINT_LEN_4, X86_BREAKPOINT_WRITE, 0, 4, HW_BREAKPOINT_W },
		{ X86_BREAKPOINT_LEN_X, X86_BREAKPOINT_EXECUTE, 0, sizeof(long),
		  HW_BREAKPOINT_X },
		{ X86_BREAKPOINT_LEN_4, X86_BREAKPOINT_EXECUTE, -EINVAL },
		{ X86_BREAKPOINT_LEN_1, 0x82, -EINVAL },
		{ X86_BREAKPOINT_LEN_1, 0, -EINVAL },
		{ 0, X86_BREAKPOINT_WRITE, -EINVAL },
		{ 0x43, X86_BREAKPOINT_WRITE, -EINVAL },
	};
	int i, len, type;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		KUNIT_EXPECT_EQ(test, arch_bp_generic_fields(rows[i].x86_len,
							     rows[i].x86_type,
							     &len, &type),
				rows[i].ret);
		if (rows[i].ret)
			continue;
		KUNIT_EXPECT_EQ(test, len, rows[i].len);
		KUNIT_EXPECT_EQ(test, type, rows[i].type);
	}
}

/* ---- attributes ---- */

static int parse(u64 addr, u64 len, u32 type, struct arch_hw_breakpoint *hw)
{
	struct perf_event_attr attr = {
		.bp_addr = addr,
		.bp_len = len,
		.bp_type = type,
	};

	return hw_breakpoint_arch_parse(NULL, &attr, hw);
}

#define USER	0x1000UL

static void test_parse(struct kunit *test)
{
	static const struct {
		u64	addr, len;
		u32	type;
		int	ret;
		u8	x86_len, x86_type;
	} rows[] = {
		{ USER, sizeof(long), HW_BREAKPOINT_X, 0, X86_BREAKPOINT_LEN_X,
		  X86_BREAKPOINT_EXECUTE },
		{ USER + 3, sizeof(long), HW_BREAKPOINT_X, 0,
		  X86_BREAKPOINT_LEN_X, X86_BREAKPOINT_EXECUTE },
		{ USER, 1, HW_BREAKPOINT_X, -EINVAL },
		{ USER + 3, 1, HW_BREAKPOINT_W, 0, X86_BREAKPOINT_LEN_1,
		  X86_BREAKPOINT_WRITE },
		{ USER + 2, 2, HW_BREAKPOINT_RW, 0, X86_BREAKPOINT_LEN_2,
		  X86_BREAKPOINT_RW },
		{ USER + 1, 2, HW_BREAKPOINT_RW, -EINVAL },
		{ USER + 4, 4, HW_BREAKPOINT_W, 0, X86_BREAKPOINT_LEN_4,
		  X86_BREAKPOINT_WRITE },
		{ USER + 2, 4, HW_BREAKPOINT_W, -EINVAL },
		{ USER, 3, HW_BREAKPOINT_W, -EINVAL },
		{ USER, 0, HW_BREAKPOINT_W, -EINVAL },
		{ USER, 1, HW_BREAKPOINT_R, -EINVAL },
		{ USER, 1, HW_BREAKPOINT_R | HW_BREAKPOINT_X, -EINVAL },
		{ ~0ULL - 2, 8, HW_BREAKPOINT_W, -EINVAL },
		{ USER, ~0ULL, HW_BREAKPOINT_W, -EINVAL },
	};
	struct arch_hw_breakpoint hw;
	int i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		int ret = parse(rows[i].addr, rows[i].len, rows[i].type, &hw);

		KUNIT_EXPECT_EQ_MSG(test, ret, rows[i].ret, "row %d", i);
		if (ret)
			continue;
		KUNIT_EXPECT_EQ(test, hw.address, rows[i].addr);
		KUNIT_EXPECT_EQ(test, hw.len, rows[i].x86_len);
		KUNIT_EXPECT_EQ(test, hw.type, rows[i].x86_type);
		KUNIT_EXPECT_EQ(test, hw.mask, 0);
	}
}

/* What a debugger may execute to stop at: without kprobes nobody knows where it may not. */
static void test_parse_kernel_code(struct kunit *test)
{
	int listed = IS_ENABLED(CONFIG_KPROBES) ? -EINVAL : 0;
	struct arch_hw_breakpoint hw;

	KUNIT_EXPECT_EQ(test, parse((unsigned long)test_parse, sizeof(long), HW_BREAKPOINT_X, &hw),
			0);
	KUNIT_EXPECT_EQ(test, parse((unsigned long)hwbp_commit, sizeof(long), HW_BREAKPOINT_X, &hw),
			listed);
}

static void test_parse_range(struct kunit *test)
{
	int want = boot_cpu_has(X86_FEATURE_BPEXT) ? 0 : -EOPNOTSUPP;
	struct arch_hw_breakpoint hw;

	KUNIT_EXPECT_EQ(test, parse(USER, 64, HW_BREAKPOINT_W, &hw), want);
	if (!want)
		KUNIT_EXPECT_EQ(test, hw.mask, 63);
	KUNIT_EXPECT_EQ(test, parse(USER + 8, 64, HW_BREAKPOINT_W, &hw), -EINVAL);
	KUNIT_EXPECT_EQ(test, parse(USER, 24, HW_BREAKPOINT_W, &hw), -EINVAL);
	KUNIT_EXPECT_EQ(test, parse(USER, 64, HW_BREAKPOINT_X, &hw), -EINVAL);
	KUNIT_EXPECT_EQ(test, parse(0, BIT_ULL(33), HW_BREAKPOINT_W, &hw),
			-EOPNOTSUPP);
}

static void expect_space(struct kunit *test, u64 addr, u64 len, enum hwbp_space space)
{
	KUNIT_EXPECT_EQ_MSG(test, arch_hwbp_space(NULL, addr, addr + len - 1), space,
			    "%llx, %llu bytes", addr, len);
}

static void test_spaces(struct kunit *test)
{
	expect_space(test, USER, 8, HWBP_OF_USER);
	expect_space(test, TASK_SIZE_MAX - 4, 4, HWBP_OF_USER);
	/* a range: the last page of user space, and one that goes on in the next */
	expect_space(test, TASK_SIZE_MAX - PAGE_SIZE, PAGE_SIZE, HWBP_OF_USER);
	expect_space(test, (unsigned long)panic, 1, HWBP_OF_KERNEL);
	expect_space(test, -8UL, 8, HWBP_OF_KERNEL);
	expect_space(test, -8UL, 9, HWBP_OF_NOBODY);
#ifdef CONFIG_X86_64
	expect_space(test, TASK_SIZE_MAX, 1, HWBP_OF_NOBODY);
	expect_space(test, TASK_SIZE_MAX - PAGE_SIZE, 2 * PAGE_SIZE, HWBP_OF_NOBODY);
	expect_space(test, BIT_ULL(62), 8, HWBP_OF_NOBODY);
	expect_space(test, BIT_ULL(63), 8, HWBP_OF_NOBODY);
	expect_space(test, ~(u64)__VIRTUAL_MASK, 8, HWBP_OF_KERNEL);
	expect_space(test, ~(u64)__VIRTUAL_MASK - 8, 8, HWBP_OF_NOBODY);
#else
	expect_space(test, TASK_SIZE_MAX, 1, HWBP_OF_KERNEL);
	expect_space(test, BIT_ULL(32) + USER, 8, HWBP_OF_NOBODY);
#endif
}

/* ---- addresses that the entry code needs ---- */

static void refuse(struct kunit *test, const void *addr, const char *what)
{
	u64 byte = (unsigned long)addr, word = byte & ~(sizeof(long) - 1UL);
	struct arch_hw_breakpoint hw;

	KUNIT_EXPECT_EQ_MSG(test, parse(byte, 1, HW_BREAKPOINT_W, &hw), -EINVAL,
			    "%s", what);
	KUNIT_EXPECT_EQ_MSG(test, parse(word, sizeof(long), HW_BREAKPOINT_RW, &hw),
			    -EINVAL, "%s", what);
}

/* What is not in hwbp_arch_entry_data[], and what is, by its names. */
static void test_entry_data(struct kunit *test)
{
	struct arch_hw_breakpoint hw;
	int cpu;

	for_each_possible_cpu(cpu) {
		struct cpu_entry_area *cea = get_cpu_entry_area(cpu);
		struct tss_struct *tss = per_cpu_ptr(&cpu_tss_rw, cpu);

		refuse(test, per_cpu_ptr(&cpu_dr7, cpu), "cpu_dr7");
		refuse(test, get_cpu_gdt_rw(cpu), "GDT");
		refuse(test, (char *)get_cpu_gdt_rw(cpu) + GDT_SIZE - 1, "GDT end");
		refuse(test, tss, "TSS");
		refuse(test, &tss->x86_tss.sp1, "TSS.SP1");
		refuse(test, (char *)(tss + 1) - 1, "TSS end");
		refuse(test, cea, "CPU entry area");
		refuse(test, per_cpu_ptr(&hwbp_top_of_stack, cpu), "top of the stack");
#ifdef CONFIG_DEBUG_PREEMPT
		refuse(test, per_cpu_ptr(&hwbp_preempt_count, cpu), "preempt count");
#endif
		KUNIT_EXPECT_EQ(test, parse((unsigned long)per_cpu_ptr(&hwbp_current_task, cpu),
					    sizeof(long), HW_BREAKPOINT_RW, &hw), 0);
	}
#ifdef CONFIG_SMP
	refuse(test, &__per_cpu_offset[0], "per-CPU offsets");
#endif
}

/* The shadow is read in #DB, before anything could be done about a recursion. */
static void test_core_data(struct kunit *test)
{
	const struct hwbp_image *image;
	unsigned long flags;

	local_irq_save(flags);
	image = hwbp_slot_image(0);
	local_irq_restore(flags);
	refuse(test, image, "slot image");
	refuse(test, &image[HBP_NUM - 1].ctrl, "slot control bits");
}

/* A range may not be laid around them either. */
static void test_around_entry_data(struct kunit *test)
{
	unsigned long dr7 = (unsigned long)per_cpu_ptr(&cpu_dr7, 0);
	struct arch_hw_breakpoint hw;
	static unsigned long harmless;

	KUNIT_EXPECT_EQ(test, parse(ALIGN_DOWN(dr7, 64), 64, HW_BREAKPOINT_W, &hw),
			-EINVAL);
	KUNIT_EXPECT_EQ(test, parse((unsigned long)&harmless, sizeof(long),
				    HW_BREAKPOINT_W, &hw), 0);
}

/* ---- a traced task's registers ---- */

static void expect_setting(struct kunit *test, int nr, u64 addr, u64 len)
{
	struct perf_event *bp = current->thread.ptrace_bps[nr];

	KUNIT_ASSERT_NOT_NULL(test, bp);
	KUNIT_EXPECT_EQ(test, bp->attr.bp_addr, addr);
	KUNIT_EXPECT_EQ(test, bp->attr.bp_len, len);
	KUNIT_EXPECT_EQ(test, bp->attr.bp_type, HW_BREAKPOINT_W);
	KUNIT_EXPECT_FALSE(test, bp->attr.disabled);
}

/* DR7 first, then an address: nothing is there before it comes. */
static void test_ptrace(struct kunit *test)
{
	struct thread_struct *thread = &current->thread;
	unsigned long all = 0xdddd0055, narrow = 0xd1dd0055;
	int i;

	KUNIT_ASSERT_EQ(test, thread->ptrace_dr7, 0);
	KUNIT_EXPECT_EQ(test, hw_breakpoint_ptrace_dr7(current, all), 0);
	for (i = 0; i < HBP_NUM; i++)
		KUNIT_EXPECT_NULL(test, thread->ptrace_bps[i]);

	KUNIT_EXPECT_EQ(test, hw_breakpoint_ptrace_address(current, 2, USER), 0);
	expect_setting(test, 2, USER, 4);
	KUNIT_EXPECT_NULL(test, thread->ptrace_bps[0]);

	/* an odd address needs the narrow one */
	KUNIT_EXPECT_EQ(test, hw_breakpoint_ptrace_address(current, 2, USER + 1),
			-EINVAL);
	KUNIT_EXPECT_EQ(test, hw_breakpoint_ptrace_dr7(current, narrow), 0);
	KUNIT_EXPECT_EQ(test, hw_breakpoint_ptrace_address(current, 2, USER + 1),
			0);
	KUNIT_EXPECT_EQ(test, hw_breakpoint_ptrace_dr7(current, all), -EINVAL);
	KUNIT_EXPECT_EQ(test, thread->ptrace_dr7, narrow);
	expect_setting(test, 2, USER + 1, 1);

	flush_ptrace_hw_breakpoint(current);
	KUNIT_EXPECT_NULL(test, thread->ptrace_bps[2]);
	KUNIT_EXPECT_EQ(test, thread->ptrace_dr7, 0);
}

static struct kunit_case x86_cases[] = {
	KUNIT_CASE(test_encode),
	KUNIT_CASE(test_decode),
	KUNIT_CASE(test_generic_fields),
	KUNIT_CASE(test_parse),
	KUNIT_CASE(test_parse_kernel_code),
	KUNIT_CASE(test_parse_range),
	KUNIT_CASE(test_spaces),
	KUNIT_CASE(test_entry_data),
	KUNIT_CASE(test_core_data),
	KUNIT_CASE(test_around_entry_data),
	KUNIT_CASE(test_ptrace),
	{ }
};

static struct kunit_suite x86_suite = {
	.name		= "hw_breakpoint_x86",
	.test_cases	= x86_cases,
};

kunit_test_suite(x86_suite);

MODULE_DESCRIPTION("Tests of the x86 breakpoint back end");
MODULE_LICENSE("GPL");
