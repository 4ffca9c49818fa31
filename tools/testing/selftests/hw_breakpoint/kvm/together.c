// SPDX-License-Identifier: GPL-2.0
/*
 * KVM_GUESTDBG_SHARE_HW: the VMM debugs a guest that has breakpoints of its own, and both are
 * hit. What does not fit is the guest's, and the VMM is told. Exact counts on three sides, the
 * host's included.
 */
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>

#include "together.h"

#define ALL	(DO_SET | DO_WRITE | DO_CALL | DO_READ | DO_EXIT)
#define HW	(KVM_GUESTDBG_ENABLE | KVM_GUESTDBG_USE_HW | share)

/* Each of the two may do three things with each of the four: nothing, watch its word, break */
#define KINDS	3
#define PAIRS	6561	/* (KINDS * KINDS) to the power of SLOTS */
#define STRIDE	1667	/* prime to it */

static struct vm vm;
static struct vcpu vcpu;
static struct host host;
static bool moves;	/* from machine to machine */
static unsigned int share = KVM_GUESTDBG_SHARE_HW;	/* 0: the debugger does not know it */

bool together_offered(const struct vm *of)
{
	if (ioctl(of->kvm, KVM_CHECK_EXTENSION, KVM_CAP_SET_GUEST_DEBUG2) & KVM_GUESTDBG_SHARE_HW &&
	    ioctl(of->kvm, KVM_CHECK_EXTENSION, KVM_CAP_GET_GUEST_DEBUG) == 1)
		return true;
	note("KVM offers no KVM_GUESTDBG_SHARE_HW, or no KVM_GET_GUEST_DEBUG");
	return false;
}

static bool begin(int host_breakpoints)
{
	host_begin(&host, host_breakpoints, &vcpu, &vm);
	return together_offered(&vm);
}

static bool end(void)
{
	return host_end(&host, &vcpu);
}

static void debug(unsigned int control, struct aim aim)
{
	struct kvm_guest_debug arg = { .control = control };

	arch_debug_regs(&vcpu, aim, &arg);
	must_ioctl(vcpu.fd, KVM_SET_GUEST_DEBUG, &arg, "KVM_SET_GUEST_DEBUG");
}

/* On in another machine, where the debugger sets its own again */
static void move_on(unsigned int control, struct aim debugger)
{
	if (!moves)
		return;
	vcpu_move(&vcpu);
	debug(control, debugger);
}

/* @hit: what of the guest's own is hit in this round */
static void start(unsigned int command, struct aim hit)
{
	int i;

	vcpu.block->command = command;
	vcpu.block->rounds = 1;
	for (i = 0; i < SLOTS; i++)
		vcpu.expected[i] += (hit.watch >> i & 1) + (hit.exec >> i & 1);
}

static bool stops_at(int slot, struct aim debugger)
{
	enum left left = vcpu_run(&vcpu);

	if (left == LEFT_BY_DEBUG && arch_debug_hit(&vcpu) == slot &&
	    arch_hit_alone(&vcpu, slot, debugger))
		return true;
	note("exit reason %u, flags %#x, hit %d and not %d", vcpu.run->exit_reason, vcpu.run->flags,
	     left == LEFT_BY_DEBUG ? arch_debug_hit(&vcpu) : -1, slot);
	return false;
}

/* The debugger's own, in the order in which the guest comes to them */
static bool stops(struct aim debugger, unsigned int set, bool exec)
{
	int i;

	for (i = 0; i < SLOTS; i++) {
		if (!(set >> i & 1))
			continue;
		if (!stops_at(i, debugger))
			return false;
		host_touch(&host, &vcpu);
		move_on(HW, debugger);
		if (!arch_get_over(&vcpu, HW, debugger, exec))
			return false;
		move_on(HW, debugger);
	}
	return true;
}

