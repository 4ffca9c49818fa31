/* SPDX-License-Identifier: GPL-2.0 */
/*
 * How perf's events and debuggers share the slots of a type: a model for spin of
 * what account.c, context.c and claims.c in kernel/events/hw_breakpoint/ do. verify.sh
 * beside this file has it searched for a way to go wrong.
 *
 * The task side is serialised by a mutex where it needs more than it has been left, and
 * announces what it needs in a few words of memory: how many events are pinned to each
 * CPU, and what contexts are assumed to hold on any CPU and on each. A debugger may be an
 * NMI in the middle of that, so it takes no lock and waits for nobody. It announces claims
 * of its own. Either side first announces what it wants and then looks at what the other
 * has announced; if that is too much it takes its own back. Never do both get the last slot,
 * provided that on either side there is a full barrier between announcement and look.
 *
 * The model has two CPUs with CAPACITY slots each and
 *
 *	task()		reserves and releases, OPERATIONS times: events of CPU 0,
 *			events of a context A that run anywhere, events of A that
 *			are bound to CPU 0. It stands for all that hold the mutex,
 *			and runs on CPU 0. CPU 1 may have events from the start.
 *	other()		a second context, B, may hold something from the start, and
 *			leaves it without the mutex, on CPU 1
 *	debugger(0)	interrupts task() between any two of its accesses, and lets
 *			it go on when it has reserved, or released
 *	debugger(1)	runs on CPU 1 at the same time as all others
 *	hardware()	carries stores from CPU 0's store buffer to memory in order
 *
 * The debuggers reserve on all CPUs or on one, release and do so ROUNDS times.
 *
 * What contexts are assumed to hold may be more than what they hold. Whoever is in want of
 * slots lowers it, in one step here: how that is done while others come and go, and that
 * it is never too little, is what level.pml is about.
 *
 * Only what is pinned is a plain store. It waits in the buffer, where CPU 0 sees it,
 * interrupted or not, and CPU 1 does not. The rest is changed by atomic operations, here at
 * once and in program order, and is read in program order; a debugger's three words in any.
 * On which of these orders the protocol depends is for the litmus tests beside this file to
 * say.
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
 *    it was granted, or more of contexts.
 * 5. A debugger makes no more than STEPS_MAX steps to reserve and waits for nobody.
 *    Had it interrupted the one it waits for, nobody could go on, which spin calls
 *    an invalid end state.
 * 6. The task side comes to an end, though debuggers keep what they have: HOLDS_ON,
 *    with weak fairness.
 *
 * Each of these can fail, and does when one of these variants is defined:
 *
 *	NO_BARRIER_PINNED	no smp_mb() between what is pinned and the look
 *	ASSUMES_LATE		claims are looked at before others can see what is assumed
 *	NO_BARRIER_DEBUGGER	atomic_fetch_inc_relaxed() in the debugger, which the
 *				reads that follow may overtake
 *	NO_FORGO		what was assumed for who is refused remains assumed, and
 *				the next one need not ask
 *	RIDES_BESIDE_CLAIM	a context that holds no more than others do in the other
 *				level does not wait until it is clear who stays
 *	DEBUGGERS_LAST		claims are made before @debuggers says that there is
 *				somebody to look for
 *	NO_RETRY		the task side takes every claim for a granted one
 *	GRANTED_EARLY		a debugger takes its place on a CPU as soon as it has
 *				found room there, before it has looked at the others
 *	UNDOES_ONE_CPU		a debugger that fails withdraws its last claim alone
 *	DEBUGGER_LOCKS		a debugger waits for the task side's lock
 *	DEBUGGER_INSISTS	a debugger that fails tries until it succeeds
 *	STAYS_UNDECIDED		a debugger that is granted its claims takes no places
 *	DEBUGGER_PREEMPTED	debugger(0) does not interrupt task() but is preempted
 *				by it while undecided, as it can be where interrupts are
 *				on: task() waits for it and does not let it run
 *
 * Left out: slots that a debugger takes from perf by force, which are beyond the
 * capacity on purpose; the second pool of machines that have two, which has counts
 * of its own; which place a debugger takes; and looks before anything is announced, which
 * are hints.
 */

#define CAPACITY	2
#define CPUS		2

/*
 * What is searched, larger if need be; EVERYTHING has all starts and claims. For an end, which
 * takes long to look for, two starts do.
 */
#ifndef OPERATIONS
#define OPERATIONS	1
#endif
#ifndef ROUNDS
#define ROUNDS		1
#endif

/*
 * Per CPU a claim, three words read, two levels lowered, the words read again, and a claim
 * withdrawn or granted; and two counts.
 */
#define STEPS_MAX	(CPUS * 10 + 2)

