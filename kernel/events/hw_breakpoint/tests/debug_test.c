// SPDX-License-Identifier: GPL-2.0
/*
 * Breakpoints of debuggers: their states, what they hit on real CPUs, from which
 * contexts they can be set, and what becomes of perf's when a debugger takes a slot.
 */

#include <kunit/test.h>
#include <linux/atomic.h>
#include <linux/cpu.h>
#include <linux/cpumask.h>
#include <linux/delay.h>
#include <linux/err.h>
#include <linux/hw_breakpoint.h>
#include <linux/hw_breakpoint_arch.h>
#include <linux/hw_breakpoint_debug.h>
#include <linux/irqflags.h>
#include <linux/jiffies.h>
#include <linux/kprobes.h>
#include <linux/perf_event.h>
#include <linux/preempt.h>
#include <linux/sched.h>
#include <linux/smp.h>
#include <linux/string.h>

#include <asm/hw_breakpoint.h>
#ifdef CONFIG_X86
#include <asm/apic.h>
#include <asm/nmi.h>
#endif

#define ALL	HW_BREAKPOINT_ALL_CPUS
#define WRITES	10
#define SLOTS	HWBP_NR_SLOTS

/* Longer than any interrupt takes, on a machine that is emulated and loaded. */
#define PATIENCE	(20 * HZ)

/* What is watched, and a word of the same page to write in between. */
static struct {
	unsigned long	word[SLOTS + 1];
	unsigned long	unwatched;
} data __aligned(512);

/**
 * struct watcher - a breakpoint, and what it was told of
 * @bp: the breakpoint
 * @hits: number of hits
 * @slot: slot of the last one
 * @cpu: CPU of the last one
 */
struct watcher {
	struct hw_breakpoint_debug	bp;
	atomic_t			hits;
	int				slot;
	int				cpu;
};

static struct watcher watchers[SLOTS + 1];
static struct perf_event *events[SLOTS];
static int nr_events;

/* Two CPUs, or one twice; the second one goes down and comes up. */
static int here, there;

/* ---- helpers ---- */

static void on_hit(struct hw_breakpoint_debug *bp, struct pt_regs *regs,
		   int slot, unsigned int flags)
{
	struct watcher *w = container_of(bp, struct watcher, bp);

	atomic_inc(&w->hits);
	w->slot = slot;
	w->cpu = smp_processor_id();
}

static int reserve(int i, int cpu, unsigned int type, unsigned int flags)
{
	struct watcher *w = &watchers[i];

	w->bp.owner = "kunit";
	w->bp.hit = on_hit;
	return hw_breakpoint_debug_reserve(&w->bp, cpu, type, flags);
}

static int set_word(int i, int word)
{
	return hw_breakpoint_debug_set(&watchers[i].bp,
				       (unsigned long)&data.word[word],
				       sizeof(long), HW_BREAKPOINT_W);
}

static int watch_word(int i, int cpu, unsigned int flags)
{
	int err = reserve(i, cpu, HW_BREAKPOINT_W, flags);

	return err ?: set_word(i, i);
}

static void clear(int i)
{
	hw_breakpoint_debug_clear(&watchers[i].bp);
}

static void release(int i)
{
	hw_breakpoint_debug_release(&watchers[i].bp);
}

static void release_all(void)
{
	int i;

	for (i = 0; i < (int)ARRAY_SIZE(watchers); i++)
		release(i);
	hw_breakpoint_debug_flush();
}

/* As many as there is room for on @cpu, from watchers[0] on; all stay. */
static int fill(int cpu, unsigned int type, unsigned int flags)
{
	int n = 0;

	while (n < (int)ARRAY_SIZE(watchers) && !reserve(n, cpu, type, flags))
		n++;
	return n;
}

static int room(int cpu)
{
	int n = fill(cpu, HW_BREAKPOINT_W, 0), i;

	for (i = 0; i < n; i++)
		release(i);
	return n;
}

/* The emulator may report a hit again until another word has been written. */
static int write_word(void *word)
{
	unsigned long flags;
	int i;

	for (i = 0; i < WRITES; i++) {
		local_irq_save(flags);
		WRITE_ONCE(*(unsigned long *)word, i);
		barrier();
		WRITE_ONCE(data.unwatched, i);
		local_irq_restore(flags);
	}
	return 0;
}

/* Return: hits of watchers[i] while @word is written on @cpu. */
static int hits_on(int cpu, int i, int word)
{
	atomic_set(&watchers[i].hits, 0);
	watchers[i].cpu = -1;
	smp_call_on_cpu(cpu, write_word, &data.word[word], false);
	return atomic_read(&watchers[i].hits);
}

static void expect_hits(struct kunit *test, int cpu, int i)
{
	KUNIT_EXPECT_EQ(test, hits_on(cpu, i, i), WRITES);
	KUNIT_EXPECT_EQ(test, watchers[i].cpu, cpu);
	KUNIT_EXPECT_GE(test, watchers[i].slot, 0);
	KUNIT_EXPECT_LT(test, watchers[i].slot, SLOTS);
}