static bool leaves(void)
{
	enum left left = vcpu_run(&vcpu);

	if (left == LEFT_BY_GUEST && !vcpu.block->fault)
		return true;
	note("exit reason %u, fault %#llx, and not the guest's end", vcpu.run->exit_reason,
	     (unsigned long long)vcpu.block->fault);
	return false;
}

/* What the guest reads, and KVM says, is what the guest has set, whoever has the registers. */
static bool own_registers(void)
{
	uint64_t regs[REGISTERS];
	bool right = true;
	int i;

	arch_registers_of(&vcpu, regs);
	for (i = 0; i < REGISTERS; i++) {
		if (!(arch_registers >> i & 1) || (vcpu.block->read[i] == vcpu.block->set[i] &&
						   regs[i] == vcpu.block->set[i]))
			continue;
		note("register %d: the guest reads %#llx, KVM says %#llx, and it is %#llx", i,
		     (unsigned long long)vcpu.block->read[i], (unsigned long long)regs[i],
		     (unsigned long long)vcpu.block->set[i]);
		right = false;
	}
	return right;
}

static bool flag_is(bool rests)
{
	bool is = vcpu.run->flags & KVM_RUN_DEBUG_RESTED;

	if (is != rests)
		note("told that some rest: %d, and not %d", is, rests);
	return is == rests;
}

/* @first: the guest sets its own before the debugger comes, and not beside it */
static bool round_of(struct aim guest, struct aim debugger, bool first)
{
	debug(0, (struct aim){ 0 });
	guest_aim(&vcpu, first ? guest : (struct aim){ 0 });
	debug(HW, debugger);
	guest_plan(&vcpu, guest);
	start(first ? ALL & ~DO_SET : ALL, arch_hit_beside(guest, debugger));
	if (!stops(debugger, debugger.watch, false) || !stops(debugger, debugger.exec, true) ||
	    !leaves() || !flag_is(arch_some_rest(guest, debugger)))
		return false;
	move_on(HW, debugger);
	return own_registers() && flag_is(arch_some_rest(guest, debugger));
}

static void add(struct aim *aim, unsigned int kind, int i)
{
	aim->watch |= (kind == 1) << i;
	aim->exec |= (kind == 2) << i;
}

/* All that two can do with the four words and functions, the same ones included */
static void pair(unsigned int number, struct aim *guest, struct aim *debugger)
{
	int i;

	*guest = (struct aim){ 0 };
	*debugger = (struct aim){ 0 };
	for (i = 0; i < SLOTS; i++, number /= KINDS * KINDS) {
		add(guest, number % KINDS, i);
		add(debugger, number / KINDS % KINDS, i);
	}
}

static void change_cpu(unsigned long to)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(to % (unsigned long)sysconf(_SC_NPROCESSORS_ONLN), &set);
	if (sched_setaffinity(0, sizeof(set), &set))
		die("sched_setaffinity");
}

static bool pairs(int host_breakpoints, unsigned long rounds)
{
	unsigned long n;
	bool right = begin(host_breakpoints);
	struct aim guest, debugger;
	cpu_set_t before;

	sched_getaffinity(0, sizeof(before), &before);
	for (n = 0; n < rounds && n < PAIRS && right; n++) {
		change_cpu(n / 8);
		pair(n * STRIDE % PAIRS, &guest, &debugger);
		right = round_of(guest, debugger, n & 1) && guest_hits_right(&vcpu);
		if (!right)
			note("guest: watches %#x, breaks %#x; debugger: %#x, %#x", guest.watch,
			     guest.exec, debugger.watch, debugger.exec);
	}
	sched_setaffinity(0, sizeof(before), &before);
	return end() & right;
}

bool case_together(void)
{
	return pairs(0, exits / 4);
}

bool case_together_host(void)
{
	return pairs(2, exits / 4);
}

/* At each stop, behind each hit and at the end of each round */
bool case_together_moved(void)
{
	bool right;

	moves = true;
	right = pairs(2, exits / 256 + 8);
	moves = false;
	return right;
}

/* ---- told at once ---- */

