// SPDX-License-Identifier: GPL-2.0
/*
 * arm64: a guest that steps itself while its debugger shares its debug registers. The same program
 * of the guest's, by chance, runs twice: on a CPU that it has for itself, and under KVM, where each
 * instruction is stepped over by KVM or the debugger. What the guest sees of steps is the same.
 *
 * The CPU is that of DDI 0487, D2.12, as far as steps go; a program is what each instruction does,
 * in the order in which they are executed, and before which of them an interrupt comes. It comes
 * before a step exception of KVM's or the debugger's.
 */

#include <string.h>

#include "test.h"
#include "../../../arch/arm64/kvm/hw_breakpoint.h"
#include "../../../arch/arm64/kvm/hw_breakpoint_step.h"

#define VECTORS		0x100000
#define HANDLERS	0x200000
#define PSTATE_EL1	5
#define PSTATE_EL0	0
#define MASKS		(PSR_D_BIT | PSR_I_BIT)
#define SYNC		0
#define IRQ		0x80
#define LENGTH		200
#define SHARED		(KVM_GUESTDBG_ENABLE | KVM_GUESTDBG_SHARE_HW)
#define EC(ec)		((u64)(ec) << ESR_ELx_EC_SHIFT)

/* What an instruction does. The last two are executed by KVM if there is one. */
enum op { NOP, CALL, FAULT, RETURN, MASK, UNMASK, STEP_ON_RETURN, TO_EL0, ON, OFF, NR_OPS };

/* struct seen - what the guest sees as it executes an instruction */
struct seen {
	int	op;
	u64	pc, cpsr, elr, spsr, mdscr, esr;
};

static enum op program[LENGTH];
static bool planned[LENGTH], interrupts[LENGTH];	/* not all that are planned come */
static int interrupted;		/* where it has come: not there again */
static struct seen alone[LENGTH], with_kvm[LENGTH];
static struct kvm kvm;
static struct kvm_vcpu vcpu;
static struct kvm_run run;
static unsigned int done;	/* instructions */
static bool hides;		/* PSTATE.SS of a vCPU that is loaded is the debugger's: 7.x */

static u64 *reg(int n)
{
	return &vcpu.arch.sys_regs[n];
}

static bool el1(void)
{
	return vcpu.cpsr & 0xf;
}

static void set_step(bool on)
{
	vcpu.cpsr = (vcpu.cpsr & ~DBG_SPSR_SS) | (on ? DBG_SPSR_SS : 0);
}

/* A vector's first instruction jumps to the handler. */
static u64 next_pc(void)
{
	return vcpu.pc >= VECTORS && vcpu.pc < VECTORS + 0x800 ? HANDLERS + vcpu.pc : vcpu.pc + 4;
}

static void advance(void)
{
	vcpu.pc = next_pc();
	set_step(false);
}

/* @ec: exception class, or -1 if it is none that has a syndrome */
static void take_exception(unsigned int kind, int ec, u64 from, bool step)
{
	unsigned int offset = el1() ? 0x200 : 0x400;

	set_step(step);
	*reg(SPSR_EL1) = vcpu.cpsr;
	*reg(ELR_EL1) = from;
	if (ec >= 0)
		*reg(ESR_EL1) = EC(ec);
	vcpu.cpsr = PSTATE_EL1 | MASKS;
	vcpu.pc = VECTORS + offset + kind;
}

static bool take_interrupt(void)
{
	if (done == LENGTH || !interrupts[done] || interrupted == (int)done ||
	    vcpu.cpsr & PSR_I_BIT)
		return false;
	interrupted = done;
	take_exception(IRQ, -1, vcpu.pc, vcpu.cpsr & DBG_SPSR_SS);
	return true;
}

