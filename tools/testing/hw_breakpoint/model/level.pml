/* SPDX-License-Identifier: GPL-2.0 */
/*
 * How task contexts share a level without a lock: a model for spin of what level.c in
 * kernel/events/hw_breakpoint/ does, and of what context.c, account.c and claims.c have
 * to do with it. verify.sh beside this file has it searched for a way to go wrong.
 *
 * How many contexts hold n slots nobody knows at any moment: who comes and who goes is
 * counted on the CPU that runs. All that is known is a word: contexts may hold up to
 * @allowed slots without asking, and others leave them @assumed. Whoever wants more asks,
 * one task at a time. Whoever is in want of slots lowers both numbers, if they are more
 * than what a sum over all CPUs finds held.
 *
 * The model has one level, two CPUs with CAPACITY slots each, and of the following any
 * three at once:
 *
 *	context(0)	a task context comes to hold more or less, OPERATIONS times, on
 *	context(1)	any CPU; and another one
 *	cpu_event()	a task on CPU 0 reserves a slot for an event of that CPU
 *	debugger(0)	an NMI on CPU 0 claims a slot there. Tasks of CPU 0 do not go on
 *			before the NMI returns, and it may come between any two of their
 *			accesses to memory.
 *	debugger(1)	claims a slot of CPU 1, and runs at the same time as all others
 *	counter()	wants to know what is held; with the two contexts
 *
 * CAST says which three, if it shall not be any; CAST 7 are the debuggers alone. Either
 * context may hold something from the start, come on CPU 0; and more than that may be
 * allowed or assumed.
 *
 * All that these share is changed by atomic operations that are full barriers, or before
 * one, here at once and in program order, and is read in program order. What may be
 * reordered where one of the barriers is missing has a variant below; which barriers make
 * that order is for the litmus tests beside this file to say.
 *
 * What shall be true:
 *
 * 1. What was granted to CPUs, to the context that has most, and to debuggers never exceeds
 *    the slots of a CPU: judge().
 * 2. What is assumed is never less than what a context was granted: judge().
 * 3. A task is refused for what others have. A context is refused for what a CPU and
 *    debuggers have at that moment; the event of a CPU for what somebody had at a moment
 *    since it asked, or for what a context is about to have, and then does get: @blamed.
 *    (A debugger looks once, as in reservation.pml.)
 * 4. In the end the tallies say what contexts hold, and nothing else is left.
 * 5. Nobody waits for one that was interrupted by it, which spin calls an invalid end state.
 * 6. All come to an end, however they hinder one another; with weak fairness. (spin does
 *    not find that two go round for ever while a third is kept from running by the NMI. So
 *    the debuggers are tried alone.)
 * 7. A count finds no less than a context has held all the while that does not want more
 *    meanwhile, and no more than some context was counted with at a moment since it began.
 *
 * Each of these can fail, and does when one of these variants is defined:
 *
 *	NO_BARRIER_ENTER	level:A is missing: a context looks at @allowed again
 *				before others can see that it has come
 *	NO_BARRIER_LOWER	level:B is missing: whoever lowers counts before others can
 *				see that @allowed was taken back
 *	CAME_BEFORE_WENT	tally:B is missing: who came is summed before who went
 *	COUNTS_FROM_BELOW	the lesser numbers are counted before the greater ones
 *	LEAVES_FIRST		a context that comes to hold less leaves the tally of the
 *				greater number before it enters that of the lesser
 *	LOOKS_ONCE		a context that comes does not look at @allowed again
 *	COUNTS_ONCE		whoever lowers does not count again once @allowed was taken
 *				back
 *	NO_CHANGES		there is no number of changes in the word
 *	NO_FORGO		what was assumed and is not to be had remains assumed
 *	ALLOWS_EARLY		what is assumed is allowed before it has been checked
 *	ASSUMES_LATE		debuggers' claims are looked at before others can see what
 *				is assumed: claims:A is missing
 *	REFUSED_STAYS		who is refused remains in the tally
 *	IGNORES_OTHERS		whoever wants room and could not lower anything does not
 *				look whether another one has
 *	LEAVES_TO_ASK		a context that came, and finds that it has to ask, leaves
 *				first
 *	NO_KEEP			whoever finds that there is nothing to lower leaves the word
 *				alone, so that another one lowers it who has counted before
 *	KEEPS_SAME		the same, though the word has to be as it was
 *	ALWAYS_CHANGES		whoever begins to lower changes the word though nothing has
 *				to be taken back
 *	NMI_ASKS		a debugger waits for the mutex in order to lower
 *
 * Left out: what a debugger takes by force; hints, that is, looks before anything is
 * published; the second type; and a context with events in more than one level, which
 * takes part in each as here, always under the mutex.
 */

