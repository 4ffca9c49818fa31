// SPDX-License-Identifier: GPL-2.0
/*
 * Levels: the most slots that one task context holds, on any CPU and on each.
 *
 * Tasks open, fork and exit on all CPUs at once. What each context holds changes all the time, the
 * most that one holds seldom. So a CPU writes nothing that another CPU writes, too, unless the
 * most changes:
 *
 *	tallies		how many contexts have come to hold n slots, and how many have ceased
 *			to, each counted on the CPU that its task runs on. Only a task or a
 *			debugger that would be refused otherwise adds them up over all CPUs.
 *	a word		that all CPUs read: how many slots a context may hold without asking
 *			(@allowed), and how many everybody else has to leave it (@assumed)
 *
 * @assumed is never less than what some context holds, but may be more: it is lowered
 * only when it stands in somebody's way. States of a level, each change made by the one
 * function named:
 *
 *	settled		allowed = assumed
 *	raising		allowed < assumed: assumed is being checked against what CPUs
 *			and debuggers have			hwbp_level_assume()
 *	settled		with the greater number			hwbp_level_allow()
 *			with what was assumed before		hwbp_level_forgo()
 *	lowering	allowed < assumed: a context that comes now asks; those that came
 *			before are being counted			begin_lowering()
 *	settled		with the lesser number			end_lowering()
 *			as it was, when a context asks		hwbp_level_allow()
 *
 * One task at a time raises a level. Tasks and NMIs on any CPU lower it, at the same time, too,
 * or one in the middle of another. Each change of the word has a number: if the word is
 * changed in the middle of a lowering, that one has counted in vain and begins anew.
 *
 * A context that comes to hold more enters the tally first and then looks at @allowed
 * (level:A). One that lowers takes @allowed back first and then counts (level:B). So one of
 * the two sees the other: the context that comes asks, or the one that lowers counts it.
 */

#include <linux/atomic.h>
#include <linux/bitfield.h>
#include <linux/cpumask.h>
#include <linux/gfp.h>
#include <linux/minmax.h>
#include <linux/percpu.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/smp.h>
#include <linux/string.h>

#include "internal.h"

/* A count for 8192 CPUs has taken some 90 microseconds in the host tests. */
#define LOWER_AT_MOST	16

/* hwbp_assumed() reads the second one */
#define ALLOWED		GENMASK_ULL(15, 8)
#define ASSUMED		GENMASK_ULL(7, 0)
#define CHANGES		GENMASK_ULL(63, 16)

/**
 * struct hwbp_tally - contexts that hold a certain number of slots
 * @came: how many have come to hold it, modulo 2^32
 * @went: how many have ceased to
 *
 * One that came on one CPU may go on another, so only the sums mean anything.
 */
struct hwbp_tally {
	atomic_t	came;
	atomic_t	went;
};

/* By what contexts hold on any CPU; at [type][n - 1]. */
static DEFINE_PER_CPU_ALIGNED(struct hwbp_tally,
			      anywhere_tallies[TYPE_MAX][HWBP_MAX_PER_TYPE]);

#ifdef CONFIG_HAVE_HW_BREAKPOINT_BACKEND
/* What a debugger in an NMI reads. */
const struct hwbp_entry_data hwbp_level_entry_data[] = {
	HWBP_PER_CPU(anywhere_tallies),
	{ }
};
#endif

/*
 * By what contexts with events bound to a CPU hold there: a set for each CPU that counts,
 * which has tallies for each CPU that is counted for. A set is made when it is first
 * needed, and stays. Where all sets together would count for more than a million CPUs, which
 * is above 1024 of them, some CPUs share a set.
 */
#define COUNTED_AT_MOST		BIT(20)
#define SETS_AT_MOST		1024
static struct hwbp_tally *bound_tallies[SETS_AT_MOST];

static unsigned int nr_sets(void)
{
	return clamp(COUNTED_AT_MOST / nr_cpu_ids, 1, min(nr_cpu_ids, SETS_AT_MOST));
}

static unsigned int sizes_of(int type)
{
	return hwbp_totals[type].slots;
}

/* Tallies that a set has for each CPU */
static unsigned int sizes(void)
{
	unsigned int n = 0;
	int type;

	for (type = 0; type < TYPE_MAX; type++)
		n += sizes_of(type);
	return n;
}

