// SPDX-License-Identifier: GPL-2.0
/*
 * A debugger in NMIs that come at any moment.
 *
 * Each NMI takes a breakpoint or two and reserves, sets, changes, clears or
 * releases it at random, on all CPUs or on one, and looks whether the answer and
 * what the layer says of it agree with what has been done so far. Meanwhile a
 * thread takes one after the other away from the NMIs, does what the breakpoint
 * watches, on some CPU, and counts the hits.
 *
 *	/sys/module/hwbp_storm/parameters/counts	what has happened; what should
 *							not have is "failures"
 */
#define pr_fmt(fmt) "hwbp_storm: " fmt

#include <linux/atomic.h>
#include <linux/cpu.h>
#include <linux/cpumask.h>
#include <linux/delay.h>
#include <linux/err.h>
#include <linux/hw_breakpoint.h>
#include <linux/hw_breakpoint_debug.h>
#include <linux/irqflags.h>
#include <linux/kernel.h>
#include <linux/kthread.h>
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/percpu.h>
#include <linux/preempt.h>
#include <linux/sched.h>
#include <linux/smp.h>
#include <linux/string.h>

#include "storm.h"

#define MAX_BPS		8
#define MAX_HOLDERS	32
#define TIMES		4
#define USER_ADDR	0x10000UL

static unsigned int breakpoints = 4;
module_param(breakpoints, uint, 0400);
MODULE_PARM_DESC(breakpoints, "number of breakpoints, at most 8");

static unsigned int take;
module_param(take, uint, 0400);
MODULE_PARM_DESC(take, "how many of 100 reservations may take slots from perf");

static unsigned int interval = 100;
module_param(interval, uint, 0400);
MODULE_PARM_DESC(interval, "mean time between NMIs of a CPU in us; 0: only from outside");

static unsigned int slots;
module_param(slots, uint, 0400);
MODULE_PARM_DESC(slots, "least number of slots that a CPU has of a type");

static unsigned long seed = 1;
module_param(seed, ulong, 0400);

static unsigned long layer_start, layer_end;
module_param(layer_start, ulong, 0400);
module_param(layer_end, ulong, 0400);
MODULE_PARM_DESC(layer_end, "code in which NMIs are counted by themselves");

static unsigned long guest_start, guest_end;
module_param(guest_start, ulong, 0400);
module_param(guest_end, ulong, 0400);
MODULE_PARM_DESC(guest_end, "code that NMIs interrupt which end a guest's run");

/**
 * struct storm_bp - a breakpoint, and what must be true of it
 * @bp: the breakpoint
 * @name: its owner's
 * @busy: some context has it
 * @probed: the thread has it, it may be hit
 * @hits: hits of the thread's
 * @addr: what it watches
 * @type: HW_BREAKPOINT_*, EMPTY: nothing
 * @reserved: HW_BREAKPOINT_* that it was reserved for
 */
struct storm_bp {
	struct hw_breakpoint_debug	bp;
	char				name[8];
	atomic_t			busy;
	bool				probed;
	atomic_t			hits;
	unsigned long			addr;
	unsigned int			type;
	unsigned int			reserved;
};

static struct storm_bp bps[MAX_BPS];

/* Each breakpoint watches its own word, or the function that all have in common. */
static struct {
	unsigned long	word[MAX_BPS];
	unsigned long	unwatched;
} data __aligned(128);

static struct task_struct *prober;
static u64 prober_random;

static DEFINE_PER_CPU(u64, nmi_random);
static DEFINE_PER_CPU(struct hw_breakpoint_holder [MAX_HOLDERS], holders);

/* ---- what has happened ---- */

enum {
	NMIS, UNASKED, NO_NMIS, IN_USER, IN_LAYER, IN_GUEST, RESERVED, TAKING, REFUSED, SET,
	REFUSED_SET, CLEARED, RELEASED, MET_BUSY, PROBED, HITS, FAILURES, NR_COUNTS
};

static const char * const count_names[NR_COUNTS] = {
	[NMIS]		= "nmis",
	[UNASKED]	= "nmis_from_outside",
	[NO_NMIS]	= "interrupts",
	[IN_USER]	= "in_user_mode",
	[IN_LAYER]	= "in_layer",
	[IN_GUEST]	= "in_guest",
	[RESERVED]	= "reserved",
	[TAKING]	= "reserved_taking",
	[REFUSED]	= "refused",
	[SET]		= "set",
	[REFUSED_SET]	= "refused_set",
	[CLEARED]	= "cleared",
	[RELEASED]	= "released",
	[MET_BUSY]	= "met_busy",
	[PROBED]	= "probed",
	[HITS]		= "hits",
	[FAILURES]	= "failures",
};

