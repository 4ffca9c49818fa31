// SPDX-License-Identifier: GPL-2.0
/* What arm64 makes of attributes and of control registers. */

#include <kunit/test.h>
#include <linux/cpumask.h>
#include <linux/err.h>
#include <linux/hw_breakpoint.h>
#include <linux/hw_breakpoint_arch.h>
#include <linux/perf_event.h>
#include <linux/preempt.h>
#include <linux/smp.h>

#include <asm/hw_breakpoint.h>
#include <asm/memory.h>
#include <asm/processor.h>
#include <asm/ptrace.h>
#include <asm/sysreg.h>
#include <asm/virt.h>

#define USER	0x10000ULL
#define EL0	AARCH64_BREAKPOINT_EL0
#define EL1	AARCH64_BREAKPOINT_EL1

/* ---- control registers ---- */

static struct arch_hw_breakpoint_ctrl ctrl(int privilege, int type, int len)
{
	return (struct arch_hw_breakpoint_ctrl) {
		.enabled = 1,
		.privilege = privilege,
		.type = type,
		.len = len,
	};
}

static void test_encode(struct kunit *test)
{
	u32 hmc = is_kernel_in_hyp_mode() ? BIT(13) : 0;

	KUNIT_EXPECT_EQ(test, encode_ctrl_reg(ctrl(EL0, ARM_BREAKPOINT_EXECUTE,
						   0xf)), 0x1e5);
	KUNIT_EXPECT_EQ(test, encode_ctrl_reg(ctrl(EL0, ARM_BREAKPOINT_STORE,
						   0xff)), 0x1ff5);
	KUNIT_EXPECT_EQ(test, encode_ctrl_reg(ctrl(EL0, ARM_BREAKPOINT_LOAD,
						   0x80)), 0x100d);
	KUNIT_EXPECT_EQ(test, encode_ctrl_reg(ctrl(EL1, ARM_BREAKPOINT_STORE,
						   0x1)), 0x33 | hmc);
}

/* Everything comes back; what is not a field is ignored. */
static void test_decode(struct kunit *test)
{
	struct arch_hw_breakpoint_ctrl c;
	u32 reg;

	for (reg = 0; reg < BIT(13); reg++) {
		u32 again;

		decode_ctrl_reg(reg | 0xffffc000, &c);
		again = encode_ctrl_reg(c) & ~BIT(13);
		if (again == reg)
			continue;
		KUNIT_EXPECT_EQ(test, again, reg);
		return;
	}
}

static void test_generic_fields(struct kunit *test)
{
	static const struct {
		u32 type, bas;
		int ret, len, gen_type, offset;
	} rows[] = {
		{ ARM_BREAKPOINT_EXECUTE, 0xf, 0, 4, HW_BREAKPOINT_X, 0 },
		{ ARM_BREAKPOINT_STORE, 0x1, 0, 1, HW_BREAKPOINT_W, 0 },
		{ ARM_BREAKPOINT_STORE, 0x80, 0, 1, HW_BREAKPOINT_W, 7 },
		{ ARM_BREAKPOINT_LOAD, 0x38, 0, 3, HW_BREAKPOINT_R, 3 },
		{ 3, 0xff, 0, 8, HW_BREAKPOINT_RW, 0 },
		{ 3, 0, -EINVAL },
		{ 3, 0x5, -EINVAL },
		{ 3, 0xcf, -EINVAL },
	};
	int i, len, type, offset;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		KUNIT_EXPECT_EQ(test, arch_bp_generic_fields(ctrl(EL0, rows[i].type,
								  rows[i].bas),
							     &len, &type, &offset),
				rows[i].ret);
		if (rows[i].ret)
			continue;
		KUNIT_EXPECT_EQ(test, len, rows[i].len);
		KUNIT_EXPECT_EQ(test, type, rows[i].gen_type);
		KUNIT_EXPECT_EQ(test, offset, rows[i].offset);
	}
}