static struct hwbp_tally *bound_tally(struct hwbp_tally *set, int cpu, int type,
				      unsigned int n)
{
	return &set[cpu * sizes() + (type == TYPE_INST ? 0 : sizes_of(TYPE_INST)) + n - 1];
}

static struct hwbp_tally **set_here(void)
{
	return &bound_tallies[raw_smp_processor_id() % nr_sets()];
}

/**
 * hwbp_level_prepare() - see that contexts' bound events can be counted
 *
 * Context: task context, may sleep.
 * Return: tallies to fall back on for a CPU that has none of its own, or NULL for want of
 * memory.
 */
struct hwbp_tally *hwbp_level_prepare(void)
{
	struct hwbp_tally **here = set_here(), *set = READ_ONCE(*here), *old;

	if (set)
		return set;
	set = kvcalloc(nr_cpu_ids, sizes() * sizeof(*set), GFP_KERNEL_ACCOUNT);
	if (!set)
		return NULL;
	old = cmpxchg(here, NULL, set);
	if (!old)
		return set;
	kvfree(set);
	return old;
}

static struct hwbp_level *level_of(int cpu, int type)
{
	return cpu == HWBP_ANYWHERE ? &hwbp_totals[type].anywhere :
				      &hwbp_cpu_account(cpu, type)->bound;
}

/* Where this CPU counts. The task may go elsewhere now; then it counts where it was. */
static struct hwbp_tally *tally_here(int cpu, int type, unsigned int n,
				     struct hwbp_tally *spare)
{
	if (cpu == HWBP_ANYWHERE)
		return raw_cpu_ptr(&anywhere_tallies[type][n - 1]);
	return bound_tally(READ_ONCE(*set_here()) ?: spare, cpu, type, n);
}

/* ---- counting ---- */

static u32 went_anywhere(int type, unsigned int n)
{
	u32 sum = 0;
	int cpu;

	for_each_possible_cpu(cpu)
		sum += atomic_read(&per_cpu(anywhere_tallies[type][n - 1], cpu).went);
	return sum;
}

static u32 came_anywhere(int type, unsigned int n)
{
	u32 sum = 0;
	int cpu;

	for_each_possible_cpu(cpu)
		sum += atomic_read(&per_cpu(anywhere_tallies[type][n - 1], cpu).came);
	return sum;
}

static u32 went_bound(int cpu, int type, unsigned int n)
{
	unsigned int i;
	u32 sum = 0;

	for (i = 0; i < nr_sets(); i++) {
		struct hwbp_tally *set = READ_ONCE(bound_tallies[i]);

		sum += set ? atomic_read(&bound_tally(set, cpu, type, n)->went) : 0;
	}
	return sum;
}

static u32 came_bound(int cpu, int type, unsigned int n)
{
	unsigned int i;
	u32 sum = 0;

	for (i = 0; i < nr_sets(); i++) {
		struct hwbp_tally *set = READ_ONCE(bound_tallies[i]);

		sum += set ? atomic_read(&bound_tally(set, cpu, type, n)->came) : 0;
	}
	return sum;
}

/*
 * Counts the contexts that went before those that came. Each that went came before, and tally:A
 * lets this CPU see that it came. So no context that stays is missed. If one is found that does
 * not stay, it has held @n slots at a moment since this began.
 */
static bool anybody_holds(int cpu, int type, unsigned int n)
{
	u32 went = cpu == HWBP_ANYWHERE ? went_anywhere(type, n) : went_bound(cpu, type, n);

	smp_rmb();	/* tally:B, pairs with tally:A */
	return went != (cpu == HWBP_ANYWHERE ? came_anywhere(type, n) :
					       came_bound(cpu, type, n));
}

/*
 * From the top: a context that comes to hold less meanwhile enters the lesser tally before it
 * leaves the greater, so it is found in one of them. For one that comes to hold more see level:A.
 */
static unsigned int count_most(int cpu, int type, unsigned int at_most)
{
	unsigned int n = at_most;

	while (n && !anybody_holds(cpu, type, n))
		n--;
	return n;
}

/* ---- the word ---- */

