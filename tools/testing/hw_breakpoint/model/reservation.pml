/* SPDX-License-Identifier: GPL-2.0 */
/*
 * How perf's events and debuggers share the slots of a type: a model for spin of
 * what kernel/events/hw_breakpoint/account.c does. verify.sh beside this file has
 * it searched for a way to go wrong.
 *
 * The task side is serialised by a spinlock and announces what it needs in a few
 * words of memory: how many events are pinned to each CPU, and histograms of what
 * task contexts hold. A debugger may be an NMI in the middle of that, so it takes
 * no lock and waits for nobody. It announces claims of its own. Either side first
 * announces what it wants and then looks at what the other has announced; whoever
 * finds too much takes his own back. Never do both get the last slot, provided
 * that on either side there is a full barrier between announcement and look.
 *
 * The model has two CPUs with CAPACITY slots each and
 *
 *	task()		reserves and releases, OPERATIONS times: events of CPU 0,
 *			events of a context A that run anywhere, events of A that
 *			are bound to CPU 0. A second context, B, and CPU 1 may have
 *			some from the start. It stands for the whole task side,
 *			since the lock lets in one at a time, and runs on CPU 0.
 *	debugger(0)	interrupts task() between any two of its accesses, and lets
 *			it go on when it has reserved, or released
 *	debugger(1)	runs on CPU 1 at the same time as either
 *	hardware()	carries stores from CPU 0's store buffer to memory, those to
 *			one word in order, those to different words in any
 *
 * The debuggers reserve on all CPUs or on one, release and do so ROUNDS times.
 *
 * Only stores of the task side are plain. They wait in the buffer, where CPU 0 sees
 * them, interrupted or not, and CPU 1 does not. The rest is changed by atomic
 * operations, here at once and in program order, and is read in program order. On
 * which of these orders the protocol depends is for the litmus tests beside this
 * file to say.
 *
 * What shall be true:
 *
 * 1. What the task side was granted and what debuggers were granted never exceed
 *    the slots of a CPU: judge().
 * 2. The task side is refused for claims that were granted, never for one that was
 *    withdrawn: @blamed. So of a task and a debugger that both want the last slot
 *    one gets it. (A debugger has no such right. It looks once, and may be refused
 *    for what is taken back a moment later.)
 * 3. A debugger has claims on all the CPUs that it asked for, or on none.
 * 4. In the end nothing is left of the claims, and memory says of the task side what
 *    it was granted.
 * 5. A debugger makes no more than STEPS_MAX steps to reserve and waits for nobody.
 *    Had it interrupted the one it waits for, nobody could go on, which spin calls
 *    an invalid end state.
 * 6. The task side comes to an end, though debuggers keep what they have: HOLDS_ON,
 *    with weak fairness.
 *
 * Each of these can fail. It does when a variant is defined, on which
 * scripts/check/model.sh insists:
 *
 *	NO_BARRIER_TASK		no smp_mb() between announcement and look
 *	NO_BARRIER_DEBUGGER	atomic_fetch_inc_relaxed() in the debugger, which the
 *				reads that follow may overtake
 *	HISTOGRAM_LEAVES_FIRST	the bit of the old level goes before that of the new
 *				one comes: for a moment nobody seems to hold any
 *	DEBUGGERS_LAST		claims are made before @debuggers says that there is
 *				somebody to look for
 *	NO_RETRY		the task side takes every claim for a granted one
 *	SEQUENCE_READ_LATE	@withdrawn is first read after the look
 *	WITHDRAWN_READ_FIRST	@withdrawn is read again before @undecided
 *	UNDECIDED_ENDS_EARLY	a debugger says that it has decided, and only then
 *				withdraws
 *	WITHDRAWS_SILENTLY	@withdrawn is not counted
 *	UNDOES_ONE_CPU		a debugger that fails withdraws its last claim alone
 *	DEBUGGER_LOCKS		a debugger waits for the task side's lock
 *	DEBUGGER_INSISTS	a debugger that fails tries until it succeeds
 *	STAYS_UNDECIDED		a debugger that fails never says that it has decided
 *	DEBUGGER_PREEMPTED	debugger(0) does not interrupt task() but is preempted
 *				by it while undecided, as it can be where interrupts are
 *				on: task() waits for it and does not let it run
 *
 * Left out: slots that a debugger takes from perf by force, which are beyond the
 * capacity on purpose; the second pool of machines that have two, which has counts
 * of its own; and @withdrawn's wrapping around between two reads.
 */