/* The guest enables all four of a kind in one write; the debugger has one of that kind. */
static bool told_at_once(void)
{
	static const struct aim four = { .watch = 15 }, one = { .watch = 8 };
	struct aim hit = arch_hit_beside(four, one);
	enum left left;

	guest_aim(&vcpu, (struct aim){ 0 });
	debug(HW | KVM_GUESTDBG_EXIT_REST, one);
	guest_plan(&vcpu, four);
	start(ALL, hit);
	if (arch_some_rest(four, one)) {
		left = vcpu_run(&vcpu);
		if (left != LEFT_BY_DEBUG || !(vcpu.run->flags & KVM_RUN_DEBUG_RESTS)) {
			note("exit reason %u, flags %#x at the write", vcpu.run->exit_reason,
			     vcpu.run->flags);
			return false;
		}
	}
	return stops_at(3, one) && !(vcpu.run->flags & KVM_RUN_DEBUG_RESTS) &&
	       arch_get_over(&vcpu, HW | KVM_GUESTDBG_EXIT_REST, one, false) && leaves() &&
	       own_registers() && flag_is(arch_some_rest(four, one));
}

/* The debugger goes: all of the guest's are hit again. */
static bool alone_again(void)
{
	debug(0, (struct aim){ 0 });
	guest_run(&vcpu, DO_WRITE | DO_CALL | DO_EXIT, 2);
	return flag_is(false);
}

/* Return: how many steps it is through what sets four of the guest's. */
static unsigned int steps_to_set(unsigned int control)
{
	static const struct aim four = { .watch = 15 }, one = { .watch = 8 };
	unsigned int steps = 0, most = 1000;

	control |= HW | KVM_GUESTDBG_SINGLESTEP;
	guest_aim(&vcpu, (struct aim){ 0 });
	guest_plan(&vcpu, four);
	start(DO_SET, (struct aim){ 0 });
	debug(control, one);
	while (vcpu_run(&vcpu) == LEFT_BY_DEBUG && --most) {
		steps += arch_is_step(&vcpu);
		debug(control, one);
	}
	debug(0, one);
	return most ? steps : 0;
}

/* The exit that tells takes no step with it, nor does one more instruction go by. */
static bool same_steps(void)
{
	unsigned int without = steps_to_set(0), with = steps_to_set(KVM_GUESTDBG_EXIT_REST);

	if (without > 20 && with == without)
		return true;
	note("%u steps, and %u where the debugger is told at once", without, with);
	return false;
}

bool case_together_told(void)
{
	bool right = begin(2);
	unsigned long n;

	for (n = 0; n < exits / 16 && right; n++)
		right = told_at_once() && alone_again();
	right = right && same_steps();
	return end() & right;
}

/* ---- steps and software breakpoints ---- */

/* Of each step the debugger has its own; what the instruction hits is the guest's. */
static bool stepped_round(struct aim guest, unsigned int command, unsigned int control)
{
	unsigned int steps = 0;
	enum left left;

	control |= KVM_GUESTDBG_ENABLE | KVM_GUESTDBG_SHARE_HW;
	guest_plan(&vcpu, guest);
	start(command | DO_SET | DO_WRITE | DO_CALL | DO_EXIT, guest);
	debug(control, (struct aim){ 0 });
	while ((left = vcpu_run(&vcpu)) == LEFT_BY_DEBUG && steps < 1000) {
		steps++;
		host_touch(&host, &vcpu);
		if (steps % 5 == 0)
			move_on(control, (struct aim){ 0 });
		debug(control, (struct aim){ 0 });
	}
	debug(0, (struct aim){ 0 });
	if (left == LEFT_BY_GUEST && (control & KVM_GUESTDBG_SINGLESTEP ? steps > 20 : !steps))
		return true;
	note("%u steps, exit reason %u", steps, vcpu.run->exit_reason);
	return false;
}