/* ---- attributes ---- */

static int parse(u64 addr, u64 len, u32 type, struct arch_hw_breakpoint *hw)
{
	static struct perf_event of_cpu;
	struct perf_event_attr attr = {
		.bp_addr = addr,
		.bp_len = len,
		.bp_type = type,
	};

	memset(hw, 0, sizeof(*hw));
	return hw_breakpoint_arch_parse(&of_cpu, &attr, hw);
}

static void test_parse_invalid(struct kunit *test)
{
	static const struct {
		u64	addr, len;
		u32	type;
	} rows[] = {
		{ USER, 0, HW_BREAKPOINT_W },
		{ USER, 9, HW_BREAKPOINT_W },
		{ USER, 64, HW_BREAKPOINT_W },
		{ USER, ~0ULL, HW_BREAKPOINT_W },
		{ USER, 4, HW_BREAKPOINT_EMPTY },
		{ USER, 4, HW_BREAKPOINT_X | HW_BREAKPOINT_W },
		{ USER, 4, HW_BREAKPOINT_INVALID },
		{ USER, 4, 8 },
		/* bytes of two doublewords, an instruction across two words */
		{ USER + 1, 8, HW_BREAKPOINT_W },
		{ USER + 7, 2, HW_BREAKPOINT_R },
		{ USER + 6, 4, HW_BREAKPOINT_RW },
	};
	struct arch_hw_breakpoint hw;
	int i;

	for (i = 0; i < ARRAY_SIZE(rows); i++)
		KUNIT_EXPECT_EQ_MSG(test, parse(rows[i].addr, rows[i].len,
						rows[i].type, &hw),
				    -EINVAL, "row %d", i);
}

/* Every run of bytes within a doubleword can be watched. */
static void test_parse_data(struct kunit *test)
{
	struct arch_hw_breakpoint hw;
	u32 offset, len, type;

	for (type = HW_BREAKPOINT_R; type <= HW_BREAKPOINT_RW; type++) {
		for (offset = 0; offset < 8; offset++) {
			for (len = 1; len <= 8 - offset; len++) {
				KUNIT_ASSERT_EQ(test, parse(USER + offset, len,
							    type, &hw), 0);
				KUNIT_EXPECT_EQ(test, hw.address, USER);
				KUNIT_EXPECT_EQ(test, (u32)hw.ctrl.len,
						(BIT(len) - 1) << offset);
				KUNIT_EXPECT_EQ(test, (u32)hw.ctrl.type, type);
				KUNIT_EXPECT_EQ(test, (u32)hw.ctrl.privilege, EL0);
			}
		}
	}
}

/* Any length stands for an instruction of four bytes. */
static void test_parse_execute(struct kunit *test)
{
	struct arch_hw_breakpoint hw;
	int len;

	for (len = 1; len <= 8; len++) {
		KUNIT_EXPECT_EQ(test, parse(USER + 4, len, HW_BREAKPOINT_X, &hw), 0);
		KUNIT_EXPECT_EQ(test, hw.address, USER + 4);
		KUNIT_EXPECT_EQ(test, (u32)hw.ctrl.len, 0xf);
		KUNIT_EXPECT_EQ(test, (u32)hw.ctrl.type, ARM_BREAKPOINT_EXECUTE);
	}
}

static void test_parse_kernel(struct kunit *test)
{
	static unsigned long watched;
	struct arch_hw_breakpoint hw;

	KUNIT_EXPECT_EQ(test, parse((unsigned long)&watched, 8, HW_BREAKPOINT_W,
				    &hw), 0);
	KUNIT_EXPECT_EQ(test, (u32)hw.ctrl.privilege, EL1);
	KUNIT_EXPECT_EQ(test, parse(USER, 8, HW_BREAKPOINT_W, &hw), 0);
	KUNIT_EXPECT_EQ(test, (u32)hw.ctrl.privilege, EL0);
}

