// SPDX-License-Identifier: GPL-2.0
/*
 * A guest of the guest's. Its DR7 is its own; the addresses are those that the guest has
 * in DR0 to DR3, where they are disabled.
 */
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>

#include "nested_x86_64.h"
#include "owner_x86_64.h"

#define ROUNDS		16

static struct vm vm;
static struct vcpu vcpu;
static struct host host;
static const struct nesting *nesting;

bool nested_set_msr(const struct vcpu *v, uint32_t index, uint64_t value)
{
	struct {
		struct kvm_msrs head;
		struct kvm_msr_entry entry;
	} msr = { .head.nmsrs = 1, .entry = { .index = index, .data = value } };

	return ioctl(v->fd, KVM_SET_MSRS, &msr) == 1;
}

/* Return: how @v runs a guest of its own, by what the CPU has, or NULL if it cannot. */
const struct nesting *nested_allow(const struct vcpu *v)
{
	static const struct nesting *const ways[] = { &nesting_svm, &nesting_vmx };
	struct kvm_sregs before, sregs;
	unsigned int i;

	must_ioctl(v->fd, KVM_GET_SREGS, &before, "KVM_GET_SREGS");
	for (i = 0; i < ARRAY_SIZE(ways); i++) {
		sregs = before;
		if (!ways[i]->allow(v, &sregs))
			continue;
		ways[i]->fill(v, &sregs);
		return ways[i];
	}
	note("the guest cannot have guests: is KVM's nesting off?");
	return NULL;
}

/* The addresses, in the guest */
static void set_two(void)
{
	struct aim two = { .watch = 3 };

	arch_aim(&vcpu, two, vcpu.block->set);
	vcpu.block->set[7] = 0x400;
	guest_run(&vcpu, DO_SET, 1);
}

static void expect_two(unsigned int rounds)
{
	vcpu.expected[0] += rounds;
	vcpu.expected[1] += rounds;
}

static bool left_right(void)
{
	if (nesting->left_as_asked(&vcpu))
		return true;
	note("the guest's guest has not left as it should: %#llx",
	     (unsigned long long)vcpu.block->vmx_exit);
	return false;
}

/* SVM switches DR6, VMX does not. */
static bool dr6_right(void)
{
	vcpu.block->set[6] = DR6_STEP;
	guest_run(&vcpu, DO_SET | DO_READ | DO_NEST, 2);
	expect_two(2);
	if (vcpu.block->again[6] == nesting->dr6)
		return true;
	note("the guest's guest finds DR6 %#llx", (unsigned long long)vcpu.block->again[6]);
	return false;
}

static bool runs(void)
{
	unsigned long turns;

	set_two();
	for (turns = exits / ROUNDS / 2; turns; turns--) {
		guest_run(&vcpu, DO_WRITE | DO_NEST | DO_EXIT, ROUNDS);
		host_touch(&host, &vcpu);
		expect_two(ROUNDS);
	}
	return dr6_right() & left_right();
}

/* Where KVM's nesting is off the cases are to be left out by their numbers. */
static bool nested(int host_breakpoints, bool (*run)(void))
{
	bool right = false;

	vm_create(&vm, 0);
	vcpu_create(&vcpu, &vm, 0);
	nesting = nested_allow(&vcpu);
	if (nesting) {
		host_open(&host, host_breakpoints, &vcpu, 0);
		right = run() & guest_hits_right(&vcpu) & host_hits_right(&host) &
			host_no_strays();
		host_close(&host);
	}
	vcpu_destroy(&vcpu);
	vm_destroy(&vm);
	return right;
}

bool case_nested(void)
{
	return nested(0, runs);
}

bool case_nested_host(void)
{
	return nested(4, runs);
}

/* ---- a debugger, while the guest's guest runs ---- */

/* With the guest's guest, or instead of it; @moves: and all goes on in another machine */
static bool together, moves, debugged_now;

static void debug(bool on)
{
	struct kvm_guest_debug arg = { .control = 0 };

	if (on) {
		arg.control = KVM_GUESTDBG_ENABLE | KVM_GUESTDBG_USE_HW;
		if (together)
			arg.control |= KVM_GUESTDBG_SHARE_HW;
		arch_debug_regs(&vcpu, (struct aim){ .watch = 4 }, &arg);
	}
	must_ioctl(vcpu.fd, KVM_SET_GUEST_DEBUG, &arg, "KVM_SET_GUEST_DEBUG");
	debugged_now = on;
	vcpu.debugged = on && !together;
}

static void move_on(void)
{
	if (!moves)
		return;
	vcpu_move(&vcpu);
	debug(debugged_now);
}

static bool leaves(const char *where)
{
	enum left left = vcpu_run(&vcpu);

	move_on();
	if (left == LEFT_BY_GUEST)
		return true;
	note("%s: exit reason %u", where, vcpu.run->exit_reason);
	return false;
}