static void expect_hits_everywhere(struct kunit *test, int i)
{
	int cpu;

	for_each_online_cpu(cpu)
		expect_hits(test, cpu, i);
}

static void expect_silence(struct kunit *test, int i)
{
	int cpu;

	for_each_online_cpu(cpu)
		KUNIT_EXPECT_EQ(test, hits_on(cpu, i, i), 0);
}

static void needs_second_cpu(struct kunit *test)
{
	if (here == there || !IS_ENABLED(CONFIG_HOTPLUG_CPU))
		kunit_skip(test, "needs two CPUs");
}

/* ---- states ---- */

static void test_states(struct kunit *test)
{
	struct hw_breakpoint_debug *bp = &watchers[0].bp;

	KUNIT_EXPECT_EQ(test, set_word(0, 0), -EINVAL);
	clear(0);
	release(0);
	KUNIT_EXPECT_FALSE(test, bp->granted);

	KUNIT_EXPECT_EQ(test, reserve(0, ALL, HW_BREAKPOINT_W, 0), 0);
	KUNIT_EXPECT_TRUE(test, bp->granted);
	KUNIT_EXPECT_EQ(test, reserve(0, ALL, HW_BREAKPOINT_W, 0), -EBUSY);
	expect_silence(test, 0);

	KUNIT_EXPECT_EQ(test, set_word(0, 0), 0);
	hw_breakpoint_debug_flush();
	expect_hits_everywhere(test, 0);
	KUNIT_EXPECT_EQ(test, reserve(0, ALL, HW_BREAKPOINT_W, 0), -EBUSY);
	expect_hits(test, here, 0);

	clear(0);
	hw_breakpoint_debug_flush();
	expect_silence(test, 0);
	KUNIT_EXPECT_TRUE(test, bp->granted);
	KUNIT_EXPECT_EQ(test, set_word(0, 0), 0);
	hw_breakpoint_debug_flush();
	expect_hits_everywhere(test, 0);

	release(0);
	hw_breakpoint_debug_flush();
	KUNIT_EXPECT_FALSE(test, bp->granted);
	expect_silence(test, 0);
}

static void test_change(struct kunit *test)
{
	KUNIT_ASSERT_EQ(test, watch_word(0, ALL, 0), 0);
	KUNIT_EXPECT_EQ(test, set_word(0, 1), 0);
	hw_breakpoint_debug_flush();
	expect_silence(test, 0);
	KUNIT_EXPECT_EQ(test, hits_on(here, 0, 1), WRITES);
	KUNIT_EXPECT_EQ(test, hits_on(there, 0, 1), WRITES);
}

static void test_refused_reservations(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, reserve(0, ALL, HW_BREAKPOINT_EMPTY, 0), -EINVAL);
	KUNIT_EXPECT_EQ(test, reserve(0, ALL, HW_BREAKPOINT_INVALID + 1, 0), -EINVAL);
	KUNIT_EXPECT_EQ(test, reserve(0, ALL, HW_BREAKPOINT_W,
				      HW_BREAKPOINT_TAKE << 1), -EINVAL);
	KUNIT_EXPECT_EQ(test, reserve(0, -2, HW_BREAKPOINT_W, 0), -EINVAL);
	KUNIT_EXPECT_EQ(test, reserve(0, nr_cpu_ids, HW_BREAKPOINT_W, 0), -EINVAL);
	KUNIT_EXPECT_EQ(test, reserve(0, INT_MAX, HW_BREAKPOINT_W, 0), -EINVAL);
	KUNIT_EXPECT_FALSE(test, watchers[0].bp.granted);
	KUNIT_EXPECT_EQ(test, room(here), hw_breakpoint_slots(TYPE_DATA));
}

static void refuse(struct kunit *test, unsigned long addr, unsigned int len,
		   unsigned int type, const char *what)
{
	KUNIT_EXPECT_EQ_MSG(test, hw_breakpoint_debug_set(&watchers[0].bp, addr, len,
							  type), -EINVAL, "%s", what);
}

/* What it watched before an error it watches after. */
static void test_refused_data(struct kunit *test)
{
	unsigned long word = (unsigned long)&data.word[1], image, flags;

	KUNIT_ASSERT_EQ(test, watch_word(0, ALL, 0), 0);
	hw_breakpoint_debug_flush();
	local_irq_save(flags);
	image = (unsigned long)hwbp_slot_image(0);
	local_irq_restore(flags);

	refuse(test, word, 0, HW_BREAKPOINT_W, "no length");
	refuse(test, word + 4, sizeof(long), HW_BREAKPOINT_W, "unaligned");
	refuse(test, word, sizeof(long), HW_BREAKPOINT_EMPTY, "no type");
	refuse(test, word, sizeof(long), HW_BREAKPOINT_RW | HW_BREAKPOINT_X,
	       "too many types");
	refuse(test, 0, sizeof(long), HW_BREAKPOINT_W, "NULL");
	refuse(test, PAGE_SIZE, sizeof(long), HW_BREAKPOINT_W, "user space");
	refuse(test, ~0UL >> 1 & PAGE_MASK, sizeof(long), HW_BREAKPOINT_W, "nobody's");
	refuse(test, ALIGN_DOWN(image, sizeof(long)), sizeof(long),
	       HW_BREAKPOINT_W, "the layer's own data");
	refuse(test, word, 3 * sizeof(long), HW_BREAKPOINT_W, "too long");
	if (IS_ENABLED(CONFIG_X86))
		refuse(test, word, sizeof(long), HW_BREAKPOINT_R, "reads alone");
	expect_hits_everywhere(test, 0);
}