/* What a CPU does whose steps are @active; @loaded: those of MDSCR_EL1 that count */
static void execute(enum op op, bool active, u64 loaded, bool to_el2)
{
	bool step = vcpu.cpsr & DBG_SPSR_SS, target;

	switch (op) {
	case CALL:
		return take_exception(SYNC, 0x15, next_pc(), step && !active);
	case FAULT:
		return take_exception(SYNC, 0x25, vcpu.pc, step);
	case RETURN:
		step = *reg(SPSR_EL1) & DBG_SPSR_SS;
		vcpu.pc = *reg(ELR_EL1);
		vcpu.cpsr = *reg(SPSR_EL1);
		target = to_el2 || !el1() || (loaded & MDSCR_EL1_KDE && !(vcpu.cpsr & PSR_D_BIT));
		set_step(step && !active && loaded & MDSCR_EL1_SS && target);
		return;
	case MASK:
		vcpu.cpsr |= MASKS;
		break;
	case UNMASK:
		vcpu.cpsr &= ~MASKS;
		break;
	case STEP_ON_RETURN:
		*reg(SPSR_EL1) |= DBG_SPSR_SS;
		break;
	case TO_EL0:
		*reg(SPSR_EL1) &= ~(0xfull | MASKS);
		break;
	case ON:
		*reg(MDSCR_EL1) |= MDSCR_EL1_SS;
		break;
	case OFF:
		*reg(MDSCR_EL1) &= ~MDSCR_EL1_SS;
		break;
	default:
		break;
	}
	vcpu.pc = next_pc();
	if (active)
		set_step(false);
}

/* What clears PSTATE.D could be a return for all that KVM sees. */
static bool looks_like_return(void)
{
	return next_pc() == *reg(ELR_EL1) ||
	       (*reg(SPSR_EL1) & DBG_SPSR_SS && done + 1 < LENGTH && planned[done + 1]);
}

/*
 * At EL0 there is less that can be done. A handler's first instruction does not fault; and what
 * clears PSTATE.D is not where that would be taken for a return.
 */
static enum op next_op(void)
{
	enum op op = program[done];

	if ((op == FAULT && next_pc() != vcpu.pc + 4) ||
	    (op == UNMASK && looks_like_return()))
		return NOP;
	return el1() || op <= FAULT ? op : NOP;
}

static void note_seen(struct seen *seen, enum op op)
{
	/* its own PSTATE.SS no guest can read */
	seen[done++] = (struct seen) {
		.op = op, .pc = vcpu.pc, .cpsr = vcpu.cpsr & ~DBG_SPSR_SS,
		.elr = *reg(ELR_EL1), .spsr = *reg(SPSR_EL1), .mdscr = *reg(MDSCR_EL1),
		.esr = ESR_ELx_EC(*reg(ESR_EL1)),
	};
}

static void begin(void)
{
	kvm.dfr0 = shim_dfr0;
	vcpu = (struct kvm_vcpu) {
		.kvm = &kvm, .run = &run, .initialized = true,
		.cpu = -1, .pc = 0x1000, .cpsr = PSTATE_EL1,
	};
	*reg(VBAR_EL1) = VECTORS;
	*reg(MDSCR_EL1) = MDSCR_EL1_KDE;
	*reg(SPSR_EL1) = PSTATE_EL1;
	*reg(ELR_EL1) = 0x2000;
	done = 0;
	interrupted = -1;
}

/* ---- alone ---- */

static void run_alone(void)
{
	while (done < LENGTH) {
		u64 mdscr = *reg(MDSCR_EL1);
		bool active = mdscr & MDSCR_EL1_SS &&
			      (!el1() || (mdscr & MDSCR_EL1_KDE && !(vcpu.cpsr & PSR_D_BIT)));
		enum op op = next_op();

		if (active && !(vcpu.cpsr & DBG_SPSR_SS)) {
			/* it is not said which of the two would come first */
			interrupts[done] = false;
			take_exception(SYNC, 0x32 + el1(), vcpu.pc, false);
			continue;
		}
		if (take_interrupt())
			continue;
		note_seen(alone, op);
		execute(op, active, mdscr, false);
	}
}

/* ---- under KVM ---- */

static bool emulated(enum op op)
{
	return op == ON || op == OFF;
}

static bool stepped(void)
{
	return vcpu.guest_debug & KVM_GUESTDBG_SINGLESTEP;
}

/* What KVM has decided about the program counter */
static void adjust_pc(void)
{
	if (vcpu.pended)
		take_exception(SYNC, -1, vcpu.pc, vcpu.cpsr & DBG_SPSR_SS);
	else if (vcpu.skips)
		advance();
	vcpu.pended = EXCEPT_NONE;
	vcpu.skips = false;
}