#define CAPACITY	2
#define CPUS		2

#ifndef OPERATIONS
#define OPERATIONS	1
#endif

#define MAX(a, b)	((a) > (b) -> (a) : (b))
#define MIN(a, b)	((a) < (b) -> (a) : (b))

/* ---- memory ---- */

#define TALLY(cpu, n)	((cpu) * CAPACITY + (n) - 1)

byte came[CPUS * CAPACITY];
byte went[CPUS * CAPACITY];

/*
 * The word. Instead of the number of changes, which has no end, there is for each who may
 * lower whether the word has been changed since it was read there.
 */
byte allowed;
byte assumed;
bool changed[3];

/* Who lowers, as @me; 0 and 1 are the debuggers. */
#define LOWERER_TASK	2

byte pinned;		/* to CPU 0, as others see it */
byte claims[CPUS];	/* of debuggers */
byte places[CPUS];	/* of those that have been granted; one word with @claims */
bool mutex;		/* hwbp_raise_lock */

/* ---- the judge, who sees everything at once and whom nobody sees ---- */

bool in_nmi;		/* debugger(0) has interrupted CPU 0 */
byte cpu_of[4];		/* the CPU that a process runs on */
#define HERE	cpu_of[_pid]
byte held[2];		/* by contexts, granted */
byte entered[2];	/* by contexts, in a tally and not granted yet */
byte owned;		/* by CPU 0, granted */
byte firm[CPUS];	/* by debuggers, granted */
bool counting;		/* counter() has begun */
byte all_the_while[2];	/* what contexts have held since, unless they want more */
byte at_any_time;	/* the most that one was in a tally with since */
bool asking;		/* cpu_event() has begun and not been answered yet */
bool taken;		/* somebody has had meanwhile what cpu_event() wants */
byte blamed;		/* contexts, as bits, for one of which it was refused */

#define MOST_HELD	MAX(held[0], held[1])
#define FULL(cpu, n)	(((cpu) == 0 -> owned : 0) + firm[cpu] + (n) > CAPACITY)

inline judge()
{
	assert(!FULL(0, MOST_HELD) && !FULL(1, MOST_HELD));
	assert(assumed >= MOST_HELD);
	assert(allowed <= assumed);
	at_any_time = (counting -> MAX(at_any_time, MOST_HELD) : 0);
	taken = taken || (asking && FULL(0, MOST_HELD + 1))
}

inline grant_context()
{
	held[me] = new;
	entered[me] = 0;
	blamed = (blamed & (1 << me) -> 0 : blamed);
	judge()
}

inline refuse_context(cpu)
{
	assert(FULL(cpu, new));
	entered[me] = 0;
	assert(blamed != (1 << me));
	blamed = blamed & ~(1 << me)
}

inline enter_tally()
{
	came[TALLY(HERE, new)]++;
	counted = true;
	entered[me] = new;
	all_the_while[me] = 0;
	at_any_time = (counting -> MAX(at_any_time, new) : 0)
}

#define ABOUT_TO_FILL(c)	(entered[c] && FULL(0, entered[c] + 1))

inline refuse_cpu()
{
	blamed = (taken -> 0 : ABOUT_TO_FILL(0) + 2 * ABOUT_TO_FILL(1));
	assert(taken || blamed);
	asking = false;
	taken = false
}

/* ---- the word ---- */

#ifdef NO_CHANGES
#define UNCHANGED	(allowed == word_allowed && assumed == word)
#else
#define UNCHANGED	(!changed[me])
#endif

inline read_word()
{
	word = assumed;
#ifdef NO_CHANGES
	word_allowed = allowed;
#endif
	changed[me] = false
}

#define change_word(may, must) \
	allowed = may; \
	assumed = must; \
	changed[0] = true; \
	changed[1] = true; \
	changed[2] = true

/* ---- whoever lowers ---- */

inline add_went(cpu)
{
	sum = sum + went[TALLY(cpu, n)];
	i++
}