static void test_refused_code(struct kunit *test)
{
	KUNIT_ASSERT_EQ(test, reserve(0, ALL, HW_BREAKPOINT_X, 0), 0);
	refuse(test, PAGE_SIZE, 0, HW_BREAKPOINT_X, "user space");
	refuse(test, ~0UL >> 1 & PAGE_MASK, 0, HW_BREAKPOINT_X, "nobody's");
	if (IS_ENABLED(CONFIG_KPROBES))
		refuse(test, (unsigned long)hwbp_commit, 0, HW_BREAKPOINT_X,
		       "code that a hit needs");
	if (TYPE_INST != TYPE_DATA)
		KUNIT_EXPECT_EQ(test, set_word(0, 0), -EINVAL);
}

/* ---- who may have how many ---- */

static void test_fill_all(struct kunit *test)
{
	int slots = hw_breakpoint_slots(TYPE_DATA), n;

	n = fill(ALL, HW_BREAKPOINT_W, 0);
	KUNIT_EXPECT_EQ(test, n, slots);
	KUNIT_EXPECT_EQ(test, reserve(n, ALL, HW_BREAKPOINT_W, 0), -ENOSPC);
	KUNIT_EXPECT_EQ(test, reserve(n, there, HW_BREAKPOINT_W, 0), -ENOSPC);
	KUNIT_EXPECT_EQ(test, reserve(n, there, HW_BREAKPOINT_W,
				      HW_BREAKPOINT_TAKE), -ENOSPC);
	KUNIT_EXPECT_FALSE(test, watchers[n].bp.granted);
	release(0);
	KUNIT_EXPECT_EQ(test, reserve(n, there, HW_BREAKPOINT_RW, 0), 0);
	KUNIT_EXPECT_EQ(test, reserve(0, ALL, HW_BREAKPOINT_W, 0), -ENOSPC);
	release(n);
	KUNIT_EXPECT_EQ(test, reserve(0, ALL, HW_BREAKPOINT_W, 0), 0);
}

/* Where one CPU is full the others are left as they were. */
static void test_fill_one(struct kunit *test)
{
	int slots = hw_breakpoint_slots(TYPE_DATA), i;

	needs_second_cpu(test);
	KUNIT_EXPECT_EQ(test, fill(there, HW_BREAKPOINT_W, 0), slots);
	KUNIT_EXPECT_EQ(test, reserve(slots, ALL, HW_BREAKPOINT_W, 0), -ENOSPC);
	for (i = 0; i < slots; i++)
		release(i);
	KUNIT_EXPECT_EQ(test, room(here), slots);
	KUNIT_EXPECT_EQ(test, room(there), slots);
	KUNIT_EXPECT_EQ(test, room(ALL), slots);
}

static void test_pools(struct kunit *test)
{
	int n = fill(ALL, HW_BREAKPOINT_W, 0);

	if (TYPE_INST == TYPE_DATA)
		kunit_skip(test, "one pool");
	KUNIT_EXPECT_EQ(test, reserve(n, ALL, HW_BREAKPOINT_X, 0), 0);
	release(n);
	release_all();
	KUNIT_EXPECT_EQ(test, fill(ALL, HW_BREAKPOINT_X, 0),
			hw_breakpoint_slots(TYPE_INST));
}

static struct perf_event *open_event(int word, int cpu, struct task_struct *tsk,
				     bool pinned)
{
	struct perf_event_attr attr;
	struct perf_event *bp;

	hw_breakpoint_init(&attr);
	attr.bp_addr = (unsigned long)&data.word[word];
	attr.bp_type = HW_BREAKPOINT_W;
	attr.bp_len = sizeof(long);
	attr.sample_period = 0;
	attr.pinned = pinned;
	bp = perf_event_create_kernel_counter(&attr, cpu, tsk, NULL, NULL);
	if (!IS_ERR(bp))
		events[nr_events++] = bp;
	return bp;
}

/* One event of @cpu for each slot, of which the last ones are flexible. */
static void fill_with_events(struct kunit *test, int cpu, int flexible)
{
	int slots = hw_breakpoint_slots(TYPE_DATA), i;

	for (i = 0; i < slots; i++)
		KUNIT_ASSERT_FALSE(test, IS_ERR(open_event(i, cpu, NULL,
							   i < slots - flexible)));
}