static bool stepped(unsigned int control)
{
	static const struct aim aims[] = {
		{ .watch = 5 }, { .exec = 10 }, { .watch = 3, .exec = 12 },
	};
	bool right = begin(2);
	unsigned long n;

	for (n = 0; n < exits / 128 && right; n++)
		right = stepped_round(aims[n % ARRAY_SIZE(aims)], 0, control) &&
			guest_hits_right(&vcpu);
	return end() & right;
}

bool case_together_step(void)
{
	return stepped(KVM_GUESTDBG_SINGLESTEP);
}

bool case_together_software(void)
{
	return stepped(KVM_GUESTDBG_USE_SW_BP);
}

/* ---- read back ---- */

static bool read_is(const struct kvm_guest_debug *set, unsigned int rest)
{
	struct kvm_guest_debug got;

	memset(&got, 0x5a, sizeof(got));
	must_ioctl(vcpu.fd, KVM_GET_GUEST_DEBUG, &got, "KVM_GET_GUEST_DEBUG");
	if (arch_same_debug(set, &got) && got.pad == rest)
		return true;
	note("control %#x and not %#x, %#x rest and not %#x, or other registers", got.control,
	     set->control, got.pad, rest);
	return false;
}

static bool read_back(struct aim guest, struct aim debugger, unsigned int control)
{
	unsigned int shares = control & KVM_GUESTDBG_SHARE_HW;
	struct kvm_guest_debug arg = { .control = control };

	debug(0, debugger);
	guest_aim(&vcpu, guest);
	if (control & KVM_GUESTDBG_USE_HW)
		arch_debug_regs(&vcpu, debugger, &arg);
	must_ioctl(vcpu.fd, KVM_SET_GUEST_DEBUG, &arg, "KVM_SET_GUEST_DEBUG");
	return read_is(&arg, shares ? arch_resting(guest, debugger) : 0);
}

/* Whether the registers are shared or not, and when nobody debugs any more */
bool case_together_read(void)
{
	static const struct kvm_guest_debug none;
	bool right = begin(0);
	struct aim guest, debugger;
	unsigned long n;

	for (n = 0; n < exits / 16 && right; n++) {
		pair(n * STRIDE % PAIRS, &guest, &debugger);
		right = read_back(guest, debugger, HW) &&
			read_back(guest, debugger, KVM_GUESTDBG_ENABLE | KVM_GUESTDBG_USE_HW) &&
			read_back(guest, (struct aim){ 0 },
				  KVM_GUESTDBG_ENABLE | KVM_GUESTDBG_SINGLESTEP);
		debug(0, debugger);
		right = right && read_is(&none, 0);
	}
	return end() & right;
}

/* ---- what is refused, and leaves everything as it was ---- */

static bool one_refused(unsigned int n)
{
	static const struct aim one = { .watch = 4 };
	struct kvm_guest_debug arg = { .control = HW };
	const char *what = arch_not_together(&arg, n);
	bool right;

	debug(HW, one);
	right = ioctl(vcpu.fd, KVM_SET_GUEST_DEBUG, &arg) < 0 && errno == EINVAL;
	guest_plan(&vcpu, (struct aim){ .watch = 3 });
	start(DO_SET | DO_WRITE, (struct aim){ .watch = 3 });
	right = right && stops_at(2, one) && arch_get_over(&vcpu, HW, one, false) && leaves();
	if (!right)
		note("not refused: %s", what);
	return right;
}

bool case_together_refused(void)
{
	bool right = begin(0);
	unsigned int n;

	for (n = 0; n < arch_nr_not_together && right; n++)
		right = one_refused(n);
	return end() & right;
}

/* ---- a debugger that does not know that it can share ---- */

static bool set_parameter(const char *to)
{
	FILE *f = fopen("/sys/module/kvm/parameters/share_debug_regs", "w");
	bool done = f && fputs(to, f) >= 0;

	done = f && !fclose(f) && done;
	if (!done)
		note("kvm.share_debug_regs cannot be set");
	return done;
}

