// SPDX-License-Identifier: GPL-2.0
/*
 * x86: guest and debugger step. A guest steps itself through all that has to do with RFLAGS.TF, and
 * keeps each trap, and RFLAGS wherever it can see them. It is run once with nobody debugging it;
 * whatever the debugger does, the guest must have kept the very same.
 */
#include <stdio.h>
#include <string.h>

#include "nested_x86_64.h"
#include "together.h"

#define TF		0x100u
#define TRACE_WORDS	((BLOCK_SEEN - BLOCK_TRACE) / sizeof(uint64_t))

extern const uint8_t guest_traced[], guest_traced_end[], guest_ring3[], guest_ring3_end[];

/* In the guest's block */
struct trace {
	uint64_t steps[TRACE_WORDS];
	uint64_t seen[SEEN_MAX];
};

static struct vm vm;
static struct vcpu vcpu;
static struct host host;
static struct trace alone;
static bool moves;	/* from machine to machine */

static struct trace *trace(void)
{
	return (struct trace *)((uint8_t *)vcpu.block + BLOCK_TRACE);
}

static void debug(unsigned int control, struct aim aim)
{
	struct kvm_guest_debug arg = { .control = control };

	arch_debug_regs(&vcpu, aim, &arg);
	must_ioctl(vcpu.fd, KVM_SET_GUEST_DEBUG, &arg, "KVM_SET_GUEST_DEBUG");
}

static bool within(uint64_t rip, const uint8_t *from, const uint8_t *to)
{
	return rip - guest_address(&vm, from) < (uint64_t)(to - from);
}

/* Where the guest has TF set */
static bool traces(uint64_t rip)
{
	return within(rip, guest_traced, guest_traced_end) ||
	       within(rip, guest_ring3, guest_ring3_end);
}

static void start(struct aim guest, unsigned int command)
{
	memset(trace(), 0, sizeof(*trace()));
	guest_plan(&vcpu, guest);
	vcpu.block->command = command;
	vcpu.block->rounds = 1;
	vcpu.block->leaks = 0;
}

static bool own_flags(void)
{
	struct kvm_regs regs;

	must_ioctl(vcpu.fd, KVM_GET_REGS, &regs, "KVM_GET_REGS");
	/* the functions are called with either */
	if (!(regs.rflags & TF) == !traces(regs.rip) ||
	    within(regs.rip, guest_functions, guest_handler))
		return true;
	note("at %#llx KVM_GET_REGS says RFLAGS %#llx", (unsigned long long)regs.rip,
	     (unsigned long long)regs.rflags);
	return false;
}

/*
 * Return: whether the debugger has stopped where each of the guest's traps has left it, and then
 * where the trap's handler begins.
 */
static bool stopped_at_all(const uint64_t *stops, unsigned int n)
{
	uint64_t handler = guest_address(&vm, guest_handler);
	unsigned int i, found = 0;

	for (i = 0; i + 1 < n && found < TRACE_WORDS / 2; i++) {
		if (stops[i] == alone.steps[2 * found] && stops[i + 1] == handler)
			found++;
	}
	if (found == TRACE_WORDS / 2 || !alone.steps[2 * found])
		return true;
	note("of %u stops none is where the guest's step %u is, %#llx", n, found,
	     (unsigned long long)alone.steps[2 * found]);
	return false;
}

static bool same_trace(void)
{
	const uint64_t *was = (const uint64_t *)&alone, *is = (const uint64_t *)trace();
	unsigned int i;

	if (vcpu.block->leaks) {
		note("the guest has had %llu #DBs of nothing",
		     (unsigned long long)vcpu.block->leaks);
		return false;
	}

	for (i = 0; i < sizeof(alone) / sizeof(*was); i++) {
		if (was[i] == is[i])
			continue;
		note("the guest has kept %#llx and not %#llx: %s %u", (unsigned long long)is[i],
		     (unsigned long long)was[i], i < TRACE_WORDS ? "step" : "seen",
		     i < TRACE_WORDS ? i / 2 : i - (unsigned int)TRACE_WORDS);
		return false;
	}
	return true;
}

static void move_on(unsigned int control, struct aim debugger)
{
	vcpu_move(&vcpu);
	debug(control, debugger);
}