static atomic_long_t counts[NR_COUNTS];

static void count(int what)
{
	atomic_long_inc(&counts[what]);
}

static int counts_get(char *buffer, const struct kernel_param *kp)
{
	int i, n = 0;

	for (i = 0; i < NR_COUNTS; i++)
		n += sysfs_emit_at(buffer, n, "%s %ld\n", count_names[i],
				   atomic_long_read(&counts[i]));
	return n;
}

static const struct kernel_param_ops counts_ops = { .get = counts_get };
module_param_cb(counts, &counts_ops, NULL, 0400);

static void failed(const struct storm_bp *s, const char *what, long got)
{
	if (atomic_long_inc_return(&counts[FAILURES]) > 20)
		return;
	pr_err("%s: %s: %ld; granted %d, CPU %d, type %u, reserved for %u; on CPU %d%s\n",
	       s->name, what, got, s->bp.granted, s->bp.cpu, s->type, s->reserved,
	       raw_smp_processor_id(), in_nmi() ? ", NMI" : "");
}

static void expect(bool right, const struct storm_bp *s, const char *what, long got)
{
	if (!right)
		failed(s, what, got);
}

/* ---- helpers ---- */

/**
 * storm_random() - a number
 * @state: of the sequence, not 0
 * @below: at least 1
 *
 * Context: any.
 * Return: 0 to @below - 1.
 */
u32 storm_random(u64 *state, u32 below)
{
	u64 x = *state;

	x ^= x >> 12;
	x ^= x << 25;
	x ^= x >> 27;
	*state = x;
	return (x * 0x2545f4914f6cdd1dULL >> 33) % below;
}

static u32 nmi_below(u32 n)
{
	return storm_random(this_cpu_ptr(&nmi_random), n);
}

/* Nothing waits: who meets somebody else goes elsewhere. */
static bool get_bp(struct storm_bp *s)
{
	return !atomic_cmpxchg_acquire(&s->busy, 0, 1);
}

static void put_bp(struct storm_bp *s)
{
	atomic_set_release(&s->busy, 0);
}

static int random_cpu(u64 *state)
{
	return cpumask_nth(storm_random(state, num_possible_cpus()),
			   cpu_possible_mask);
}

static noinline int called(void)
{
	/* Not to be left out. */
	barrier();
	return 0;
}

static bool is_code(unsigned int type)
{
	return type == HW_BREAKPOINT_X;
}

static bool one_pool(void)
{
	return (int)TYPE_INST == (int)TYPE_DATA;
}

/* ---- in the NMI ---- */

/*
 * A debugger that takes slots is refused only for other debuggers. They have one
 * for each breakpoint here at most.
 */
static bool must_be_granted(unsigned int flags)
{
	return flags & HW_BREAKPOINT_TAKE && breakpoints <= slots;
}

static void try_reserve(struct storm_bp *s)
{
	static const u8 types[] = {
		HW_BREAKPOINT_X, HW_BREAKPOINT_W, HW_BREAKPOINT_RW,
	};
	unsigned int flags = nmi_below(100) < take ? HW_BREAKPOINT_TAKE : 0;
	unsigned int type = types[nmi_below(ARRAY_SIZE(types))];
	int cpu = HW_BREAKPOINT_ALL_CPUS, ret;

	if (nmi_below(2))
		cpu = random_cpu(this_cpu_ptr(&nmi_random));
	ret = hw_breakpoint_debug_reserve(&s->bp, cpu, type, flags);
	expect(!ret || ret == -ENOSPC, s, "reserve", ret);
	expect(!ret || !must_be_granted(flags), s, "reserve, taking", ret);
	expect(s->bp.granted == !ret, s, "granted after reserve", ret);
	count(ret ? REFUSED : flags ? TAKING : RESERVED);
	s->reserved = type;
	s->type = HW_BREAKPOINT_EMPTY;
	s->addr = 0;
}

static void reserve_again(struct storm_bp *s)
{
	int ret = hw_breakpoint_debug_reserve(&s->bp, HW_BREAKPOINT_ALL_CPUS,
					      HW_BREAKPOINT_W, 0);

	expect(ret == -EBUSY, s, "reserve again", ret);
}