static u64 level_word(u64 old, unsigned int allowed, unsigned int assumed)
{
	return ((old & CHANGES) + (CHANGES & -CHANGES)) | FIELD_PREP(ALLOWED, allowed) |
	       FIELD_PREP(ASSUMED, assumed);
}

static unsigned int allowed_in(u64 word)
{
	return FIELD_GET(ALLOWED, word);
}

static unsigned int assumed_in(u64 word)
{
	return FIELD_GET(ASSUMED, word);
}

/* What a context may hold without asking; it may be less at any moment. */
static unsigned int allowed_now(int cpu, int type)
{
	return allowed_in(atomic64_read(&level_of(cpu, type)->word));
}

/**
 * hwbp_level_assumed() - how many slots do others have to leave a context?
 * @cpu: CPU that it has events bound to, or HWBP_ANYWHERE
 * @type: TYPE_INST or TYPE_DATA
 *
 * Context: any.
 * Return: the number, not less than what any context holds.
 */
unsigned int hwbp_level_assumed(int cpu, int type)
{
	return hwbp_assumed(level_of(cpu, type));
}

/* One more has come to hold @n slots, counted here */
static inline void came(int cpu, int type, unsigned int n, struct hwbp_tally *spare)
{
	/* level:A, value-returning and so a full barrier; pairs with level:B */
	atomic_inc_return(&tally_here(cpu, type, n, spare)->came);
}

/* One more has ceased to hold them */
static inline void went(int cpu, int type, unsigned int n, struct hwbp_tally *spare)
{
	/* tally:A, a full barrier for the sake of who came on another CPU; pairs with tally:B */
	atomic_inc_return(&tally_here(cpu, type, n, spare)->went);
}

/**
 * hwbp_level_enter() - a context comes to hold slots, if it may without asking
 * @cpu: CPU that it has events bound to, or HWBP_ANYWHERE
 * @type: TYPE_INST or TYPE_DATA
 * @n: how many it holds from now on; at least 1, and no more than there are
 * @spare: what hwbp_level_prepare() has returned, for @cpu
 * @counted: set if it has been counted with these slots
 *
 * A context that has been counted, and has to ask all the same, stays counted while it asks:
 * another task may have been refused because of it.
 *
 * Context: task context.
 * Return: true if it may.
 */
bool hwbp_level_enter(int cpu, int type, unsigned int n, struct hwbp_tally *spare,
		      bool *counted)
{
	if (n > allowed_now(cpu, type))
		return false;
	came(cpu, type, n, spare);
	*counted = true;
	return n <= allowed_now(cpu, type);
}

/**
 * hwbp_level_count() - a context holds slots
 * @cpu: CPU that it has events bound to, or HWBP_ANYWHERE
 * @type: TYPE_INST or TYPE_DATA
 * @n: how many, at least 1
 * @spare: what hwbp_level_prepare() has returned, for @cpu
 *
 * For a context that has asked, or that holds more already and is about to leave that tally.
 *
 * Context: task context.
 */
void hwbp_level_count(int cpu, int type, unsigned int n, struct hwbp_tally *spare)
{
	came(cpu, type, n, spare);
}

/**
 * hwbp_level_leave() - a context holds these slots no more
 * @cpu: CPU that it has events bound to, or HWBP_ANYWHERE
 * @type: TYPE_INST or TYPE_DATA
 * @n: how many they were, at least 1
 * @spare: what hwbp_level_prepare() has returned, for @cpu
 *
 * Context: task context.
 */
void hwbp_level_leave(int cpu, int type, unsigned int n, struct hwbp_tally *spare)
{
	went(cpu, type, n, spare);
}

/**
 * hwbp_level_fall() - a context holds fewer slots than it did
 * @cpu: CPU that it has events bound to, or HWBP_ANYWHERE
 * @type: TYPE_INST or TYPE_DATA
 * @old: how many it held, at least 1
 * @new: how many it holds, or 0
 * @spare: what hwbp_level_prepare() has returned, for @cpu
 *
 * It is counted with the lesser number before it leaves the greater, see count_most().
 *
 * Context: task context.
 */
void hwbp_level_fall(int cpu, int type, unsigned int old, unsigned int new,
		     struct hwbp_tally *spare)
{
	if (new)
		came(cpu, type, new, spare);
	went(cpu, type, old, spare);
}