/* Step by step to the guest's end; hits of the debugger's own are counted in @hits. */
static bool step_through(unsigned int control, struct aim debugger, unsigned int *hits)
{
	static uint64_t stops[4096];
	unsigned int n = 0;
	bool right = true;
	enum left left;

	debug(control, debugger);
	while ((left = vcpu_run(&vcpu)) == LEFT_BY_DEBUG && right && n < ARRAY_SIZE(stops)) {
		stops[n++] = arch_pc(&vcpu);
		*hits += arch_debug_hit(&vcpu) >= 0;
		right = own_flags();
		host_touch(&host, &vcpu);
		if (moves && n % 17 == 0)
			move_on(control, debugger);
	}
	debug(0, debugger);
	if (left == LEFT_BY_GUEST)
		return right && stopped_at_all(stops, n);
	note("step %u: exit reason %u at %#llx", n, vcpu.run->exit_reason,
	     (unsigned long long)arch_pc(&vcpu));
	return false;
}

/*
 * One round. @nest: DO_NEST, and a guest of the guest's does it, with its own DR7; or 0. The first
 * word is written by DO_TRACE, twice, and by DO_WRITE or that guest.
 */
static void begin_round(struct aim guest, unsigned int nest)
{
	start(guest, DO_SET | DO_TRACE | DO_EXIT | (nest ? nest : DO_WRITE));
	if (nest) {
		vcpu.block->set[7] = 0x400;
		vcpu.expected[0] += 3;
		vcpu.expected[1]++;
	} else {
		vcpu.expected[0] += 3 * (guest.watch & 1) + 2 * (guest.exec & 1);
	}
}

/* The debugger watches what the guest writes, too. */
static bool round_beside(struct aim guest, struct aim debugger, unsigned int nest)
{
	unsigned int control = KVM_GUESTDBG_ENABLE | KVM_GUESTDBG_SHARE_HW |
			       KVM_GUESTDBG_SINGLESTEP | KVM_GUESTDBG_USE_HW;
	unsigned int hits = 0, expected = 3 * (debugger.watch & 1);

	begin_round(guest, nest);
	if (!step_through(control, debugger, &hits) || !same_trace() || !guest_hits_right(&vcpu))
		return false;
	if (hits != expected)
		note("the debugger has had %u hits and not %u", hits, expected);
	return hits == expected;
}

/* Return: how many words the guest has written. */
static unsigned int kept(const uint64_t *words, unsigned int n)
{
	while (n && !words[n - 1])
		n--;
	return n;
}

static bool run_alone(struct aim guest, unsigned int nest)
{
	begin_round(guest, nest);
	if (vcpu_run(&vcpu) != LEFT_BY_GUEST) {
		note("alone: exit reason %u", vcpu.run->exit_reason);
		return false;
	}
	alone = *trace();
	if (kept(alone.steps, TRACE_WORDS) < 100 || kept(alone.seen, SEEN_MAX) < 40 ||
	    alone.steps[TRACE_WORDS - 1] || alone.seen[SEEN_MAX - 1]) {
		note("alone: %u words of steps, %u of flags", kept(alone.steps, TRACE_WORDS),
		     kept(alone.seen, SEEN_MAX));
		return false;
	}
	return guest_hits_right(&vcpu);
}

static bool rounds(const struct aim *guests, unsigned int kinds, unsigned int nest, unsigned long n)
{
	static const struct aim debuggers[] = { { 0 }, { .watch = 1 }, { .decoy = 4 } };

	for (; n; n--) {
		/* twice: an emulator may see a step where a page was not there yet */
		if (!run_alone(guests[n % kinds], nest) || !run_alone(guests[n % kinds], nest) ||
		    !round_beside(guests[n % kinds], debuggers[n % ARRAY_SIZE(debuggers)], nest))
			return false;
	}
	return true;
}

static bool both_step(unsigned long n)
{
	static const struct aim guests[] = { { 0 }, { .watch = 1 }, { .watch = 1, .decoy = 6 },
					     { .exec = 1 } };
	bool right;

	host_begin(&host, 2, &vcpu, &vm);
	right = together_offered(&vm) && rounds(guests, ARRAY_SIZE(guests), 0, n);
	return host_end(&host, &vcpu) & right;
}

bool case_both_step(void)
{
	return both_step(exits / 5000 + 3);
}

/* Every 17th stop is in another machine. */
bool case_both_step_moved(void)
{
	bool right;

	moves = true;
	right = both_step(3);
	moves = false;
	return right;
}

/* The debugger steps from the guest into its guest, and back. */
bool case_both_step_nested(void)
{
	static const struct aim two = { .watch = 3 };
	bool right;

	host_begin(&host, 2, &vcpu, &vm);
	right = together_offered(&vm) && nested_allow(&vcpu) && rounds(&two, 1, DO_NEST, 3);
	return host_end(&host, &vcpu) & right;
}