#define MAX(a, b)	((a) > (b) -> (a) : (b))
#define MIN(a, b)	((a) < (b) -> (a) : (b))

/* ---- memory ---- */

byte memory;			/* what CPU 1 sees of what is pinned to CPU 0 */
byte cpu_0;			/* what CPU 0 sees: its latest store */
byte pinned_1;			/* what is pinned to CPU 1, always */
chan buffer = [3] of { byte };	/* the stores in between */

#define LOAD_PINNED(me, cpu)	((cpu) == 1 -> pinned_1 : ((me) == 0 -> cpu_0 : memory))

/* A full barrier waits until the CPU's stores are in memory. */
#define FULL_BARRIER(cpu)	((cpu) != 0 || len(buffer) == 0)

inline store_pinned(value)
{
	atomic {
		nfull(buffer);
		cpu_0 = value;
		buffer ! cpu_0
	}
}

active proctype hardware()
{
end:
	do
	:: buffer ? memory
	od
}

/* Changed by atomic operations only; a CPU's claims and places are one word in the kernel. */
byte claims[CPUS];	/* of debuggers */
byte places[CPUS];	/* of those that have been granted */
byte debuggers;		/* have begun to reserve, or hold */

/* What contexts are assumed to hold; only CPU 0 has bound events. */
#define EVERYWHERE	0
#define ON_CPU_0	1
byte assumed[2];
#define OTHER(level)	(1 - (level))

/* ---- the task side's own records: what was granted ---- */

byte pinned[CPUS];	/* events of the CPU */
byte a_anywhere;	/* events of context A */
byte a_bound;		/* events of context A bound to CPU 0 */
byte b_in[2];		/* what context B holds, by level */
byte a_in[2];		/* the most that A is in the tallies with, by level */

#define A_ON_CPU_0	((a_bound != 0) * (a_anywhere + a_bound))

/* What the records amount to on a CPU. */
#define TASKS(cpu)	MAX(MAX(a_anywhere, b_in[EVERYWHERE]), \
			    ((cpu) == 0) * MAX(A_ON_CPU_0, b_in[ON_CPU_0]))
#define DEMAND(cpu)	(pinned[cpu] + TASKS(cpu))

mtype = { CPU_EVENT, FREE_EVENT, BOUND_EVENT };

/* hwbp_level_lower() */
#define LOWER(level)	assumed[level] = MIN(assumed[level], MAX(a_in[level], b_in[level]))

/* ---- the judge, who sees everything at once and whom nobody sees ---- */

bool in_nmi;		/* debugger(0) has interrupted CPU 0 */
bool locked;		/* the task side holds its lock; for variants only */
bool task_ended;	/* no more operations; for HOLDS_ON */
byte firm[CPUS];	/* claims that were granted */
byte claimants[CPUS];	/* the debuggers with a claim there, as bits */
byte trying;		/* those that do not know yet, as bits */
byte blamed;		/* for which of these task() was about to give up */

inline judge()
{
	assert(DEMAND(0) + firm[0] <= CAPACITY);
	assert(DEMAND(1) + firm[1] <= CAPACITY)
}

/* ---- the task side ---- */

/* room_for() @n slots of @cpu, which are more than it had before; @again: it is not clear */
inline room_for(cpu, n)
{
	atomic {
		again = false;
		denied = (n) + claims[cpu] > CAPACITY;
		if
#ifdef NO_RETRY
		:: denied -> blamed = ((n) + firm[cpu] > CAPACITY -> 0 : claimants[cpu] & trying)
#else
		:: denied && claims[cpu] > places[cpu] -> again = true
		:: denied && claims[cpu] <= places[cpu] ->
			blamed = ((n) + firm[cpu] > CAPACITY -> 0 : claimants[cpu])
#endif
		:: else
		fi
	}
}

/*
 * fits_on(). With claims that are granted there is room, or there is not: what others hold in
 * the other level matters beside those alone that were taken by force.
 */
inline fits_on(cpu)
{
	do
	:: room_for(cpu, pinned[cpu] + a_in[level]);
#ifdef RIDES_BESIDE_CLAIM
		if
		:: atomic { again && cpu == 0 && a_in[level] <= assumed[OTHER(level)] ->
			again = false;
			denied = false
		   }
		:: else
		fi;
#endif
		if
		:: atomic { denied && !again -> denied = false; goto taken }
		:: atomic { !denied -> break }
		:: again
		fi
	od
}

/* hwbp_beside_debuggers() for what A is about to hold */
inline look_at_claims()
{
	if
	:: debuggers == 0
	:: debuggers != 0 ->
		fits_on(0);
		if
		:: level == EVERYWHERE -> fits_on(1)
		:: else
		fi
	fi
}