inline take_came(cpu)
{
	sum = sum - came[TALLY(cpu, n)];
	i++
}

/* After the tallies of n have been summed */
inline next_number()
{
	i = 0;
	if
#ifdef COUNTS_FROM_BELOW
	:: sum != 0 -> most = n; n++
	:: else -> n++
#else
	:: sum != 0 -> most = n; n = 0
	:: else -> n--
#endif
	fi;
	sum = 0
}

#ifdef COUNTS_FROM_BELOW
#define FIRST_NUMBER	1
#define MORE		(n <= word)
#else
#define FIRST_NUMBER	word
#define MORE		(n != 0)
#endif

/* count_most() */
inline count_most()
{
	atomic { n = FIRST_NUMBER; most = 0 }
	do
#ifdef CAME_BEFORE_WENT
	:: atomic { MORE && i == 0 -> take_came(0) }
	:: atomic { MORE && i == 1 -> take_came(1) }
	:: atomic { MORE && i == 2 -> add_went(0) }
	:: atomic { MORE && i == 3 -> add_went(1); next_number() }
#else
	:: atomic { MORE && i == 0 -> add_went(0) }
	:: atomic { MORE && i == 1 -> add_went(1) }
	:: atomic { MORE && i == 2 -> take_came(0) }
	:: atomic { MORE && i == 3 -> take_came(1); next_number() }
#endif
	:: atomic { !MORE -> n = 0; break }
	od
}

/* begin_lowering(), to what has been counted */
inline begin_lowering()
{
	atomic {
		if
		:: UNCHANGED -> found = most; begun = true
		:: else -> read_word()
		fi;
#ifndef NO_BARRIER_LOWER
		if
#ifdef ALWAYS_CHANGES
		:: begun -> change_word(MIN(allowed, found), assumed); read_word()
#else
		:: begun && allowed > found -> change_word(found, assumed); read_word()
#endif
		:: else
		fi
#endif
	}
}

inline end_lowering()
{
	atomic {
		if
		:: UNCHANGED ->
			change_word(MIN(allowed, found), found);
			judge();
			lowered = true;
			done = true
		:: else ->
			read_word()
		fi
	}
}

/* There is nothing to lower: some context holds as many slots as are assumed. */
inline keep_level()
{
	atomic {
		if
#ifdef NO_KEEP
		:: true -> done = true
#else
		:: word == 0 -> done = true
		:: word != 0 && UNCHANGED && allowed == assumed -> done = true
		:: word != 0 && UNCHANGED && allowed != assumed ->
#ifndef KEEPS_SAME
			change_word(allowed, assumed);
#endif
			done = true
		:: else -> read_word()
#endif
		fi
	}
}

/* hwbp_level_lower() */
inline lower()
{
	atomic { read_word(); lowered = false; done = false }
	do
	:: !done ->
		count_most();
		if
		:: begun && most <= found -> end_lowering(); begun = false
		:: begun && most > found -> begun = false
		:: !begun && most == word -> keep_level()
		:: !begun && most != word ->
			begin_lowering();
#ifdef COUNTS_ONCE
			if
			:: begun -> end_lowering(); begun = false
			:: else
			fi
#endif
		fi
	:: atomic {
		done ->
		most = 0;
		found = 0;
		word = 0;
#ifdef NO_CHANGES
		word_allowed = 0;
#endif
		changed[me] = true;
		done = false;
		break
	   }
	od
}

/* ---- a context ---- */

/* What a CPU and debuggers have left. Waits until it is clear whether a claim stays. */
inline look_at_claims(cpu)
{
	if
	:: atomic {
		((cpu) == 0 -> pinned : 0) + new + claims[cpu] <= CAPACITY
	   }
	:: atomic {
		((cpu) == 0 -> pinned : 0) + new + places[cpu] > CAPACITY ->
		refuse_context(cpu);
		goto forgo
	   }
	fi
}

/* The task is on any CPU when it counts. */
inline migrate()
{
	if
	:: HERE = 0
	:: HERE = 1
	fi
}