static void close_events(void)
{
	while (nr_events)
		unregister_hw_breakpoint(events[--nr_events]);
}

static void test_beside_perf(struct kunit *test)
{
	int slots = hw_breakpoint_slots(TYPE_DATA);

	fill_with_events(test, here, 0);
	KUNIT_EXPECT_EQ(test, reserve(0, ALL, HW_BREAKPOINT_W, 0), -ENOSPC);
	KUNIT_EXPECT_EQ(test, reserve(0, here, HW_BREAKPOINT_W, 0), -ENOSPC);
	if (there != here)
		KUNIT_EXPECT_EQ(test, room(there), slots);
	unregister_hw_breakpoint(events[--nr_events]);
	KUNIT_EXPECT_EQ(test, room(ALL), 1);
	KUNIT_EXPECT_EQ(test, reserve(0, ALL, HW_BREAKPOINT_W, 0), 0);
	KUNIT_EXPECT_EQ(test, PTR_ERR(open_event(0, here, NULL, true)), -ENOSPC);
	KUNIT_EXPECT_EQ(test, PTR_ERR(open_event(0, -1, current, true)), -ENOSPC);
}

static void test_perf_beside_debuggers(struct kunit *test)
{
	int slots = hw_breakpoint_slots(TYPE_DATA);

	KUNIT_ASSERT_EQ(test, fill(ALL, HW_BREAKPOINT_W, 0), slots);
	KUNIT_EXPECT_EQ(test, PTR_ERR(open_event(0, here, NULL, true)), -ENOSPC);
	KUNIT_EXPECT_EQ(test, PTR_ERR(open_event(0, -1, current, true)), -ENOSPC);
	release(0);
	KUNIT_EXPECT_FALSE(test, IS_ERR(open_event(0, -1, current, true)));
	KUNIT_EXPECT_EQ(test, reserve(0, there, HW_BREAKPOINT_W, 0), -ENOSPC);
}

static void test_holders(struct kunit *test)
{
	struct hw_breakpoint_holder h[3] = { };

	KUNIT_EXPECT_EQ(test, hw_breakpoint_debug_holders(here, HW_BREAKPOINT_W,
							  h, 3), 0);
	KUNIT_ASSERT_FALSE(test, IS_ERR(open_event(1, here, NULL, true)));
	KUNIT_ASSERT_EQ(test, watch_word(0, ALL, 0), 0);

	KUNIT_EXPECT_EQ(test, hw_breakpoint_debug_holders(here, HW_BREAKPOINT_W,
							  h, 1), 1);
	KUNIT_EXPECT_EQ(test, hw_breakpoint_debug_holders(here, HW_BREAKPOINT_W,
							  h, 3), 2);
	KUNIT_EXPECT_STREQ(test, h[0].comm, "kunit");
	KUNIT_EXPECT_EQ(test, h[0].pid, 0);
	KUNIT_EXPECT_EQ(test, h[0].cpu, ALL);
	KUNIT_EXPECT_EQ(test, h[0].addr, (unsigned long)&data.word[0]);
	KUNIT_EXPECT_EQ(test, h[0].type, HW_BREAKPOINT_W);
	KUNIT_EXPECT_STREQ(test, h[1].comm, current->comm);
	KUNIT_EXPECT_EQ(test, h[1].cpu, here);
	KUNIT_EXPECT_EQ(test, h[1].addr, (unsigned long)&data.word[1]);
	if (there != here)
		KUNIT_EXPECT_EQ(test, hw_breakpoint_debug_holders(there,
								  HW_BREAKPOINT_W,
								  h, 3), 1);
}

/* ---- hits ---- */

static void test_one_cpu(struct kunit *test)
{
	needs_second_cpu(test);
	KUNIT_ASSERT_EQ(test, watch_word(0, there, 0), 0);
	hw_breakpoint_debug_flush();
	expect_hits(test, there, 0);
	KUNIT_EXPECT_EQ(test, hits_on(here, 0, 0), 0);
	release(0);
	hw_breakpoint_debug_flush();
	expect_silence(test, 0);
}

static void test_all_slots(struct kunit *test)
{
	int slots = hw_breakpoint_slots(TYPE_DATA), cpu, i;

	for (i = 0; i < slots; i++)
		KUNIT_ASSERT_EQ(test, watch_word(i, ALL, 0), 0);
	hw_breakpoint_debug_flush();
	for_each_online_cpu(cpu) {
		unsigned long seen = 0;

		for (i = 0; i < slots; i++) {
			expect_hits(test, cpu, i);
			seen |= BIT(watchers[i].slot);
		}
		KUNIT_EXPECT_EQ(test, hweight_long(seen), slots);
	}
}

static noinline int called(void *unused)
{
	/* Not to be merged with other functions, nor left out. */
	barrier();
	return 0;
}

static int call(void *unused)
{
	int i;

	for (i = 0; i < WRITES; i++)
		called(NULL);
	return 0;
}