#define CAPACITY	2
#define CPUS		2

/* What is searched, larger if need be; EVERYTHING has all starts and claims. */
#ifndef OPERATIONS
#define OPERATIONS	2
#endif
#ifndef ROUNDS
#define ROUNDS		1
#endif

/* Per CPU a claim, three words read, and a claim withdrawn; and five counts. */
#define STEPS_MAX	(CPUS * 5 + 5)

#define MAX(a, b)	((a) > (b) -> (a) : (b))

/* ---- memory ---- */

/* The words in which the task side announces; only CPU 0 has bound events. */
#define PINNED(cpu)	cpu
#define EVERYWHERE	2
#define TASKS_0		3
#define WORDS		4

byte memory[WORDS];			/* what CPU 1 sees */
byte cpu_0[WORDS];			/* what CPU 0 sees: its latest stores */
chan buffer = [5] of { byte, byte };	/* the stores in between */

#define LOAD(cpu, word)	((cpu) == 0 -> cpu_0[word] : memory[word])

/* A full barrier waits until the CPU's stores are in memory. */
#define FULL_BARRIER(cpu)	((cpu) != 0 || len(buffer) == 0)

inline store(word, value)
{
	atomic {
		nfull(buffer);
		cpu_0[word] = value;
		buffer ! word, cpu_0[word]
	}
}

active proctype hardware()
{
end:
	do
	:: buffer ?? PINNED(0), memory[PINNED(0)]
	:: buffer ?? PINNED(1), memory[PINNED(1)]
	:: buffer ?? EVERYWHERE, memory[EVERYWHERE]
	:: buffer ?? TASKS_0, memory[TASKS_0]
	od
}

/* Changed by atomic operations only; @debuggers and @undecided are one word in the kernel. */
byte claims[CPUS];
byte debuggers;		/* have begun to reserve, or hold */
byte undecided;		/* have begun to reserve and do not know yet */
byte withdrawn;		/* reservations that were undone, ever */

/* ---- the task side's own records, under the lock ---- */

byte pinned[CPUS];	/* events of the CPU */
byte a_anywhere;	/* events of context A */
byte a_bound;		/* events of context A bound to CPU 0 */
byte b_anywhere;	/* events of context B */

#define A_ON_CPU_0	((a_bound != 0) * (a_anywhere + a_bound))

/* What the records amount to on a CPU. */
#define TASKS(cpu)	MAX(MAX(a_anywhere, b_anywhere), ((cpu) == 0) * A_ON_CPU_0)
#define DEMAND(cpu)	(pinned[cpu] + TASKS(cpu))

/* The bit of a level in a histogram, and the highest one back. */
#define BIT_OF(level)	((1 << (level)) >> 1)
#define FLS(bits)	((bits) >= 2 -> 2 : (bits))

mtype = { CPU_EVENT, FREE_EVENT, BOUND_EVENT };

#define HELD(event)	((event) == CPU_EVENT -> pinned[0] : \
			((event) == FREE_EVENT -> a_anywhere : a_bound))

/* ---- the judge, who sees everything at once and whom nobody sees ---- */

bool in_nmi;		/* debugger(0) has interrupted CPU 0 */
bool locked;		/* the task side holds its lock; for variants only */
bool task_ended;	/* no more operations; for HOLDS_ON */
byte granted[CPUS];	/* demand of the task side that was granted */
byte firm[CPUS];	/* claims that were granted */
byte claimants[CPUS];	/* the debuggers with a claim there, as bits */
byte trying;		/* those that do not know yet, as bits */
byte blamed;		/* for which of these task() was about to give up */

