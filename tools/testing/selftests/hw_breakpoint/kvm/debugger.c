// SPDX-License-Identifier: GPL-2.0
/*
 * KVM_SET_GUEST_DEBUG: the VMM debugs the guest, with hardware breakpoints, step by step
 * and with software breakpoints, while both have breakpoints of their own.
 */
#include <stdio.h>
#include <string.h>

#include "vmm.h"

static struct vm vm;
static struct vcpu vcpu;
static struct host host;

/* What the guest has set; what the debugger sets */
static const struct aim guests = { .watch = 3 }, guests_next = { .watch = 5, .exec = 8 };
static const struct aim debuggers = { .watch = 4, .exec = 8 };

static void begin(void)
{
	host_begin(&host, 2, &vcpu, &vm);
	guest_aim(&vcpu, guests);
}

static bool end(void)
{
	return host_end(&host, &vcpu);
}

static void debug(unsigned int control, struct aim aim)
{
	unsigned int harmless = KVM_GUESTDBG_ENABLE;
	struct kvm_guest_debug arg = { .control = control };

	arch_debug_regs(&vcpu, aim, &arg);
	must_ioctl(vcpu.fd, KVM_SET_GUEST_DEBUG, &arg, "KVM_SET_GUEST_DEBUG");
	if (arch_hit_while_debugged())
		harmless |= KVM_GUESTDBG_USE_SW_BP;
	vcpu.debugged = control & ~harmless;
}

static void start(unsigned int command)
{
	vcpu.block->command = command;
	vcpu.block->rounds = 1;
	guest_expect(&vcpu, command, 1);
}

/* The guest stops at the debugger's @slot and nowhere else. */
static bool stops_at(int slot)
{
	enum left left = vcpu_run(&vcpu);

	if (left == LEFT_BY_DEBUG && arch_debug_hit(&vcpu) == slot)
		return true;
	note("exit reason %u, hit %d and not %d", vcpu.run->exit_reason,
	     left == LEFT_BY_DEBUG ? arch_debug_hit(&vcpu) : -1, slot);
	return false;
}

/* The guest, which changes its own meanwhile, makes one round. */
static bool hardware_round(struct aim aim)
{
	debug(KVM_GUESTDBG_ENABLE | KVM_GUESTDBG_USE_HW, debuggers);
	guest_plan(&vcpu, aim);
	start(DO_SET | DO_WRITE | DO_CALL | DO_READ | DO_EXIT);
	if (!stops_at(2))
		return false;
	host_touch(&host, &vcpu);
	arch_step_over(&vcpu);
	if (!stops_at(3))
		return false;
	host_touch(&host, &vcpu);
	arch_step_over(&vcpu);
	return vcpu_run(&vcpu) == LEFT_BY_GUEST;
}

/* Of the debugger's registers the guest sees nothing */
static bool own_registers(void)
{
	int i;

	for (i = 0; i < REGISTERS; i++) {
		if (!(arch_registers >> i & 1) ||
		    vcpu.block->read[i] == vcpu.block->set[i])
			continue;
		note("the guest reads %#llx in register %d and not %#llx",
		     (unsigned long long)vcpu.block->read[i], i,
		     (unsigned long long)vcpu.block->set[i]);
		return false;
	}
	return true;
}

/* Its own are hit again afterwards. */
bool case_debug_hardware(void)
{
	bool right = true;
	unsigned long n;

	begin();
	for (n = 0; n < exits / 8 && right; n++) {
		right = hardware_round(n % 2 ? guests : guests_next) && own_registers();
		debug(0, (struct aim){ 0 });
		guest_run(&vcpu, DO_WRITE | DO_CALL | DO_READ | DO_EXIT, 2);
		right = right && own_registers();
	}
	return end() & right;
}

/*
 * The guest sets its own and makes one round. On arm64 all debug exceptions go to the
 * debugger, who gives the guest its own back: they are counted for it here. There are none in
 * 7.x, where the debugger would have to take these registers for its own. On x86 the guest gets
 * them itself.
 */
static bool software_round(struct aim aim)
{
	enum left left;
	int slot;

	guest_plan(&vcpu, aim);
	start(DO_SET | DO_WRITE | DO_CALL | DO_READ | DO_EXIT);
	while ((left = vcpu_run(&vcpu)) == LEFT_BY_DEBUG) {
		slot = arch_debug_hit(&vcpu);
		if (slot < 0 || slot >= SLOTS)
			break;
		vcpu.block->hits[slot]++;
		host_touch(&host, &vcpu);
		arch_step_over(&vcpu);
	}
	if (left != LEFT_BY_GUEST)
		note("exit reason %u", vcpu.run->exit_reason);
	return left == LEFT_BY_GUEST;
}

/* The debugger wants none of the registers: the guest has its own as ever, then and afterwards. */
bool case_debug_software(void)
{
	bool right = true;
	unsigned long n;

	begin();
	for (n = 0; n < exits / 8 && right; n++) {
		debug(KVM_GUESTDBG_ENABLE | KVM_GUESTDBG_USE_SW_BP, (struct aim){ 0 });
		right = software_round(n % 2 ? guests : guests_next) && own_registers() &&
			guest_hits_right(&vcpu);
		debug(0, (struct aim){ 0 });
		if (right)
			guest_run(&vcpu, DO_WRITE | DO_CALL | DO_READ | DO_EXIT, 2);
		right = right && own_registers();
	}
	return end() & right;
}

/* Return: steps of one round of the guest, or 0. */
static unsigned int steps_of_round(unsigned int command)
{
	uint64_t code = guest_address(&vm, guest_start), pc = 0;
	unsigned int n;
	enum left left;

	debug(KVM_GUESTDBG_ENABLE | KVM_GUESTDBG_SINGLESTEP, (struct aim){ 0 });
	start(command);
	for (n = 0; n < 1000; n++) {
		left = vcpu_run(&vcpu);
		if (left != LEFT_BY_DEBUG)
			break;
		pc = arch_pc(&vcpu);
		if (pc - code >= (uint64_t)(guest_end - guest_start))
			break;
		host_touch(&host, &vcpu);
	}
	debug(0, (struct aim){ 0 });
	if (left == LEFT_BY_GUEST)
		return n;
	note("step %u: exit reason %u, at %#llx", n, vcpu.run->exit_reason,
	     (unsigned long long)pc);
	return 0;
}

/* Every round has the same steps; words are not hit while stepping. */
bool case_debug_step(void)
{
	unsigned int first, steps;
	unsigned long n;
	bool right;

	begin();
	guest_aim(&vcpu, (struct aim){ .decoy = 3 });
	first = steps_of_round(DO_WRITE | DO_CALL | DO_EXIT);
	right = first > 20;
	for (n = first; n < exits && right; n += steps) {
		guest_run(&vcpu, DO_WRITE | DO_EXIT, 1);
		steps = steps_of_round(DO_WRITE | DO_CALL | DO_EXIT);
		right = steps == first;
	}
	note("%u steps in a round%s", first, right ? "" : ", but not in each");
	return end() & right;
}