static void test_code(struct kunit *test)
{
	int cpu;

	KUNIT_ASSERT_EQ(test, reserve(0, ALL, HW_BREAKPOINT_X, 0), 0);
	KUNIT_ASSERT_EQ(test, hw_breakpoint_debug_set(&watchers[0].bp,
						      (unsigned long)called, 0,
						      HW_BREAKPOINT_X), 0);
	hw_breakpoint_debug_flush();
	for_each_online_cpu(cpu) {
		atomic_set(&watchers[0].hits, 0);
		smp_call_on_cpu(cpu, call, NULL, false);
		KUNIT_EXPECT_EQ(test, atomic_read(&watchers[0].hits), WRITES);
		KUNIT_EXPECT_EQ(test, watchers[0].cpu, cpu);
	}
}

static void test_beside_event(struct kunit *test)
{
	u64 enabled, running;
	struct perf_event *bp = open_event(1, here, NULL, true);

	KUNIT_ASSERT_FALSE(test, IS_ERR(bp));
	KUNIT_ASSERT_EQ(test, watch_word(0, here, 0), 0);
	hw_breakpoint_debug_flush();
	expect_hits(test, here, 0);
	KUNIT_EXPECT_EQ(test, hits_on(here, 0, 1), 0);
	KUNIT_EXPECT_EQ(test, perf_event_read_value(bp, &enabled, &running), WRITES);
	KUNIT_EXPECT_EQ(test, enabled, running);
}

/* Nobody waits for the other CPUs here. */
static void test_others_follow(struct kunit *test)
{
	unsigned long end = jiffies + PATIENCE;

	KUNIT_ASSERT_EQ(test, watch_word(0, ALL, 0), 0);
	while (hits_on(there, 0, 0) != WRITES && time_before(jiffies, end))
		msleep(20);
	expect_hits(test, there, 0);
	clear(0);
	while (hits_on(there, 0, 0) && time_before(jiffies, end))
		msleep(20);
	expect_silence(test, 0);
}

/* What changes in a silent section is right after it, not before. */
static int change_in_silence(void *hits)
{
	atomic_t *count = &watchers[0].hits;
	int *n = hits;

	local_irq_disable();
	atomic_set(count, 0);
	hw_breakpoint_silence();
	n[0] = set_word(0, 0);
	write_word(&data.word[0]);
	n[1] = atomic_read(count);
	hw_breakpoint_unsilence();
	write_word(&data.word[0]);
	n[2] = atomic_read(count);
	hw_breakpoint_silence();
	hw_breakpoint_silence();
	release(0);
	hw_breakpoint_unsilence();
	write_word(&data.word[0]);
	hw_breakpoint_unsilence();
	write_word(&data.word[0]);
	n[3] = atomic_read(count);
	local_irq_enable();
	return 0;
}

static void test_silence(struct kunit *test)
{
	int n[4] = { };

	KUNIT_ASSERT_EQ(test, reserve(0, ALL, HW_BREAKPOINT_W, 0), 0);
	smp_call_on_cpu(there, change_in_silence, n, false);
	KUNIT_EXPECT_EQ(test, n[0], 0);
	KUNIT_EXPECT_EQ(test, n[1], 0);
	KUNIT_EXPECT_EQ(test, n[2], WRITES);
	KUNIT_EXPECT_EQ(test, n[3], WRITES);
}

/* ---- contexts ---- */

static int result;

static void reserve_and_set(void)
{
	result = watch_word(0, ALL, 0);
}

static void clear_and_set(void)
{
	clear(0);
	result = set_word(0, 0);
}

static void refuse_and_release(void)
{
	result = reserve(0, ALL, HW_BREAKPOINT_W, 0);
	release(0);
}

static void call_it(void *fn)
{
	((void (*)(void))fn)();
}

static bool call_in_irq(struct kunit *test, int cpu, void (*fn)(void))
{
	return !smp_call_function_single(cpu, call_it, fn, 1);
}

static void (*nmi_fn)(void);
static atomic_t nmi_wanted;

/* 1: wanted; 2: now; 0: done; -1: it was no NMI */
static void nmi_step(void)
{
	if (atomic_cmpxchg(&nmi_wanted, 1, in_nmi() ? 2 : -1) == 1 && in_nmi()) {
		nmi_fn();
		atomic_set_release(&nmi_wanted, 0);
	}
}

static bool nmi_was_seen(void)
{
	unsigned long end = jiffies + PATIENCE;

	while (atomic_read_acquire(&nmi_wanted) > 0 && time_before(jiffies, end))
		msleep(20);
	return !atomic_read(&nmi_wanted);
}

#ifdef CONFIG_X86
static int nmi_cpu;

static int on_nmi(unsigned int type, struct pt_regs *regs)
{
	if (smp_processor_id() != nmi_cpu || !atomic_read(&nmi_wanted))
		return NMI_DONE;
	nmi_step();
	return NMI_HANDLED;
}