proctype task() provided (!in_nmi)
{
	byte operations, before, level, was[2];
	bool again, denied;
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
		if
		:: event == CPU_EVENT && pinned[0] != 0 -> goto unpin
		:: event == CPU_EVENT -> locked = true; goto pin
		:: event == FREE_EVENT && a_anywhere != 0 -> a_anywhere = a_anywhere - 1; goto leave
		:: event == BOUND_EVENT && a_bound != 0 -> a_bound = a_bound - 1; goto leave
		:: event != CPU_EVENT
		fi;

		/* ask() */
		locked = true;
		was[0] = a_in[0];
		was[1] = a_in[1];
		level = (event == FREE_EVENT -> EVERYWHERE : ON_CPU_0);
		if
		:: event == FREE_EVENT && (pinned_1 + a_anywhere + 1 > CAPACITY ||
					   pinned[0] + a_anywhere + 1 > CAPACITY ||
					   (a_bound && pinned[0] + A_ON_CPU_0 + 1 > CAPACITY)) ->
			goto unlock
		:: event == BOUND_EVENT && pinned[0] + a_anywhere + a_bound + 1 > CAPACITY ->
			goto unlock
		:: else
		fi
	   }

		/* raise(); in each level that changes */
raise:		a_in[level] = (level == EVERYWHERE -> a_anywhere + 1 : a_anywhere + a_bound + 1);
#ifdef ASSUMES_LATE
		look_at_claims();
#endif
		atomic {
			before = assumed[level];
			assumed[level] = MAX(before, a_in[level]);
			if
			:: before >= a_in[level] -> goto raised
			:: else
			fi
		}
#ifndef ASSUMES_LATE
		look_at_claims();
#endif
raised:		atomic {
			if
			:: event == FREE_EVENT && level == EVERYWHERE && a_bound ->
				level = ON_CPU_0;
				goto raise
			:: event == FREE_EVENT && !(level == EVERYWHERE && a_bound) ->
				a_anywhere++
			:: event == BOUND_EVENT ->
				a_bound++
			fi;
			judge();
			goto unlock
		}

		/* Levels that have been raised are not held, and lowered some day. */
taken:		atomic {
			assert(blamed == 0);
			a_in[0] = was[0];
			a_in[1] = was[1]
		}
#ifndef NO_FORGO
		assumed[level] = MIN(assumed[level], before);
#endif
		goto unlock;

		/* reserve_of_cpu() */
pin:		LOWER(EVERYWHERE);
		LOWER(ON_CPU_0);
		if
		:: pinned[0] + 1 + MAX(assumed[0], assumed[1]) > CAPACITY -> goto unlock
		:: else
		fi;
		store_pinned(pinned[0] + 1);
#ifndef NO_BARRIER_PINNED
		FULL_BARRIER(0);
#endif
		if
		:: debuggers == 0 -> goto pinned_down
		:: else
		fi;
look:		LOWER(EVERYWHERE);
		LOWER(ON_CPU_0);
		before = pinned[0] + 1 + MAX(assumed[0], assumed[1]);
		room_for(0, before);
		if
		:: again -> goto look
		:: !again && denied -> goto no_room
		:: else
		fi;
pinned_down:	atomic { pinned[0]++; judge(); goto unlock }

no_room:	assert(blamed == 0);
		store_pinned(pinned[0]);
		goto unlock;

unpin:		atomic { pinned[0] = pinned[0] - 1; store_pinned(pinned[0]); goto unlock }

		/* leave_old(), and hwbp_context_fell() */
leave:		atomic { a_in[EVERYWHERE] = a_anywhere; a_in[ON_CPU_0] = A_ON_CPU_0 }
		if
		:: debuggers != 0 ->
			LOWER(EVERYWHERE);
			LOWER(ON_CPU_0)
		:: else
		fi;

unlock:		atomic {
			before = 0;
			again = false;
			denied = false;
			blamed = 0;
			event = 0;
			level = 0;
			was[0] = 0;
			was[1] = 0;
			locked = false
		}

	:: atomic { operations == OPERATIONS -> task_ended = true; break }
	od
}