/* Until something comes to EL2. All debug exceptions do, so a step is active anywhere. */
static u64 enter_guest(void)
{
	enum op op = NOP;

	adjust_pc();
	/* an interrupt of the host's, and then of the guest's, come before a step exception */
	if (!random_below(8))
		return 0;
	do {
		if (take_interrupt())
			continue;
		if (stepped() && !(vcpu.cpsr & DBG_SPSR_SS))
			return EC(ESR_ELx_EC_SOFTSTP_LOW) | ESR_ELx_IL | 0x22;
		if (done == LENGTH)
			return 0;
		op = next_op();
		note_seen(with_kvm, op);
		if (emulated(op))
			break;
		execute(op, stepped(), stepped() ? MDSCR_EL1_SS : 0, true);
	} while (random_below(8));
	if (op == ON)
		*reg(MDSCR_EL1) |= MDSCR_EL1_SS;
	if (op == OFF)
		*reg(MDSCR_EL1) &= ~MDSCR_EL1_SS;
	vcpu.skips = emulated(op);
	return 0;
}

static u64 enter(void)
{
	bool guests = vcpu.cpsr & DBG_SPSR_SS;
	u64 esr;

	if (hides)
		return enter_guest();
	/* 6.12, in which a vCPU that is debugged and not stepped keeps its own as well */
	if (stepped())
		set_step(!vcpu.step_is_over);
	esr = enter_guest();
	if (stepped() && !(vcpu.cpsr & DBG_SPSR_SS))
		vcpu.step_is_over = true;
	set_step(guests);
	return esr;
}

/* Return: what handle_exit() does. */
static int handle(u64 esr)
{
	if (!esr)
		return 1;
	if (kvm_arm_guests_debug_exception(&vcpu, &esr))
		return 1;
	EXPECT(!(vcpu.guest_debug & OWN_STEP));
	if (hides)
		set_step(true);
	else
		vcpu.step_is_over = false;
	return 0;
}

/* One KVM_RUN, from which a signal may come back at any moment */
static void kvm_run(void)
{
	int ret = 1;
	u64 esr;

	if (hides)
		kvm_arch_vcpu_load(&vcpu, 0);
	kvm_arm_begin_run(&vcpu);
	while (ret > 0 && done < LENGTH && random_below(16)) {
		esr = enter();
		if (esr)
			vcpu.esr = esr;
		ret = kvm_arm_exit_handled(&vcpu, handle(esr));
	}
	adjust_pc();
	if (hides)
		kvm_arch_vcpu_put(&vcpu);
}

/* @control: of those that the debugger may set at any moment, one after the other */
static void run_with_kvm(const unsigned long *control, unsigned int n)
{
	kvm_arm_begin_debug(&vcpu, control[0]);
	while (done < LENGTH) {
		kvm_run();
		while (!random_below(3))
			kvm_arm_begin_debug(&vcpu, control[random_below(n)]);
	}
}

/* ---- the same ---- */

/* Whose PSTATE.SS is in a vCPU that is loaded depends on the kernel's series. */
static void find_out(void)
{
	begin();
	vcpu.guest_debug = KVM_GUESTDBG_SINGLESTEP;
	set_step(true);
	vcpu.guest_pends = true;
	vcpu.cpu = 0;
	hides = !kvm_arm_guests_step(&vcpu);
}

static void choose_program(unsigned int mask)
{
	unsigned int i;

	for (i = 0; i < LENGTH; i++) {
		do {
			program[i] = random_below(NR_OPS);
		} while (!(mask >> program[i] & 1));
		planned[i] = !random_below(4);
		interrupts[i] = planned[i];
	}
}

static void compare(void)
{
	unsigned int i = 0;

	while (i < LENGTH && !memcmp(&alone[i], &with_kvm[i], sizeof(alone[i])))
		i++;
	if (i < LENGTH)
		FAIL("instruction %u, %d: at %#llx, SPSR_EL1 %#llx, and with KVM %#llx, %#llx", i,
		     alone[i].op, alone[i].pc, alone[i].spsr, with_kvm[i].pc, with_kvm[i].spsr);
}