/*
 * What cannot be shared is left out, or is as it is without the parameter. What is an error then
 * is one here.
 */
static bool one_unshared(unsigned int n)
{
	struct kvm_guest_debug arg = { .control = HW }, got = { 0 };
	const char *what = arch_not_together(&arg, n);
	unsigned int control;
	int before, after;

	set_parameter("0");
	before = ioctl(vcpu.fd, KVM_SET_GUEST_DEBUG, &arg);
	debug(0, (struct aim){ 0 });
	set_parameter("1");
	after = ioctl(vcpu.fd, KVM_SET_GUEST_DEBUG, &arg);
	must_ioctl(vcpu.fd, KVM_GET_GUEST_DEBUG, &got, "KVM_GET_GUEST_DEBUG");
	debug(0, (struct aim){ 0 });
	control = arg.control | (arch_leaves_out ? KVM_GUESTDBG_SHARE_HW : 0);
	if (after == before && got.control == (after ? 0 : control))
		return true;
	note("%s: %d, and %d with the parameter; control is %#x", what, before, after, got.control);
	return false;
}

bool case_together_unasked(void)
{
	bool right = set_parameter("1");
	unsigned int n;

	share = 0;
	right = right && pairs(2, exits / 16);
	right = begin(0) && right;
	for (n = 0; n < arch_nr_not_together && right; n++)
		right = one_unshared(n);
	share = KVM_GUESTDBG_SHARE_HW;
	return set_parameter("0") & end() & right;
}

#ifdef __x86_64__
/* ---- a guest's hit that waits behind the debugger's ---- */

/*
 * Both at one instruction. What waits is in KVM_GET_VCPU_EVENTS: it is taken out, put back, and
 * then the guest has it.
 */
static bool travelled(struct aim both)
{
	struct kvm_vcpu_events events, none;

	debug(HW, both);
	guest_plan(&vcpu, both);
	start(DO_SET | DO_WRITE | DO_CALL, both);
	if (!stops_at(1, both))
		return false;
	must_ioctl(vcpu.fd, KVM_GET_VCPU_EVENTS, &events, "KVM_GET_VCPU_EVENTS");
	none = events;
	memset(&none.exception, 0, sizeof(none.exception));
	must_ioctl(vcpu.fd, KVM_SET_VCPU_EVENTS, &none, "KVM_SET_VCPU_EVENTS");
	if (!events.exception.injected || events.exception.nr != 1) {
		note("exception %u waits, injected %u", events.exception.nr,
		     events.exception.injected);
		return false;
	}
	must_ioctl(vcpu.fd, KVM_SET_VCPU_EVENTS, &events, "KVM_SET_VCPU_EVENTS");
	return arch_get_over(&vcpu, HW, both, both.exec) && leaves();
}

bool case_together_waits(void)
{
	bool right = begin(2);
	unsigned long n;

	for (n = 0; n < exits / 16 && right; n++)
		right = travelled(n % 2 ? (struct aim){ .watch = 2 } : (struct aim){ .exec = 2 }) &&
			guest_hits_right(&vcpu);
	return end() & right;
}
#else
/* ---- the guest has masked debug exceptions ---- */

/* All of them come to KVM, the guest's are stepped over, and the debugger's stop. */
bool case_together_masked(void)
{
	static const struct aim guest = { .watch = 7, .exec = 14 };
	static const struct aim debugger = { .watch = 8, .exec = 1 };
	bool right = begin(2);
	unsigned long n;

	for (n = 0; n < exits / 16 && right; n++) {
		debug(HW, debugger);
		guest_plan(&vcpu, guest);
		start(ALL | DO_MASK, (struct aim){ 0 });
		right = stops_at(3, debugger) && arch_get_over(&vcpu, HW, debugger, false) &&
			stops_at(0, debugger) && arch_get_over(&vcpu, HW, debugger, true) &&
			leaves() && own_registers() && guest_hits_right(&vcpu);
		right = right && round_of(guest, debugger, n & 1);
	}
	return end() & right;
}