/* A second context. */
proctype other()
{
	atomic {
		b_in[0] + b_in[1] != 0 ->
		b_in[0] = 0;
		b_in[1] = 0
	}
	if
	:: debuggers != 0 ->
		LOWER(EVERYWHERE);
		LOWER(ON_CPU_0)
	:: else
	fi
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

/* one word in the kernel */
inline leave()
{
	atomic {
		unclaim();
		firm[cpu] = firm[cpu] - 1;
#ifndef STAYS_UNDECIDED
		places[cpu]--
#endif
	}
}

inline read_pinned()
{
	room = CAPACITY - LOAD_PINNED(me, cpu);
	unread = unread - 1;
	step()
}

inline read_everywhere()
{
	tasks = MAX(tasks, assumed[EVERYWHERE]);
	unread = unread - 2;
	step()
}

inline read_tasks()
{
	tasks = MAX(tasks, (cpu == 0) * assumed[ON_CPU_0]);
	unread = unread - 4;
	step()
}

/* The three words, in any order; debugger(0) is made quick, debugger(1) is as slow as can be. */
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

inline lower(level)
{
	atomic { LOWER(level); step() }
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
		!locked
#endif
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
			:: atomic { tasks + old >= room -> tasks = 0; unread = 7 }
				lower(EVERYWHERE);
				lower(ON_CPU_0);
				look_at_demand()
			:: else
			fi;
			if
			:: tasks + old >= room -> goto fail
			:: else -> atomic {
#ifdef GRANTED_EARLY
				places[cpu]++;
#endif
				cpu++;
				tasks = 0;
				unread = 7
			   }
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
			cpu = first
		}
#if !defined(STAYS_UNDECIDED) && !defined(GRANTED_EARLY)
		do
		:: cpu <= last -> atomic { places[cpu]++; step(); cpu++ }
		:: else -> break
		od;
#endif
		atomic {
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
			cpu = first
		}
		do
		:: cpu <= last -> atomic { leave(); cpu++ }
		:: else -> break
		od;
		debuggers--;
		goto over;

fail:
#ifdef GRANTED_EARLY
		atomic { places[0] = places[0] - (first == 0 && cpu == 1) }
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
#ifdef DEBUGGER_INSISTS
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
	byte n;

	atomic {
#ifdef EVERYTHING
		/* Any state that the task side may be in when the debuggers come */
		select(n : 0 .. 1);
		a_anywhere = n;
		select(n : 0 .. 1);
		a_bound = n;
		select(n : 0 .. 2);
		b_in[EVERYWHERE] = n;
		select(n : b_in[EVERYWHERE] .. 2);
		b_in[ON_CPU_0] = (n == b_in[EVERYWHERE] -> 0 : n);
		select(n : 0 .. CAPACITY - TASKS(1));
		pinned[1] = n;
		select(n : 0 .. CAPACITY - TASKS(0));
		pinned[0] = n;
#else
		if
		/* nobody has anything */
		:: true
		/* one context may rise from one slot to two, alone or not */
		:: a_anywhere = 1
#ifndef HOLDS_ON
		/* CPU 0 has one slot left, CPU 1 none */
		:: pinned[0] = 1; pinned[1] = 2
		/* CPU 0 has none left, in two words or in one */
		:: a_anywhere = 1; pinned[0] = 1
		:: a_anywhere = 1; a_bound = 1
		:: a_bound = 1
		/* another context holds as much, or as much as A may come to hold elsewhere */
		:: a_anywhere = 1; b_in[EVERYWHERE] = 1
		:: a_anywhere = 1; b_in[ON_CPU_0] = 2
#endif
		fi;
#endif
		a_in[EVERYWHERE] = a_anywhere;
		a_in[ON_CPU_0] = A_ON_CPU_0;
		assumed[EVERYWHERE] = MAX(a_anywhere, b_in[EVERYWHERE]);
		assumed[ON_CPU_0] = MAX(A_ON_CPU_0, b_in[ON_CPU_0]);
		/* more may be assumed than is held */
		if
		:: true
#ifndef HOLDS_ON
		:: pinned[0] == 0 && pinned[1] == 0 -> assumed[EVERYWHERE] = 2
		:: pinned[0] == 0 -> assumed[ON_CPU_0] = 2
#endif
		fi;
		n = 0;
		cpu_0 = pinned[0];
		memory = pinned[0];
		pinned_1 = pinned[1];
		judge();
		run task();
		run debugger(0);
		run debugger(1);
		if
		:: b_in[0] + b_in[1] != 0 -> run other()
		:: else
		fi
	}

	/* Only hardware() and init() are left. */
	_nr_pr == 2 && len(buffer) == 0;
	assert(claims[0] == 0 && claims[1] == 0);
	assert(places[0] == 0 && places[1] == 0);
	assert(firm[0] == 0 && firm[1] == 0);
	assert(debuggers == 0);
	assert(memory == pinned[0]);
	assert(assumed[EVERYWHERE] >= a_anywhere && assumed[ON_CPU_0] >= A_ON_CPU_0);
	assert(a_in[EVERYWHERE] == a_anywhere && a_in[ON_CPU_0] == A_ON_CPU_0)
}