proctype context(byte me) provided (!in_nmi || cpu_of[_pid] != 0)
{
	byte old, new, before, operations;
	bool counted;

	do
	:: atomic {
		operations < OPERATIONS ->
		operations++;
		old = held[me];
		if
		:: old != 0 -> new = 0
		:: old != 1 -> new = 1
		:: old != 2 -> new = 2
		fi;
		migrate();
		if
		:: new < old -> goto less
		:: else
		fi
	   }

		/* enter() */
		if
		:: new > allowed -> goto ask
		:: else
		fi;
#ifdef NO_BARRIER_ENTER
		before = allowed;
#endif
		atomic { enter_tally() }
		if
#ifdef LOOKS_ONCE
		:: atomic { true -> grant_context(); goto count_change }
#elif defined(NO_BARRIER_ENTER)
		:: atomic { new <= before -> grant_context(); goto count_change }
		:: else
#else
		:: atomic { new <= allowed -> grant_context(); goto count_change }
		:: else
#endif
		fi;
#ifdef LEAVES_TO_ASK
		atomic { went[TALLY(HERE, new)]++; counted = false; entered[me] = 0 }
#endif

ask:		atomic {
			!mutex ->
			mutex = true;
			if
			:: pinned + new > CAPACITY -> refuse_context(0); goto refused
			:: else
			fi
		}

		/* raise() */
		if
		:: atomic { !counted -> enter_tally() }
		:: else
		fi;
#ifdef ASSUMES_LATE
		look_at_claims(0);
		look_at_claims(1);
#endif
		atomic {
			before = assumed;
#ifdef ALLOWS_EARLY
			change_word(MAX(assumed, new), MAX(assumed, new));
#else
			change_word(allowed, MAX(assumed, new));
#endif
			if
			:: before >= new -> grant_context(); goto allow
			:: else
			fi
		}
#ifndef ASSUMES_LATE
		look_at_claims(0);
		look_at_claims(1);
#endif
		atomic { grant_context() }
allow:		atomic { change_word(assumed, assumed); mutex = false }

count_change:	atomic {
			if
			:: old != 0 -> went[TALLY(HERE, old)]++
			:: else
			fi;
			goto over
		}

less:		/* It has been counted with what it holds, and may hold less. */
#ifdef LEAVES_FIRST
		went[TALLY(HERE, old)]++;
#endif
		if
		:: new != 0 -> came[TALLY(HERE, new)]++
		:: else
		fi;
		atomic {
#ifndef LEAVES_FIRST
			went[TALLY(HERE, old)]++;
#endif
			held[me] = new;
			all_the_while[me] = MIN(all_the_while[me], new);
			goto over
		}

forgo:		went[TALLY(HERE, new)]++;
		atomic {
#ifndef NO_FORGO
			change_word(allowed, MIN(assumed, before));
#endif
			counted = false
		}

refused:	atomic {
			mutex = false;
#ifndef REFUSED_STAYS
			if
			:: counted -> went[TALLY(HERE, new)]++
			:: else
			fi
#endif
		}

over:		atomic { old = 0; new = 0; before = 0; counted = false; HERE = 1 }
	:: operations == OPERATIONS ->
		break
	od
}

/* ---- whoever only wants to know, hwbp_level_is_empty() ---- */

#define LOWERER_VARIABLES	byte n, i, word, most, found; short sum; \
				bool begun, lowered, done WORD_ALLOWED
#ifdef NO_CHANGES
#define WORD_ALLOWED		; byte word_allowed
#else
#define WORD_ALLOWED
#endif

proctype counter()
{
	LOWERER_VARIABLES;

	atomic {
		word = CAPACITY;
		counting = true;
		all_the_while[0] = held[0];
		all_the_while[1] = held[1];
		judge();
		at_any_time = MAX(at_any_time, MAX(entered[0], entered[1]))
	}
	count_most();
	atomic {
		assert(most >= all_the_while[0] && most >= all_the_while[1]);
		assert(most <= at_any_time);
		counting = false
	}
}

/* ---- an event of CPU 0 ---- */