inline judge()
{
	assert(granted[0] + firm[0] <= CAPACITY);
	assert(granted[1] + firm[1] <= CAPACITY)
}

/* ---- the task side ---- */

inline record(event, n)
{
	if
	:: event == CPU_EVENT -> pinned[0] = pinned[0] + n
	:: event == FREE_EVENT -> a_anywhere = a_anywhere + n
	:: event == BOUND_EVENT -> a_bound = a_bound + n
	fi
}

inline bits_come(word, bits)
{
	if
	:: cpu_0[word] != (cpu_0[word] | (bits)) -> store(word, cpu_0[word] | (bits))
	:: else
	fi
}

inline bits_go(word, bits)
{
	if
	:: cpu_0[word] != (cpu_0[word] & (bits)) -> store(word, cpu_0[word] & (bits))
	:: else
	fi
}

/*
 * hwbp_histogram_move(): a bit comes when its level had no holder, and goes when
 * it has none any more.
 */
inline announce_levels(word, bits)
{
#ifdef HISTOGRAM_LEAVES_FIRST
	bits_go(word, bits);
	bits_come(word, bits)
#else
	bits_come(word, bits);
	bits_go(word, bits)
#endif
}

/* What the records say, where @event may have changed them. */
inline announce(event)
{
	if
	:: event == CPU_EVENT ->
		store(PINNED(0), pinned[0])
	:: event == FREE_EVENT ->
		announce_levels(EVERYWHERE, BIT_OF(a_anywhere) | BIT_OF(b_anywhere));
		announce_levels(TASKS_0, BIT_OF(A_ON_CPU_0))
	:: event == BOUND_EVENT ->
		announce_levels(TASKS_0, BIT_OF(A_ON_CPU_0))
	fi
}

#define IN_THE_WAY(cpu)	(DEMAND(cpu) > before[cpu] && \
			 DEMAND(cpu) + claims[cpu] > CAPACITY)

inline look(cpu)
{
	if
	:: atomic {
		IN_THE_WAY(cpu) ->
		blamed = claimants[cpu] & trying;
		goto taken
	   }
	:: else
	fi
}

proctype task() provided (!in_nmi)
{
	byte before[CPUS], sequence, operations;
	mtype event;

	do
	:: atomic {
		operations < OPERATIONS ->
		operations++;
		if
		:: event = CPU_EVENT
		:: event = FREE_EVENT
		:: event = BOUND_EVENT
		fi;
		locked = true;
		if
		:: HELD(event) -> goto release
		:: true
		fi;

		/* reserve: is there room beside what the task side has itself? */
		before[0] = DEMAND(0);
		before[1] = DEMAND(1);
		record(event, 1);
		if
		:: DEMAND(0) > CAPACITY || DEMAND(1) > CAPACITY ->
			record(event, -1);
			goto unlock
		:: else
		fi
	   }

again:
#ifndef SEQUENCE_READ_LATE
		sequence = withdrawn;
#endif
		announce(event);
#ifndef NO_BARRIER_TASK
		FULL_BARRIER(0);
#endif
		if
		:: debuggers == 0 -> goto fits
		:: else
		fi;
		look(0);
		look(1);

fits:		atomic {
			granted[0] = DEMAND(0);
			granted[1] = DEMAND(1);
			judge();
			goto unlock
		}

taken:
#ifdef SEQUENCE_READ_LATE
		sequence = withdrawn;
#endif
		record(event, -1);
		announce(event);
#ifdef NO_RETRY
		goto refused;
#endif
#ifdef WITHDRAWN_READ_FIRST
		if
		:: withdrawn != sequence -> goto once_more
		:: else
		fi;
		if
		:: undecided != 0 -> goto once_more
		:: else -> goto refused
		fi;
#else
		if
		:: undecided != 0 -> goto once_more
		:: else
		fi;
		if
		:: withdrawn != sequence -> goto once_more
		:: else -> goto refused
		fi;
#endif

once_more:	atomic {
			blamed = 0;
			record(event, 1);
			goto again
		}

refused:	atomic {
			assert(blamed == 0);
			goto unlock
		}

release:	atomic {
			record(event, -1);
			granted[0] = DEMAND(0);
			granted[1] = DEMAND(1)
		}
		announce(event);

unlock:		atomic {
			before[0] = 0;
			before[1] = 0;
			sequence = 0;
			blamed = 0;
			event = 0;
			locked = false
		}

	:: operations == OPERATIONS ->
		break
	od;
}