static bool call_in_nmi(struct kunit *test, int cpu, void (*fn)(void))
{
	bool seen;

	nmi_cpu = cpu;
	nmi_fn = fn;
	atomic_set(&nmi_wanted, 1);
	if (register_nmi_handler(NMI_LOCAL, on_nmi, 0, "hwbp_kunit"))
		return false;
	__apic_send_IPI(cpu, NMI_VECTOR);
	seen = nmi_was_seen();
	unregister_nmi_handler(NMI_LOCAL, "hwbp_kunit");
	return seen;
}
#else
static void on_overflow(struct perf_event *bp, struct perf_sample_data *unused,
			struct pt_regs *regs)
{
	nmi_step();
}

/* A counter's overflow, which GIC priorities may make an NMI. */
static bool call_in_nmi(struct kunit *test, int cpu, void (*fn)(void))
{
	struct perf_event_attr attr = {
		.type		= PERF_TYPE_HARDWARE,
		.config		= PERF_COUNT_HW_CPU_CYCLES,
		.size		= sizeof(attr),
		.sample_period	= 1000000,
		.pinned		= 1,
	};
	struct perf_event *counter;
	bool seen;

	nmi_fn = fn;
	atomic_set(&nmi_wanted, 1);
	counter = perf_event_create_kernel_counter(&attr, cpu, NULL, on_overflow,
						   NULL);
	if (IS_ERR(counter))
		kunit_skip(test, "no counter");
	seen = nmi_was_seen();
	perf_event_release_kernel(counter);
	if (!seen)
		kunit_skip(test, "the counter's interrupt is no NMI");
	return seen;
}
#endif

static void from_context(struct kunit *test, int cpu,
			 bool (*call_in)(struct kunit *, int, void (*)(void)))
{
	KUNIT_ASSERT_TRUE(test, call_in(test, cpu, reserve_and_set));
	KUNIT_EXPECT_EQ(test, result, 0);
	hw_breakpoint_debug_flush();
	expect_hits_everywhere(test, 0);
	KUNIT_ASSERT_TRUE(test, call_in(test, cpu, clear_and_set));
	KUNIT_EXPECT_EQ(test, result, 0);
	hw_breakpoint_debug_flush();
	expect_hits_everywhere(test, 0);
	KUNIT_ASSERT_TRUE(test, call_in(test, cpu, refuse_and_release));
	KUNIT_EXPECT_EQ(test, result, -EBUSY);
	hw_breakpoint_debug_flush();
	expect_silence(test, 0);
	KUNIT_EXPECT_EQ(test, room(ALL), hw_breakpoint_slots(TYPE_DATA));
}

static void test_from_irq(struct kunit *test)
{
	from_context(test, here, call_in_irq);
	from_context(test, there, call_in_irq);
}

static void test_from_nmi(struct kunit *test)
{
	from_context(test, here, call_in_nmi);
	from_context(test, there, call_in_nmi);
}

/* ---- CPUs that come and go ---- */

static void test_set_while_down(struct kunit *test)
{
	needs_second_cpu(test);
	KUNIT_ASSERT_EQ(test, remove_cpu(there), 0);
	KUNIT_EXPECT_EQ(test, watch_word(0, ALL, 0), 0);
	KUNIT_EXPECT_EQ(test, watch_word(1, there, 0), 0);
	KUNIT_ASSERT_EQ(test, add_cpu(there), 0);
	expect_hits_everywhere(test, 0);
	expect_hits(test, there, 1);
	KUNIT_EXPECT_EQ(test, hits_on(here, 1, 1), 0);
}

static void test_goes_and_comes(struct kunit *test)
{
	needs_second_cpu(test);
	KUNIT_ASSERT_EQ(test, watch_word(0, ALL, 0), 0);
	KUNIT_ASSERT_EQ(test, watch_word(1, ALL, 0), 0);
	KUNIT_ASSERT_EQ(test, watch_word(2, there, 0), 0);
	KUNIT_ASSERT_EQ(test, remove_cpu(there), 0);
	KUNIT_EXPECT_EQ(test, set_word(0, 3), 0);
	clear(1);
	release(2);
	expect_silence(test, 1);
	KUNIT_ASSERT_EQ(test, add_cpu(there), 0);
	KUNIT_EXPECT_EQ(test, hits_on(there, 0, 3), WRITES);
	expect_silence(test, 0);
	expect_silence(test, 1);
	expect_silence(test, 2);
}

/* A CPU that is down has as many slots as others. */
static void test_room_while_down(struct kunit *test)
{
	int slots = hw_breakpoint_slots(TYPE_DATA);

	needs_second_cpu(test);
	KUNIT_ASSERT_EQ(test, remove_cpu(there), 0);
	KUNIT_EXPECT_EQ(test, fill(there, HW_BREAKPOINT_W, 0), slots);
	KUNIT_EXPECT_EQ(test, reserve(slots, ALL, HW_BREAKPOINT_W, 0), -ENOSPC);
	KUNIT_ASSERT_EQ(test, add_cpu(there), 0);
	KUNIT_EXPECT_EQ(test, PTR_ERR(open_event(0, there, NULL, true)), -ENOSPC);
	release(0);
	KUNIT_EXPECT_FALSE(test, IS_ERR(open_event(0, there, NULL, true)));
}