/**
 * hwbp_level_assume() - others have to leave a context this many slots from now on
 * @cpu: CPU that it has events bound to, or HWBP_ANYWHERE
 * @type: TYPE_INST or TYPE_DATA
 * @n: how many; it has been counted with them
 *
 * settled -> raising
 *
 * Context: task context, with hwbp_raise_lock held.
 * Return: what was assumed before.
 */
unsigned int hwbp_level_assume(int cpu, int type, unsigned int n)
{
	atomic64_t *word = &level_of(cpu, type)->word;
	s64 old = atomic64_read(word);

	/* claims:A, a full barrier; pairs with claims:B */
	while (!atomic64_try_cmpxchg(word, &old,
				     level_word(old, allowed_in(old), max(assumed_in(old), n))))
		;
	return assumed_in(old);
}

/**
 * hwbp_level_allow() - contexts may hold as many slots as are assumed
 * @cpu: CPU that they have events bound to, or HWBP_ANYWHERE
 * @type: TYPE_INST or TYPE_DATA
 *
 * raising -> settled; or lowering -> settled, as it was
 *
 * Context: task context, with hwbp_raise_lock held.
 */
void hwbp_level_allow(int cpu, int type)
{
	atomic64_t *word = &level_of(cpu, type)->word;
	s64 old = atomic64_read(word);

	while (!atomic64_try_cmpxchg(word, &old, level_word(old, assumed_in(old),
							    assumed_in(old))))
		;
}

/**
 * hwbp_level_forgo() - what hwbp_level_assume() has raised is not to be had
 * @cpu: CPU that the context has events bound to, or HWBP_ANYWHERE
 * @type: TYPE_INST or TYPE_DATA
 * @before: what hwbp_level_assume() has returned
 *
 * raising -> settled, as it was
 *
 * Context: task context, with hwbp_raise_lock held.
 */
void hwbp_level_forgo(int cpu, int type, unsigned int before)
{
	atomic64_t *word = &level_of(cpu, type)->word;
	s64 old = atomic64_read(word);

	while (!atomic64_try_cmpxchg(word, &old, level_word(old, allowed_in(old),
							    min(assumed_in(old), before))))
		;
}

/*
 * settled -> lowering
 *
 * @word is the word that the count was made for; after success the word as it is now. Where no
 * more than @n is allowed the word stays as it is: two CPUs that lower at once would otherwise
 * make each other begin anew for ever.
 */
static bool begin_lowering(struct hwbp_level *level, s64 *word, unsigned int n)
{
	u64 next = allowed_in(*word) <= n ? *word : level_word(*word, n, assumed_in(*word));

	/* level:B, a full barrier; pairs with level:A */
	if (!atomic64_try_cmpxchg(&level->word, word, next))
		return false;
	*word = next;
	return true;
}

/*
 * Some context holds as many slots as are assumed. If another CPU, or what this NMI has
 * interrupted, is lowering the level all the same, it has counted before that context came. The
 * word is changed here so that it counts anew: somebody may be refused for these slots. If
 * nobody is lowering, the word stays as it is: CPUs that find the same would have each other
 * count anew.
 */
static bool keep_level(struct hwbp_level *level, s64 *word)
{
	u64 next = allowed_in(*word) < assumed_in(*word) ?
		   level_word(*word, allowed_in(*word), assumed_in(*word)) : *word;

	return !assumed_in(*word) || atomic64_try_cmpxchg(&level->word, word, next);
}

/* lowering -> settled, if nobody has changed anything meanwhile */
static bool end_lowering(struct hwbp_level *level, s64 *word, unsigned int n)
{
	return atomic64_try_cmpxchg(&level->word, word,
				    level_word(*word, min(allowed_in(*word), n), n));
}

/* Return: true if it is over, false if it is to be done again */
static bool lower(struct hwbp_level *level, s64 *word, int cpu, int type)
{
	unsigned int n = count_most(cpu, type, assumed_in(*word));

	if (n == assumed_in(*word))
		return keep_level(level, word);
	return begin_lowering(level, word, n) &&
	       count_most(cpu, type, assumed_in(*word)) <= n && end_lowering(level, word, n);
}