/* ---- the debuggers ---- */

inline step()
{
	steps++;
	assert(steps <= STEPS_MAX)
}

inline interrupt()
{
#ifndef DEBUGGER_PREEMPTED
	if
	:: me == 0 -> in_nmi = true
	:: else
	fi
#else
	skip
#endif
}

inline return_from_interrupt()
{
	if
	:: me == 0 -> in_nmi = false
	:: else
	fi
}

inline claim()
{
#ifndef NO_BARRIER_DEBUGGER
	FULL_BARRIER(me);
#endif
	atomic {
		old = claims[cpu];
		claims[cpu]++;
		claimants[cpu] = claimants[cpu] | (1 << me);
		step()
	}
}

inline unclaim()
{
	atomic {
		claims[cpu]--;
		claimants[cpu] = claimants[cpu] & ~(1 << me);
		step()
	}
}

inline read_pinned()
{
	room = CAPACITY - LOAD(me, PINNED(cpu));
	unread = unread - 1;
	step()
}

inline read_everywhere()
{
	tasks = MAX(tasks, FLS(LOAD(me, EVERYWHERE)));
	unread = unread - 2;
	step()
}

inline read_tasks()
{
	tasks = MAX(tasks, (cpu == 0) * FLS(LOAD(me, TASKS_0)));
	unread = unread - 4;
	step()
}

/*
 * The three words, in any order. Nobody changes what debugger(0) sees of them
 * meanwhile.
 */
inline look_at_demand()
{
	do
	:: atomic { unread == 7 && me == 0 -> read_pinned(); read_everywhere(); read_tasks() }
	:: atomic { (unread & 1) && me != 0 -> read_pinned() }
	:: atomic { (unread & 2) && me != 0 -> read_everywhere() }
	:: atomic { (unread & 4) && me != 0 -> read_tasks() }
	:: unread == 0 -> break
	od
}

#ifdef DEBUGGER_PREEMPTED
/* debugger(0) is the fourth process, after hardware(), init and task(). */
proctype debugger(byte me) provided (_pid != 3 || !locked)
#else
proctype debugger(byte me)
#endif
{
	byte first, last, cpu, old, room, tasks, unread, steps, rounds;

	do
	:: atomic {
		rounds < ROUNDS ->
		rounds++;
		if
		:: first = 0; last = 1
#ifdef EVERYTHING
		:: first = 1; last = 1
#endif
		:: first = 0; last = 0
		fi;
		interrupt();
		trying = trying | (1 << me);
#ifdef DEBUGGER_LOCKS
		!locked;
#endif
		undecided++;
		step()
	   }
#ifndef DEBUGGERS_LAST
		atomic { debuggers++; step() }
#endif
insist:		atomic { cpu = first; tasks = 0; unread = 7 }
		do
		:: cpu <= last ->
#ifdef NO_BARRIER_DEBUGGER
			look_at_demand();
			claim();
#else
			claim();
			look_at_demand();
#endif
			if
			:: tasks + old >= room -> goto fail
			:: else -> atomic { cpu++; tasks = 0; unread = 7 }
			fi
		:: else ->
			break
		od;

#ifdef DEBUGGERS_LAST
		atomic { debuggers++; step() }
#endif
		/* It has been granted. */
		atomic {
			assert(first != 0 || (claimants[0] & (1 << me)));
			assert(last != 1 || (claimants[1] & (1 << me)));
			firm[0] = firm[0] + (first == 0);
			firm[1] = firm[1] + (last == 1);
			trying = trying & ~(1 << me);
			blamed = blamed & ~(1 << me);
			judge();
			undecided--;
			step();
			old = 0;
			room = 0;
			tasks = 0;
			unread = 0;
			steps = 0;
			return_from_interrupt()
		}

		/* It releases later, in another interrupt. */
		atomic {
#ifdef HOLDS_ON
			task_ended;
#endif
			interrupt();
			firm[0] = firm[0] - (first == 0);
			firm[1] = firm[1] - (last == 1);
			cpu = first
		}
		do
		:: cpu <= last -> unclaim(); cpu++
		:: else -> break
		od;
		debuggers--;
		goto over;

fail:
#ifdef UNDECIDED_ENDS_EARLY
		atomic { undecided--; step() }
#endif
#ifdef UNDOES_ONE_CPU
		unclaim();
#else
		atomic { last = cpu; cpu = first }
		do
		:: cpu <= last -> unclaim(); cpu++
		:: else -> break
		od;
#endif
#ifndef DEBUGGERS_LAST
		atomic { debuggers--; step() }
#endif
#ifndef WITHDRAWS_SILENTLY
		atomic { withdrawn++; step() }
#endif
#if !defined(UNDECIDED_ENDS_EARLY) && !defined(STAYS_UNDECIDED)
		atomic { undecided--; step() }
#endif
#ifdef DEBUGGER_INSISTS
		atomic { undecided++; step() }
		atomic { debuggers++; step() }
		goto insist;
#endif

over:		atomic {
			assert(!((claimants[0] | claimants[1]) & (1 << me)));
			trying = trying & ~(1 << me);
			first = 0;
			last = 0;
			cpu = 0;
			old = 0;
			room = 0;
			tasks = 0;
			unread = 0;
			steps = 0;
			return_from_interrupt()
		}
	:: rounds == ROUNDS ->
		break
	od
}