/* ---- slots that are taken from perf ---- */

static enum perf_event_state state_of(struct perf_event *bp)
{
	return READ_ONCE(bp->state);
}

static bool comes_into(struct perf_event *bp, enum perf_event_state state)
{
	unsigned long end = jiffies + PATIENCE;

	while (state_of(bp) != state && time_before(jiffies, end))
		msleep(20);
	return state_of(bp) == state;
}

static bool stands_still(struct perf_event *bp)
{
	u64 enabled, running, later_enabled, later_running;

	perf_event_read_value(bp, &enabled, &running);
	msleep(20);
	perf_event_read_value(bp, &later_enabled, &later_running);
	return later_running == running && later_enabled > enabled;
}

/*
 * Where the TSC is of no use (no ACPI, nothing to calibrate it by) perf's clock goes by ticks,
 * and may show what it showed when the event was opened.
 */
static bool has_run(struct perf_event *bp)
{
	unsigned long end = jiffies + PATIENCE;
	u64 enabled, running;

	do {
		perf_event_read_value(bp, &enabled, &running);
		if (running)
			return true;
		msleep(20);
	} while (time_before(jiffies, end));
	return false;
}

static bool always_ran(struct perf_event *bp)
{
	u64 enabled, running;

	if (!has_run(bp))
		return false;
	perf_event_read_value(bp, &enabled, &running);
	return running == enabled;
}

static int counted(struct kunit *test, struct perf_event *bp, int word)
{
	u64 enabled, running, before;

	before = perf_event_read_value(bp, &enabled, &running);
	smp_call_on_cpu(here, write_word, &data.word[word], false);
	return perf_event_read_value(bp, &enabled, &running) - before;
}

/* The flexible one loses its slot, is told so by its times, and gets it back. */
static void test_take_flexible(struct kunit *test)
{
	int last = hw_breakpoint_slots(TYPE_DATA) - 1, i;

	fill_with_events(test, here, 1);
	KUNIT_EXPECT_EQ(test, counted(test, events[last], last), WRITES);
	KUNIT_EXPECT_TRUE(test, has_run(events[last]));
	KUNIT_ASSERT_EQ(test, reserve(SLOTS, here, HW_BREAKPOINT_W,
				      HW_BREAKPOINT_TAKE), 0);
	KUNIT_EXPECT_TRUE(test, always_ran(events[last]));
	KUNIT_ASSERT_EQ(test, set_word(SLOTS, SLOTS), 0);
	hw_breakpoint_debug_flush();
	expect_hits(test, here, SLOTS);

	KUNIT_EXPECT_TRUE(test, comes_into(events[last], PERF_EVENT_STATE_INACTIVE));
	KUNIT_EXPECT_TRUE(test, stands_still(events[last]));
	KUNIT_EXPECT_EQ(test, counted(test, events[last], last), 0);
	for (i = 0; i < last; i++) {
		KUNIT_EXPECT_EQ(test, counted(test, events[i], i), WRITES);
		KUNIT_EXPECT_TRUE(test, always_ran(events[i]));
	}

	release(SLOTS);
	KUNIT_EXPECT_TRUE(test, comes_into(events[last], PERF_EVENT_STATE_ACTIVE));
	KUNIT_EXPECT_EQ(test, counted(test, events[last], last), WRITES);
	KUNIT_EXPECT_FALSE(test, always_ran(events[last]));
	KUNIT_EXPECT_EQ(test, hits_on(here, SLOTS, SLOTS), 0);
}

/* A pinned event waits, too: it is no error of its own that it finds no slot. */
static void test_take_pinned(struct kunit *test)
{
	int slots = hw_breakpoint_slots(TYPE_DATA), i, lost = -1;

	fill_with_events(test, here, 0);
	KUNIT_ASSERT_EQ(test, reserve(SLOTS, ALL, HW_BREAKPOINT_W,
				      HW_BREAKPOINT_TAKE), 0);
	KUNIT_ASSERT_EQ(test, set_word(SLOTS, SLOTS), 0);
	hw_breakpoint_debug_flush();
	expect_hits(test, here, SLOTS);
	msleep(20);
	for (i = 0; i < slots; i++) {
		if (state_of(events[i]) == PERF_EVENT_STATE_ACTIVE)
			continue;
		KUNIT_EXPECT_EQ(test, lost, -1);
		lost = i;
	}
	KUNIT_ASSERT_GE(test, lost, 0);
	KUNIT_EXPECT_TRUE(test, comes_into(events[lost], PERF_EVENT_STATE_INACTIVE));
	KUNIT_EXPECT_EQ(test, counted(test, events[lost], lost), 0);

	release(SLOTS);
	KUNIT_EXPECT_TRUE(test, comes_into(events[lost], PERF_EVENT_STATE_ACTIVE));
	KUNIT_EXPECT_EQ(test, counted(test, events[lost], lost), WRITES);
}