/* The four words are written and the guest's guest, or the guest, leaves KVM_RUN. */
static bool goes_on(const char *where)
{
	enum left left;

	if (!vcpu.debugged)
		expect_two(1);
	if (debugged_now) {
		left = vcpu_run(&vcpu);
		if (left != LEFT_BY_DEBUG || arch_debug_hit(&vcpu) != 2) {
			note("%s: exit reason %u and no stop", where, vcpu.run->exit_reason);
			return false;
		}
		host_touch(&host, &vcpu);
		move_on();
	}
	return leaves(where);
}

/* What a VMM moves to another machine is what the guest's guest has. */
static bool registers_right(void)
{
	struct kvm_debugregs regs;

	must_ioctl(vcpu.fd, KVM_GET_DEBUGREGS, &regs, "KVM_GET_DEBUGREGS");
	must_ioctl(vcpu.fd, KVM_SET_DEBUGREGS, &regs, "KVM_SET_DEBUGREGS");
	if (regs.dr7 == NESTED_DR7 && regs.db[1] == (uintptr_t)&vcpu.words->word[1])
		return true;
	note("KVM says that DR7 is %#llx, DR1 %#llx", (unsigned long long)regs.dr7,
	     (unsigned long long)regs.db[1]);
	return false;
}

static bool given_back(void)
{
	if (nesting->dr7(&vcpu) == NESTED_DR7)
		return true;
	note("the hypervisor in the guest is given DR7 %#llx",
	     (unsigned long long)nesting->dr7(&vcpu));
	return false;
}

/*
 * @there: a debugger, from the guest's start on, from the first pause of the guest's
 * guest on, which has not used its debug registers by then, and from the second. If
 * @for_nothing the debugger comes and goes before the first pause ends.
 */
static bool debugged_round(const bool there[3], bool for_nothing)
{
	uint64_t total = vcpu.block->total + 1;
	bool right;

	debug(there[0]);
	vcpu.block->command = DO_NEST | DO_PAUSE;
	vcpu.block->rounds = 1;
	right = leaves("at the start") && registers_right();
	if (for_nothing)
		debug(true);
	debug(there[1]);
	right = right && registers_right() && goes_on("before the second pause");
	host_touch(&host, &vcpu);
	right = right && registers_right();
	debug(there[2]);
	right = right && registers_right() && goes_on("at the end") && given_back();
	debug(false);
	return right && vcpu.block->total == total && !vcpu.block->fault && left_right();
}

static bool debugged(void)
{
	bool right = true;
	unsigned long n;

	set_two();
	for (n = 0; n < (moves ? exits / 128 + 8 : exits / 8) && right; n++) {
		bool there[] = { n & 1, n & 2, n & 4 };

		right = debugged_round(there, n & 8);
	}
	if (!right)
		note("round %lu", n - 1);
	return right;
}

bool case_nested_debug(void)
{
	return nested(2, debugged);
}

/* The guest's guest has two of its own, and the debugger has a third. */
bool case_together_nested(void)
{
	bool right;

	together = true;
	right = nested(2, debugged);
	together = false;
	return right;
}

/* The same, and at each stop and each pause the vCPU is moved to another machine. */
bool case_together_nested_moved(void)
{
	bool right;

	moves = true;
	right = case_together_nested();
	moves = false;
	return right;
}

/* ---- the guest's guest, loaded while the guest owns its registers ---- */

static bool ends_from_start(void)
{
	return goes_on("before the second pause") && goes_on("at the end") && given_back() &&
	       left_right();
}

/* The guest goes on where its guest has left, and has its own registers. */
static bool loaded_round(void)
{
	int i;

	arch_load(&vcpu);
	if (!registers_right() || !ends_from_start())
		return false;
	host_touch(&host, &vcpu);
	guest_run(&vcpu, DO_READ | DO_EXIT, 1);
	for (i = 0; i < SLOTS; i++) {
		if (vcpu.block->read[i] == vcpu.block->set[i])
			continue;
		note("the guest reads %#llx in register %d",
		     (unsigned long long)vcpu.block->read[i], i);
		return false;
	}
	return true;
}

static bool loaded(void)
{
	unsigned long reached = 0, tries;
	int exits_fd = owner_open_exits();
	bool right;

	set_two();
	vcpu.block->command = DO_NEST | DO_PAUSE;
	vcpu.block->rounds = 1;
	right = leaves("at the start");
	/* the pause is over first: what is saved comes after the guest's guest has left */
	vcpu_finish(&vcpu);
	arch_save(&vcpu);
	right = right && ends_from_start();
	for (tries = 0; right && reached < exits / 16 && tries < exits; tries++) {
		if (!owner_stops(&vcpu, exits_fd, DO_READ | DO_EXIT))
			continue;
		reached++;
		right = loaded_round();
	}
	close(exits_fd);
	note("the guest was about to own its registers in %lu of %lu tries", reached, tries);
	return right && reached == exits / 16;
}

bool case_nested_loaded(void)
{
	return nested(4, loaded);
}