/* ---- from the first moment to the last ---- */

init
{
#ifdef EVERYTHING
	byte n;
#endif

	atomic {
#ifdef EVERYTHING
		/* Any state that the task side may be in when the debuggers come */
		select(a_anywhere : 0 .. 1);
		select(a_bound : 0 .. 1);
		select(b_anywhere : 0 .. 1);
		select(n : 0 .. CAPACITY - TASKS(0));
		pinned[0] = n;
		select(n : 0 .. CAPACITY - TASKS(1));
		pinned[1] = n;
		n = 0;
#else
		if
		/* nobody has anything */
		:: true
		/* CPU 0 has one slot left, CPU 1 none */
		:: pinned[0] = 1; pinned[1] = 2
		/* one context may rise from one slot to two, alone or not */
		:: a_anywhere = 1
		:: a_anywhere = 1; b_anywhere = 1
		/* CPU 0 has none left, in two words or in one */
		:: a_anywhere = 1; pinned[0] = 1
		:: a_anywhere = 1; a_bound = 1
		:: a_bound = 2
		fi;
#endif
		granted[0] = DEMAND(0);
		granted[1] = DEMAND(1);
		cpu_0[PINNED(0)] = pinned[0];
		cpu_0[PINNED(1)] = pinned[1];
		cpu_0[EVERYWHERE] = BIT_OF(a_anywhere) | BIT_OF(b_anywhere);
		cpu_0[TASKS_0] = BIT_OF(A_ON_CPU_0);
		memory[PINNED(0)] = cpu_0[PINNED(0)];
		memory[PINNED(1)] = cpu_0[PINNED(1)];
		memory[EVERYWHERE] = cpu_0[EVERYWHERE];
		memory[TASKS_0] = cpu_0[TASKS_0];
		run task();
		run debugger(0);
		run debugger(1)
	}

	/* Only hardware() and init() are left. */
	_nr_pr == 2 && len(buffer) == 0;
	assert(claims[0] == 0 && claims[1] == 0);
	assert(debuggers == 0 && undecided == 0);
	assert(memory[PINNED(0)] == pinned[0] && memory[PINNED(1)] == pinned[1]);
	assert(memory[EVERYWHERE] == (BIT_OF(a_anywhere) | BIT_OF(b_anywhere)));
	assert(memory[TASKS_0] == BIT_OF(A_ON_CPU_0));
	assert(granted[0] == DEMAND(0) && granted[1] == DEMAND(1))
}