/* An event of a task, which the debugger's CPU runs only now and then. */
static void test_take_from_task(struct kunit *test)
{
	int slots = hw_breakpoint_slots(TYPE_DATA), i;
	u64 enabled, running, before;

	for (i = 0; i < slots; i++)
		KUNIT_ASSERT_FALSE(test, IS_ERR(open_event(i, -1, current, i)));
	KUNIT_EXPECT_EQ(test, reserve(SLOTS, ALL, HW_BREAKPOINT_W, 0), -ENOSPC);
	KUNIT_ASSERT_EQ(test, reserve(SLOTS, ALL, HW_BREAKPOINT_W,
				      HW_BREAKPOINT_TAKE), 0);
	KUNIT_ASSERT_EQ(test, set_word(SLOTS, SLOTS), 0);
	hw_breakpoint_debug_flush();
	expect_hits_everywhere(test, SLOTS);
	KUNIT_EXPECT_TRUE(test, stands_still(events[0]));
	before = perf_event_read_value(events[0], &enabled, &running);
	write_word(&data.word[0]);
	KUNIT_EXPECT_EQ(test, perf_event_read_value(events[0], &enabled, &running),
			before);
	for (i = 1; i < slots; i++)
		KUNIT_EXPECT_TRUE(test, always_ran(events[i]));

	release(SLOTS);
	hw_breakpoint_debug_flush();
	KUNIT_EXPECT_TRUE(test, comes_into(events[0], PERF_EVENT_STATE_ACTIVE));
	write_word(&data.word[0]);
	KUNIT_EXPECT_EQ(test, perf_event_read_value(events[0], &enabled, &running),
			before + WRITES);
}

/* What is free is used first, whatever the debugger may take. */
static void test_take_nothing(struct kunit *test)
{
	struct perf_event *bp = open_event(0, here, NULL, false);

	KUNIT_ASSERT_FALSE(test, IS_ERR(bp));
	KUNIT_ASSERT_EQ(test, watch_word(1, ALL, HW_BREAKPOINT_TAKE), 0);
	hw_breakpoint_debug_flush();
	expect_hits_everywhere(test, 1);
	KUNIT_EXPECT_EQ(test, counted(test, bp, 0), WRITES);
	KUNIT_EXPECT_TRUE(test, always_ran(bp));
}

/* ---- suite ---- */

static int debug_init(struct kunit *test)
{
	struct hw_breakpoint_holder holder;
	int cpu;

	for_each_possible_cpu(cpu) {
		if (hw_breakpoint_debug_holders(cpu, HW_BREAKPOINT_W, &holder, 1) ||
		    hw_breakpoint_debug_holders(cpu, HW_BREAKPOINT_X, &holder, 1))
			kunit_skip(test, "somebody holds a breakpoint");
	}
	here = cpumask_first(cpu_online_mask);
	there = cpumask_next(here, cpu_online_mask);
	if (there >= (int)nr_cpu_ids)
		there = here;
	return 0;
}

static void debug_exit(struct kunit *test)
{
	struct hw_breakpoint_holder holder;

	if (!cpu_online(there))
		add_cpu(there);
	release_all();
	close_events();
	KUNIT_EXPECT_FALSE(test, hw_breakpoint_is_used());
	KUNIT_EXPECT_EQ(test, hw_breakpoint_debug_holders(here, HW_BREAKPOINT_W,
							  &holder, 1), 0);
}

static struct kunit_case debug_cases[] = {
	KUNIT_CASE(test_states),
	KUNIT_CASE(test_change),
	KUNIT_CASE(test_refused_reservations),
	KUNIT_CASE(test_refused_data),
	KUNIT_CASE(test_refused_code),
	KUNIT_CASE(test_fill_all),
	KUNIT_CASE(test_fill_one),
	KUNIT_CASE(test_pools),
	KUNIT_CASE(test_beside_perf),
	KUNIT_CASE(test_perf_beside_debuggers),
	KUNIT_CASE(test_holders),
	KUNIT_CASE(test_one_cpu),
	KUNIT_CASE(test_all_slots),
	KUNIT_CASE(test_code),
	KUNIT_CASE(test_beside_event),
	KUNIT_CASE(test_others_follow),
	KUNIT_CASE(test_silence),
	KUNIT_CASE(test_from_irq),
	KUNIT_CASE(test_from_nmi),
	KUNIT_CASE(test_set_while_down),
	KUNIT_CASE(test_goes_and_comes),
	KUNIT_CASE(test_room_while_down),
	KUNIT_CASE(test_take_flexible),
	KUNIT_CASE(test_take_pinned),
	KUNIT_CASE(test_take_from_task),
	KUNIT_CASE(test_take_nothing),
	{ }
};

static struct kunit_suite debug_suite = {
	.name		= "hw_breakpoint_debug",
	.init		= debug_init,
	.exit		= debug_exit,
	.test_cases	= debug_cases,
};

kunit_test_suite(debug_suite);