static void set(struct storm_bp *s)
{
	bool code = one_pool() ? nmi_below(3) == 0 : is_code(s->reserved);
	unsigned int type = nmi_below(2) ? HW_BREAKPOINT_W : HW_BREAKPOINT_RW;
	unsigned long addr = (unsigned long)&data.word[s - bps];
	int ret;

	if (code) {
		type = HW_BREAKPOINT_X;
		addr = (unsigned long)called;
	}
	ret = hw_breakpoint_debug_set(&s->bp, addr, sizeof(long), type);
	expect(!ret, s, "set", ret);
	if (ret)
		return;
	count(SET);
	s->addr = addr;
	s->type = type;
}

/* Afterwards it watches what it did before. */
static void set_wrongly(struct storm_bp *s)
{
	unsigned long word = (unsigned long)&data.word[s - bps];
	unsigned int type = is_code(s->reserved) ? HW_BREAKPOINT_X : HW_BREAKPOINT_W;
	int ret;

	switch (nmi_below(3)) {
	case 0:
		ret = hw_breakpoint_debug_set(&s->bp, USER_ADDR, sizeof(long), type);
		break;
	case 1:
		ret = hw_breakpoint_debug_set(&s->bp, word + 1, sizeof(long),
					      HW_BREAKPOINT_W);
		break;
	default:
		ret = hw_breakpoint_debug_set(&s->bp, word, sizeof(long),
					      HW_BREAKPOINT_EMPTY);
		break;
	}
	expect(ret == -EINVAL, s, "wrong set", ret);
	count(REFUSED_SET);
}

static void clear(struct storm_bp *s)
{
	hw_breakpoint_debug_clear(&s->bp);
	count(CLEARED);
	s->addr = 0;
	s->type = HW_BREAKPOINT_EMPTY;
}

static void release(struct storm_bp *s)
{
	hw_breakpoint_debug_release(&s->bp);
	expect(!s->bp.granted, s, "granted after release", 1);
	count(RELEASED);
	s->addr = 0;
	s->type = HW_BREAKPOINT_EMPTY;
}

static void act(struct storm_bp *s)
{
	if (!s->bp.granted) {
		try_reserve(s);
		return;
	}
	switch (nmi_below(10)) {
	case 0:
	case 1:
		release(s);
		break;
	case 2:
		clear(s);
		break;
	case 3:
		set_wrongly(s);
		break;
	case 4:
		reserve_again(s);
		break;
	case 5:
		hw_breakpoint_debug_sync();
		break;
	default:
		set(s);
		break;
	}
}

/* Return: how often it is among the first @n holders that were found. */
static int times_found(const struct storm_bp *s, unsigned int n)
{
	const struct hw_breakpoint_holder *h = *this_cpu_ptr(&holders);
	int found = 0;

	for (; n; n--, h++) {
		if (strcmp(h->comm, s->name))
			continue;
		found++;
		expect(h->cpu == s->bp.cpu && h->addr == s->addr && h->type == s->type,
		       s, "listed for another aim, of type", h->type);
	}
	return found;
}

/* On each of its CPUs it is in the list once, and nowhere else. */
static void check_listed(struct storm_bp *s)
{
	int cpu = random_cpu(this_cpu_ptr(&nmi_random)), found;
	bool there = s->bp.granted && (s->bp.cpu == cpu ||
				       s->bp.cpu == HW_BREAKPOINT_ALL_CPUS);
	unsigned int n;

	if (!s->reserved)
		return;
	n = hw_breakpoint_debug_holders(cpu, s->reserved, *this_cpu_ptr(&holders),
					MAX_HOLDERS);
	found = times_found(s, n);
	expect(found == there, s, there ? "not listed once" : "listed", found);
}

static void count_nmi(struct pt_regs *regs, bool unasked)
{
	unsigned long ip = instruction_pointer(regs);

	count(in_nmi() ? NMIS : NO_NMIS);
	if (unasked)
		count(UNASKED);
	if (user_mode(regs))
		count(IN_USER);
	else if (ip >= layer_start && ip < layer_end)
		count(IN_LAYER);
	else if (ip >= guest_start && ip < guest_end)
		count(IN_GUEST);
}

/**
 * storm_step() - what a debugger does in an NMI
 * @regs: registers of the NMI
 * @unasked: nobody here has asked for it
 *
 * Context: NMI, or interrupt.
 */
void storm_step(struct pt_regs *regs, bool unasked)
{
	int n = 1 + nmi_below(2);

	count_nmi(regs, unasked);
	while (n--) {
		struct storm_bp *s = &bps[nmi_below(breakpoints)];

		if (!get_bp(s)) {
			count(MET_BUSY);
			continue;
		}
		act(s);
		check_listed(s);
		put_bp(s);
	}
}