/* As the machine has them; tests on the host have all machines. */
static void test_spaces(struct kunit *test)
{
	static const struct {
		u64		addr;
		enum hwbp_space	space;
	} rows[] = {
		{ USER, HWBP_OF_USER },
		{ USER | BIT(56), HWBP_OF_NOBODY },
		{ USER | BIT(54), HWBP_OF_NOBODY },
		{ BIT(54), HWBP_OF_NOBODY },
		{ BIT(63), HWBP_OF_NOBODY },
		{ -8ULL, HWBP_OF_KERNEL },
		{ -8ULL ^ BIT(54), HWBP_OF_NOBODY },
	};
	int i;

	for (i = 0; i < ARRAY_SIZE(rows); i++)
		KUNIT_EXPECT_EQ_MSG(test, arch_hwbp_space(NULL, rows[i].addr, rows[i].addr + 7),
				    rows[i].space, "row %d", i);
	KUNIT_EXPECT_EQ(test, arch_hwbp_space(NULL, TASK_SIZE_64 - 8, TASK_SIZE_64 - 1),
			HWBP_OF_USER);
	KUNIT_EXPECT_EQ(test, arch_hwbp_space(NULL, TASK_SIZE_64, TASK_SIZE_64), HWBP_OF_NOBODY);
	KUNIT_EXPECT_EQ(test, arch_hwbp_space(NULL, (unsigned long)rows, (unsigned long)rows + 7),
			HWBP_OF_KERNEL);
}

/* ---- registers ---- */

static void test_pools(struct kunit *test)
{
	u32 inst = arch_hwbp_pool(TYPE_INST), watch = arch_hwbp_pool(TYPE_DATA);
	struct hwbp_cpu_slots has;
	int cpu;

	KUNIT_EXPECT_EQ(test, inst & watch, 0);
	KUNIT_EXPECT_EQ(test, hweight32(inst), hw_breakpoint_slots(TYPE_INST));
	KUNIT_EXPECT_EQ(test, hweight32(watch), hw_breakpoint_slots(TYPE_DATA));
	for_each_online_cpu(cpu) {
		arch_hwbp_cpu_slots(cpu, &has);
		KUNIT_EXPECT_EQ(test, (inst | watch) & ~has.all, 0);
		KUNIT_EXPECT_EQ(test, has.context & ~has.all, 0);
		KUNIT_EXPECT_NE(test, has.context, 0);
	}
}

/* What has been installed is enabled, whatever the attributes said. */
static void test_image(struct kunit *test)
{
	struct arch_hw_breakpoint hw = {
		.address = USER,
		.ctrl = { .privilege = EL0, .type = ARM_BREAKPOINT_STORE,
			  .len = 0xf },
	};
	struct hwbp_image image;

	arch_hwbp_encode(&hw, &image);
	KUNIT_EXPECT_EQ(test, image.addr, USER);
	KUNIT_EXPECT_EQ(test, image.ctrl, 0x1f5);
	KUNIT_EXPECT_EQ(test, image.aux, 0);
}

static void test_core_data(struct kunit *test)
{
	struct arch_hw_breakpoint hw;
	unsigned long flags, image;

	local_irq_save(flags);
	image = (unsigned long)hwbp_slot_image(ARM_MAX_BRP);
	local_irq_restore(flags);
	KUNIT_EXPECT_EQ(test, parse(image, 8, HW_BREAKPOINT_W, &hw), -EINVAL);
}

/* ---- stepping in the kernel ---- */

static struct perf_event *events[3];
static int hits[3];

static void count_hit(struct perf_event *bp, struct perf_sample_data *data,
		      struct pt_regs *regs)
{
	(*(int *)bp->overflow_handler_context)++;
}