/**
 * hwbp_level_lower() - assume no more than what contexts hold
 * @cpu: CPU that they have events bound to, or HWBP_ANYWHERE
 * @type: TYPE_INST or TYPE_DATA
 *
 * Adds up the tallies of all CPUs. Does so again if the level has been changed meanwhile, or if a
 * context came to hold more without asking, but no more than LOWER_AT_MOST times: an NMI must come
 * to an end, and tasks on other CPUs may change the level as often as they like. After the last
 * time what is assumed stays as it was, and the next context that comes to hold more asks.
 *
 * Unless it was the last time: at some moment of this call a context held as many slots as are
 * assumed afterwards, or a task was about to hold them, and will.
 *
 * Context: any, NMI included.
 */
void hwbp_level_lower(int cpu, int type)
{
	struct hwbp_level *level = level_of(cpu, type);
	s64 word = atomic64_read(&level->word);
	int i;

	for (i = 0; i < LOWER_AT_MOST; i++) {
		if (lower(level, &word, cpu, type))
			return;
	}
}

/* ---- for the tables ---- */

/* What is counted at place @i: by number of slots, beginning with 1; or NULL */
static const struct hwbp_tally *tallies_at(unsigned int i, int cpu, int type)
{
	struct hwbp_tally *set;

	if (cpu == HWBP_ANYWHERE)
		return cpu_possible(i) ? &per_cpu(anywhere_tallies[type][0], i) : NULL;
	set = READ_ONCE(bound_tallies[i]);
	return set ? bound_tally(set, cpu, type, 1) : NULL;
}

/**
 * struct sums - how many contexts have come to hold a number of slots, or have ceased to
 * @n: by the number of slots less 1, modulo 2^32
 */
struct sums {
	u32	n[HWBP_MAX_PER_TYPE];
};

static struct sums sum_up(int cpu, int type, bool went)
{
	unsigned int i, n, places = cpu == HWBP_ANYWHERE ? nr_cpu_ids : nr_sets();
	struct sums sums = { };

	for (i = 0; i < places; i++, cond_resched()) {
		const struct hwbp_tally *tallies = tallies_at(i, cpu, type);

		for (n = 0; tallies && n < sizes_of(type); n++)
			sums.n[n] += atomic_read(went ? &tallies[n].went : &tallies[n].came);
	}
	return sums;
}

/*
 * If nobody has come while those who went were counted, nobody was missed on the way from one
 * number to another: those who have come and not gone were there, at the moment that those of
 * their number were counted, and only left meanwhile.
 * Return: as many as some context held at a moment since this began, and no context that stays
 * holds more; or -EAGAIN.
 */
static int count_held(int cpu, int type)
{
	struct sums came = sum_up(cpu, type, false), went, again;
	int n = sizes_of(type);

	smp_rmb();	/* held:B, pairs with level:A and tally:A */
	went = sum_up(cpu, type, true);
	smp_rmb();	/* held:B */
	again = sum_up(cpu, type, false);
	if (memcmp(&came, &again, sizeof(came)))
		return -EAGAIN;
	while (n && came.n[n - 1] == went.n[n - 1])
		n--;
	return n;
}

/**
 * hwbp_level_held() - the most slots that one context holds
 * @cpu: CPU that it has events bound to, or HWBP_ANYWHERE
 * @type: TYPE_INST or TYPE_DATA
 *
 * For who only wants to know, and changes nothing. Counts again if somebody came meanwhile, as
 * often as hwbp_level_lower() at most.
 *
 * Context: task context, may sleep.
 * Return: as many as some context held at a moment since this was called, and no context that
 * stays holds more; or what is assumed, if it cannot be told.
 */
unsigned int hwbp_level_held(int cpu, int type)
{
	int i, n;

	for (i = 0; i < LOWER_AT_MOST && hwbp_level_assumed(cpu, type); i++) {
		n = count_held(cpu, type);
		if (n >= 0)
			return n;
	}
	return hwbp_level_assumed(cpu, type);
}

/**
 * hwbp_level_is_empty() - does no context hold anything?
 * @cpu: CPU that it would have events bound to, or HWBP_ANYWHERE
 * @type: TYPE_INST or TYPE_DATA
 *
 * Context: any.
 * Return: true if so.
 */
bool hwbp_level_is_empty(int cpu, int type)
{
	return !count_most(cpu, type, sizes_of(type));
}