/* ---- hits ---- */

/* Whoever calls the function hits all that watch it. */
static void on_hit(struct hw_breakpoint_debug *bp, struct pt_regs *regs,
		   int slot, unsigned int flags)
{
	struct storm_bp *s = container_of(bp, struct storm_bp, bp);

	expect(slot >= 0 && slot < HWBP_NR_SLOTS, s, "hit of slot", slot);
	if (!READ_ONCE(s->probed)) {
		expect(instruction_pointer(regs) == (unsigned long)called, s,
		       "stray hit of slot", slot);
		return;
	}
	expect(s->bp.cpu == HW_BREAKPOINT_ALL_CPUS ||
	       s->bp.cpu == smp_processor_id(), s, "hit on CPU", smp_processor_id());
	atomic_inc(&s->hits);
}

/* The emulator may report a hit again until another word has been written. */
static void write_word(unsigned long *word)
{
	unsigned long flags;

	local_irq_save(flags);
	WRITE_ONCE(*word, 1);
	barrier();
	WRITE_ONCE(data.unwatched, 0);
	local_irq_restore(flags);
}

static int probe_here(void *bp)
{
	struct storm_bp *s = bp;
	int i;

	atomic_set(&s->hits, 0);
	for (i = 0; i < TIMES; i++) {
		if (is_code(s->type))
			called();
		else
			write_word(&data.word[s - bps]);
	}
	return 0;
}

static int some_online_cpu(void)
{
	return cpumask_nth(storm_random(&prober_random, num_online_cpus()),
			   cpu_online_mask);
}

static void check_hits(struct storm_bp *s, int cpu)
{
	bool watched = s->type != HW_BREAKPOINT_EMPTY &&
		       (s->bp.cpu == HW_BREAKPOINT_ALL_CPUS || s->bp.cpu == cpu);
	int hits = atomic_read(&s->hits);

	expect(hits == (watched ? TIMES : 0), s, watched ? "hits" : "hits of nothing",
	       hits);
	count(PROBED);
	atomic_long_add(hits, &counts[HITS]);
}

/* The NMIs leave it alone meanwhile, and it is in force on all CPUs. */
static void probe(struct storm_bp *s)
{
	int cpu;

	WRITE_ONCE(s->probed, true);
	hw_breakpoint_debug_flush();
	cpus_read_lock();
	cpu = some_online_cpu();
	if (!smp_call_on_cpu(cpu, probe_here, s, false))
		check_hits(s, cpu);
	cpus_read_unlock();
	WRITE_ONCE(s->probed, false);
}

static int probe_all(void *unused)
{
	while (!kthread_should_stop()) {
		struct storm_bp *s = &bps[storm_random(&prober_random, breakpoints)];

		while (!get_bp(s))
			cond_resched();
		probe(s);
		put_bp(s);
		usleep_range(100, 1000);
	}
	return 0;
}

/* ---- module ---- */

static void prepare(void)
{
	int i, cpu;

	for (i = 0; i < MAX_BPS; i++) {
		snprintf(bps[i].name, sizeof(bps[i].name), "storm%d", i);
		bps[i].bp.owner = bps[i].name;
		bps[i].bp.hit = on_hit;
	}
	for_each_possible_cpu(cpu)
		per_cpu(nmi_random, cpu) = (seed + cpu) * 2654435761UL + 1;
	prober_random = seed * 2654435761UL + 1;
}

static void release_all(void)
{
	int i;

	for (i = 0; i < MAX_BPS; i++)
		hw_breakpoint_debug_release(&bps[i].bp);
	hw_breakpoint_debug_flush();
}

static int __init storm_init(void)
{
	int err;

	if (!breakpoints || breakpoints > MAX_BPS)
		return -EINVAL;
	prepare();
	prober = kthread_run(probe_all, NULL, "hwbp_storm");
	if (IS_ERR(prober))
		return PTR_ERR(prober);
	err = storm_start(interval);
	if (err)
		kthread_stop(prober);
	return err;
}
module_init(storm_init);

static void __exit storm_exit(void)
{
	int i;

	storm_stop();
	kthread_stop(prober);
	release_all();
	for (i = 0; i < NR_COUNTS; i++)
		pr_info("%s %ld\n", count_names[i], atomic_long_read(&counts[i]));
}
module_exit(storm_exit);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("A debugger in NMIs that come at any moment, for tests");