static void same(const unsigned long *control, unsigned int n, unsigned int mask)
{
	unsigned long round;

	find_out();
	for (round = 0; round < test_steps / 10; round++) {
		choose_program(mask);
		begin();
		run_alone();
		begin();
		run_with_kvm(control, n);
		compare();
	}
}

#define ANY	(~0u)

static const unsigned long controls[] = {
	SHARED, SHARED | KVM_GUESTDBG_SINGLESTEP, SHARED | KVM_GUESTDBG_USE_SW_BP,
};

static void test_guest_steps(void)
{
	same(&controls[0], 1, ANY);
}

static void test_both_step(void)
{
	same(&controls[1], 1, ANY);
}

static void test_any_moment(void)
{
	same(controls, ARRAY_SIZE(controls), ANY);
}

/* A guest that has no steps on, as most of the time */
static void test_no_steps(void)
{
	same(controls, ARRAY_SIZE(controls), ANY & ~BIT(ON));
}

/* An exclusive load where the guest's steps are not active: KVM does not step its store. */
static void test_exclusive(void)
{
	u64 esr = EC(ESR_ELx_EC_SOFTSTP_LOW) | BIT(24) | BIT(6);
	int active;

	for (active = 0; active < 2; active++) {
		begin();
		kvm_arm_begin_debug(&vcpu, SHARED);
		*reg(MDSCR_EL1) |= MDSCR_EL1_SS;
		vcpu.cpsr = PSTATE_EL1 | DBG_SPSR_SS | (active ? 0 : PSR_D_BIT);
		kvm_arm_begin_run(&vcpu);
		EXPECT(vcpu.guest_debug & KVM_GUESTDBG_SINGLESTEP);
		vcpu.esr = esr;
		EXPECT_EQ(kvm_arm_exit_handled(&vcpu, handle(esr)), 1);
		EXPECT_EQ(!(vcpu.guest_debug & KVM_GUESTDBG_SINGLESTEP), !active);
		EXPECT_EQ(vcpu.pended, active ? EXCEPT_AA64_EL1_SYNC : EXCEPT_NONE);
		if (active)
			EXPECT_EQ(*reg(ESR_EL1), esr + EC(1));
		/* until the next exit, though nothing new is known of the guest then */
		EXPECT_EQ(kvm_arm_exit_handled(&vcpu, 1), 1);
		EXPECT(vcpu.guest_debug & KVM_GUESTDBG_SINGLESTEP);
	}
}

/* A return to EL0 need not be where ELR_EL1 says: it may be signed there, or tagged. */
static void test_signed_return(void)
{
	int set;

	for (set = 0; set < 2; set++) {
		begin();
		kvm_arm_begin_debug(&vcpu, SHARED);
		*reg(MDSCR_EL1) |= MDSCR_EL1_SS;
		vcpu.cpsr = PSTATE_EL1 | MASKS;
		kvm_arm_begin_run(&vcpu);
		*reg(SPSR_EL1) = PSTATE_EL0 | (set ? DBG_SPSR_SS : 0);
		*reg(ELR_EL1) = 0xff00000000003000;
		vcpu.cpsr = PSTATE_EL0;
		vcpu.pc = 0x3000;
		vcpu.cpu = 0;
		handle(EC(ESR_ELx_EC_SOFTSTP_LOW));
		EXPECT_EQ(kvm_arm_guests_step(&vcpu), set);
	}
}

/* An interrupt comes right behind a return: what the return has loaded is saved. */
static void interrupt_behind_return(u64 to, bool set, bool kde, bool saved)
{
	begin();
	kvm_arm_begin_debug(&vcpu, SHARED);
	*reg(MDSCR_EL1) = MDSCR_EL1_SS | (kde ? MDSCR_EL1_KDE : 0);
	*reg(SPSR_EL1) = to | (set ? DBG_SPSR_SS : 0);
	vcpu.cpsr = PSTATE_EL1 | MASKS;
	kvm_arm_begin_run(&vcpu);
	*reg(SPSR_EL1) = to;
	vcpu.cpsr = PSTATE_EL1 | MASKS;
	vcpu.pc = VECTORS + IRQ + (to == PSTATE_EL0 ? 0x400 : 0x200);
	handle(EC(ESR_ELx_EC_SOFTSTP_LOW));
	EXPECT_EQ(!!(*reg(SPSR_EL1) & DBG_SPSR_SS), saved);
}