/* The n-th event, on this CPU. */
static void watch(struct kunit *test, int n, unsigned long addr, u32 type)
{
	struct perf_event_attr attr;

	hw_breakpoint_init(&attr);
	attr.bp_addr = addr;
	attr.bp_type = type;
	attr.bp_len = type == HW_BREAKPOINT_X ? HW_BREAKPOINT_LEN_4 :
						HW_BREAKPOINT_LEN_8;
	hits[n] = 0;
	events[n] = perf_event_create_kernel_counter(&attr,
						     raw_smp_processor_id(),
						     NULL, count_hit, &hits[n]);
	if (IS_ERR(events[n])) {
		events[n] = NULL;
		KUNIT_FAIL(test, "event %d cannot be created", n);
	}
}

static void expect_hits(struct kunit *test, int n, int expected)
{
	while (n--)
		KUNIT_EXPECT_EQ_MSG(test, hits[n], expected, "event %d", n);
}

static void arm64_exit(struct kunit *test)
{
	int n;

	for (n = 0; n < ARRAY_SIZE(events); n++) {
		if (events[n])
			unregister_hw_breakpoint(events[n]);
		events[n] = NULL;
	}
}

static void test_two_words(struct kunit *test)
{
	static unsigned long words[2] __aligned(16);
	int i;

	migrate_disable();
	watch(test, 0, (unsigned long)&words[0], HW_BREAKPOINT_W);
	watch(test, 1, (unsigned long)&words[1], HW_BREAKPOINT_W);
	for (i = 0; i < 100; i++)
		asm volatile("stp xzr, xzr, [%0]" : : "r" (words) : "memory");
	expect_hits(test, 2, 100);
	migrate_enable();
}

extern const char hwbp_test_mrs[], hwbp_test_set[], hwbp_test_msr[];

/* Each of the three would see, or lose, that a step masks interrupts. */
static noinline void touch_daif(unsigned long *before, unsigned long *masked)
{
	asm volatile(".globl hwbp_test_mrs, hwbp_test_set, hwbp_test_msr\n"
		     "hwbp_test_mrs: mrs %0, daif\n"
		     "hwbp_test_set: msr daifset, #2\n"
		     "mrs %1, daif\n"
		     "hwbp_test_msr: msr daif, %0"
		     : "=&r" (*before), "=&r" (*masked) : : "memory");
}

static void test_daif(struct kunit *test)
{
	unsigned long before, masked;
	int i;

	migrate_disable();
	watch(test, 0, (unsigned long)hwbp_test_mrs, HW_BREAKPOINT_X);
	watch(test, 1, (unsigned long)hwbp_test_set, HW_BREAKPOINT_X);
	watch(test, 2, (unsigned long)hwbp_test_msr, HW_BREAKPOINT_X);
	for (i = 0; i < 100; i++) {
		touch_daif(&before, &masked);
		if (before || masked != PSR_I_BIT || read_sysreg(daif))
			break;
	}
	KUNIT_EXPECT_EQ(test, i, 100);
	expect_hits(test, 3, 100);
	migrate_enable();
}

static struct kunit_case arm64_cases[] = {
	KUNIT_CASE(test_encode),
	KUNIT_CASE(test_decode),
	KUNIT_CASE(test_generic_fields),
	KUNIT_CASE(test_parse_invalid),
	KUNIT_CASE(test_parse_data),
	KUNIT_CASE(test_parse_execute),
	KUNIT_CASE(test_parse_kernel),
	KUNIT_CASE(test_spaces),
	KUNIT_CASE(test_pools),
	KUNIT_CASE(test_image),
	KUNIT_CASE(test_core_data),
	KUNIT_CASE(test_two_words),
	KUNIT_CASE(test_daif),
	{ }
};

static struct kunit_suite arm64_suite = {
	.name		= "hw_breakpoint_arm64",
	.exit		= arm64_exit,
	.test_cases	= arm64_cases,
};

kunit_test_suite(arm64_suite);

MODULE_DESCRIPTION("Tests of the arm64 breakpoint back end");
MODULE_LICENSE("GPL");