proctype cpu_event() provided (!in_nmi)
{
	byte me = LOWERER_TASK, demand;
	bool looked;
	LOWERER_VARIABLES;

	atomic { !mutex -> mutex = true; asking = true; judge() }

	/* cpu_has_room() before it is pinned, and hwbp_cpu_beside_debuggers() after that */
look:	demand = 1 + assumed;
	if
	:: pinned == 0 && demand <= CAPACITY ->
		atomic { pinned = 1; looked = false; goto look }
	:: atomic { pinned == 0 && demand > CAPACITY && looked -> refuse_cpu(); goto unlock }
	:: atomic {
		pinned == 1 && demand + claims[0] <= CAPACITY ->
		owned = 1;
		asking = false;
		taken = false;
		judge();
		goto unlock
	   }
	:: atomic { pinned == 1 && demand + places[0] > CAPACITY && looked ->
		refuse_cpu();
		goto unpin
	   }
	:: pinned == 1 && demand + claims[0] > CAPACITY && demand + places[0] <= CAPACITY &&
	   looked -> goto look
	:: demand + pinned * claims[0] > CAPACITY && !looked
	fi;
	lower();
	atomic {
		looked = true;
#ifdef IGNORES_OTHERS
		looked = !lowered;
		if
		:: pinned == 0 && !lowered -> refuse_cpu(); goto unlock
		:: else
		fi;
#endif
		lowered = false;
		goto look
	}

unpin:	pinned = 0;

unlock:	atomic { mutex = false; looked = false; demand = 0; lowered = false }
}

/* ---- the debuggers ---- */

proctype debugger(byte me)
{
	byte room;
	bool looked;
	LOWERER_VARIABLES;

	/* make_claim() */
	atomic {
		in_nmi = in_nmi || me == 0;
		room = CAPACITY - claims[me];
		claims[me]++
	}
look:	room = room - (me == 0 -> pinned : 0);
	if
	:: atomic { assumed < room -> firm[me]++; judge(); goto enter }
	:: else
	fi;
	if
	:: looked -> goto withdraw
	:: else
	fi;
#ifdef NMI_ASKS
	atomic { !mutex -> mutex = true }
#endif
	lower();
#ifdef NMI_ASKS
	mutex = false;
#endif
	atomic { room = CAPACITY - claims[me] + 1; looked = true; lowered = false; goto look }

withdraw:
	atomic { claims[me]--; goto over }

enter:	places[me]++;
	atomic { room = 0; looked = false; in_nmi = in_nmi && me != 0 }

	/* leave_on(), some time later */
	atomic { claims[me]--; places[me]--; firm[me]-- }

over:	atomic { room = 0; looked = false; in_nmi = in_nmi && me != 0 }
}

/* ---- from the first moment to the last ---- */

#define LEFT(n)		(came[TALLY(0, n)] + came[TALLY(1, n)] - \
			 went[TALLY(0, n)] - went[TALLY(1, n)])
#define HOLDERS(n)	((held[0] == (n)) + (held[1] == (n)))

init
{
	byte n;

	atomic {
		/* contexts hold something, or have held it */
		select(n : 0 .. CAPACITY);
		held[0] = n;
		if
		:: held[1] = 0
		:: held[1] = 1
		fi;
		if
		:: held[0] != 0 -> came[TALLY(0, held[0])]++
		:: else
		fi;
		if
		:: held[1] != 0 -> came[TALLY(0, held[1])]++
		:: else
		fi;
		select(n : MOST_HELD .. CAPACITY);
		assumed = n;
		select(n : 0 .. assumed);
		allowed = n;
		n = 0;
		changed[0] = true;
		changed[1] = true;
		changed[2] = true;
		cpu_of[1] = 1;
		cpu_of[2] = 1;
		if
#if !defined(CAST) || CAST == 1
		:: run context(0); run context(1); run debugger(1)
#endif
#if !defined(CAST) || CAST == 2
		:: run context(0); run cpu_event(); run debugger(1)
#endif
#if !defined(CAST) || CAST == 3
		:: run context(0); run debugger(0); run debugger(1)
#endif
#if !defined(CAST) || CAST == 4
		:: run context(0); run context(1); run cpu_event()
#endif
#if !defined(CAST) || CAST == 5
		:: run cpu_event(); run debugger(0); run debugger(1)
#endif
#if !defined(CAST) || CAST == 7
		:: run debugger(0); run debugger(1)
#endif
#if !defined(CAST) || CAST == 6
		:: run context(0); run context(1); run counter()
#endif
		fi
	}

	/* Only init() is left. */
	_nr_pr == 1;
	assert(!mutex && !in_nmi);
	assert(blamed == 0);
	assert(pinned == owned);
	assert(claims[0] == 0 && claims[1] == 0 && places[0] == 0 && places[1] == 0);
	assert(LEFT(1) == HOLDERS(1) && LEFT(2) == HOLDERS(2));
}