static void test_interrupted_return(void)
{
	int set, kde;

	for (set = 0; set < 2; set++) {
		for (kde = 0; kde < 2; kde++) {
			interrupt_behind_return(PSTATE_EL0, set, kde, set);
			interrupt_behind_return(PSTATE_EL1, set, kde, set && kde);
			interrupt_behind_return(PSTATE_EL1 | PSR_D_BIT, set, kde, false);
		}
	}
}

/* Code of EL0 may be at an address where a vector is. */
static void test_no_vector(void)
{
	begin();
	kvm_arm_begin_debug(&vcpu, SHARED);
	*reg(MDSCR_EL1) |= MDSCR_EL1_SS;
	*reg(SPSR_EL1) |= DBG_SPSR_SS;
	vcpu.cpsr = PSTATE_EL0;
	vcpu.pc = VECTORS;
	handle(EC(ESR_ELx_EC_SOFTSTP_LOW));
	EXPECT(*reg(SPSR_EL1) & DBG_SPSR_SS);
}

/* What has come before a step is not replaced by it. */
static void test_not_two(void)
{
	begin();
	kvm_arm_begin_debug(&vcpu, SHARED);
	*reg(MDSCR_EL1) |= MDSCR_EL1_SS;
	*reg(ESR_EL1) = EC(0x31);
	vcpu.pended = EXCEPT_AA64_EL1_SYNC;
	kvm_arm_begin_run(&vcpu);
	EXPECT_EQ(*reg(ESR_EL1), EC(0x31));
}

/* The debugger has its step before the guest, though an interrupt of the host comes first. */
static void test_debugger_first(void)
{
	begin();
	kvm_arm_begin_debug(&vcpu, SHARED | KVM_GUESTDBG_SINGLESTEP);
	*reg(MDSCR_EL1) |= MDSCR_EL1_SS;
	vcpu.cpsr = PSTATE_EL0 | DBG_SPSR_SS;
	if (hides)
		kvm_arch_vcpu_load(&vcpu, 0);
	kvm_arm_begin_run(&vcpu);
	if (hides)
		set_step(false);
	vcpu.step_is_over = !hides;
	EXPECT_EQ(kvm_arm_exit_handled(&vcpu, 1), 1);
	EXPECT(!kvm_arm_guests_step(&vcpu));
	EXPECT_EQ(vcpu.pended, EXCEPT_NONE);
	EXPECT(!kvm_arm_guests_debug_exception(&vcpu, &(u64){ EC(ESR_ELx_EC_SOFTSTP_LOW) }));
	set_step(hides);
	vcpu.step_is_over = false;
	kvm_arm_begin_run(&vcpu);
	EXPECT_EQ(vcpu.pended, EXCEPT_AA64_EL1_SYNC);
}

/* While the OS lock is set nobody steps. */
static void test_os_lock(void)
{
	begin();
	kvm_arm_begin_debug(&vcpu, SHARED);
	*reg(MDSCR_EL1) |= MDSCR_EL1_SS;
	vcpu.os_lock = true;
	kvm_arm_begin_run(&vcpu);
	EXPECT(!(vcpu.guest_debug & KVM_GUESTDBG_SINGLESTEP));
	EXPECT_EQ(vcpu.pended, EXCEPT_NONE);
	vcpu.os_lock = false;
	kvm_arm_begin_run(&vcpu);
	EXPECT(vcpu.guest_debug & KVM_GUESTDBG_SINGLESTEP);
	EXPECT_EQ(*reg(ESR_EL1), EC(0x33) | ESR_ELx_IL | 0x22);
}

const struct test tests[] = {
	{ "a guest that steps",				test_guest_steps },
	{ "guest and debugger step",			test_both_step },
	{ "the debugger changes its mind",		test_any_moment },
	{ "a guest that does not step",			test_no_steps },
	{ "an exclusive load",				test_exclusive },
	{ "a return to another address",		test_signed_return },
	{ "an interrupt behind a return",		test_interrupted_return },
	{ "at a vector's address",			test_no_vector },
	{ "two exceptions at once",			test_not_two },
	{ "the debugger's comes first",			test_debugger_first },
	{ "the OS lock",				test_os_lock },
	{ }
};