/* ---- the guest steps ---- */

static bool steps_are(uint64_t steps)
{
	if (vcpu.block->steps == steps && !vcpu.block->leaks)
		return true;
	note("the guest has had %llu steps and not %llu, %llu where it had steps off",
	     (unsigned long long)vcpu.block->steps, (unsigned long long)steps,
	     (unsigned long long)vcpu.block->leaks);
	return false;
}

/* Return: the steps of a guest that steps through some of its own, and nobody debugs it. */
static uint64_t traced_alone(void)
{
	vcpu.block->steps = 0;
	guest_aim(&vcpu, (struct aim){ 0 });
	guest_run(&vcpu, DO_TRACE | DO_EXIT, 2);
	return vcpu.block->steps / 2;
}

/* Over each hit, and then through some of its own; to the debugger that is as long as it was. */
static bool steps_beside(struct aim guest, struct aim debugger, uint64_t trace)
{
	struct aim hit = arch_hit_beside(guest, debugger);
	uint64_t hits = __builtin_popcount(hit.watch) + __builtin_popcount(hit.exec);

	vcpu.block->steps = 0;
	debug(HW, debugger);
	guest_plan(&vcpu, guest);
	start(ALL | DO_STEP, hit);
	if (!stops(debugger, debugger.watch, false) || !stops(debugger, debugger.exec, true) ||
	    !leaves() || !own_registers() || !steps_are(hits))
		return false;
	move_on(HW, debugger);
	vcpu.block->steps = 0;
	start(DO_TRACE | DO_EXIT, (struct aim){ 0 });
	return leaves() && steps_are(trace) && guest_hits_right(&vcpu);
}

static bool guest_steps(unsigned long rounds)
{
	static const struct aim guests[] = {
		{ .watch = 5, .exec = 10 }, { .watch = 7, .exec = 14 }, { .exec = 2 }, { 0 },
	};
	static const struct aim debuggers[] = { { .watch = 8, .exec = 1 }, { .watch = 8 }, { 0 } };
	bool right = begin(2);
	uint64_t trace = traced_alone();
	unsigned long n;

	for (n = 0; n < rounds && right; n++)
		right = steps_beside(guests[n % ARRAY_SIZE(guests)],
				     debuggers[n % ARRAY_SIZE(debuggers)], trace);
	if (vcpu.block->broken)
		note("%llu exclusive stores have failed", (unsigned long long)vcpu.block->broken);
	right &= !vcpu.block->broken;
	if (trace < 8)
		note("the guest steps through %llu instructions", (unsigned long long)trace);
	return end() & right & (trace >= 8);
}

bool case_together_steps(void)
{
	return guest_steps(exits / 32 + 8);
}

static bool traced_beside(uint64_t trace)
{
	vcpu.block->steps = 0;
	return stepped_round((struct aim){ 0 }, DO_TRACE, KVM_GUESTDBG_SINGLESTEP) &&
	       steps_are(trace) && guest_hits_right(&vcpu);
}

/* The debugger steps through all that, and its steps are not the guest's. */
static bool both_step(unsigned long rounds)
{
	static const struct aim guest = { .watch = 5, .exec = 10 };
	bool right = begin(2);
	uint64_t trace = traced_alone();
	unsigned long n;

	for (n = 0; n < rounds && right; n++) {
		vcpu.block->steps = 0;
		right = stepped_round(guest, DO_STEP, KVM_GUESTDBG_SINGLESTEP) && steps_are(4) &&
			traced_beside(trace);
	}
	return end() & right;
}

bool case_together_both_step(void)
{
	return both_step(exits / 256 + 8);
}

/* And between the debugger's steps */
bool case_together_steps_moved(void)
{
	bool right;

	moves = true;
	right = guest_steps(exits / 256 + 8) & both_step(4);
	moves = false;
	return right;
}
#endif
