// SPDX-License-Identifier: GPL-2.0
/*
 * x86: a vCPU whose guest and debugger share the debug registers: what becomes of a #DB, who is
 * told what rests, what is refused and what is read back.
 */

#include "test.h"
#include "../../../arch/x86/kvm/hw_breakpoint.h"

#define ON(n)		((unsigned long)DR_LOCAL_ENABLE << (n) * DR_ENABLE_SIZE)
#define GUEST_AT	0x1000
#define DEBUGGER_AT	0x2000
#define RIP		0x3000
#define SHARED		(KVM_GUESTDBG_ENABLE | KVM_GUESTDBG_SHARE_HW | KVM_GUESTDBG_USE_HW_BP)

static struct kvm kvm;
static struct kvm_vcpu vcpu;
static struct kvm_run run;

/* As kvm_set_dr() does it */
static void guest_enables(unsigned int n)
{
	unsigned int i;

	for (i = 0; i < n; i++) {
		vcpu.arch.db[i] = GUEST_AT + 8 * i;
		vcpu.arch.dr7 |= ON(i) | 1ul << (16 + 4 * i);
	}
	vcpu.arch.eff_dr7 = kvm_merge_debug_regs(&vcpu);
}

/* As KVM_SET_GUEST_DEBUG does it */
static void debug(unsigned long control, unsigned int n)
{
	unsigned int i;

	vcpu.guest_debug = control;
	kvm_forget_debugger(&vcpu);
	vcpu.arch.guest_debug_dr7 = DR7_FIXED_1;
	for (i = 0; i < n; i++) {
		vcpu.arch.guest_debug_db[i] = DEBUGGER_AT + 8 * i;
		vcpu.arch.guest_debug_dr7 |= ON(i) | 1ul << (16 + 4 * i);
	}
	vcpu.arch.eff_dr7 = kvm_merge_debug_regs(&vcpu);
}

static void begin(unsigned long control, unsigned int guests, unsigned int debuggers)
{
	run = (struct kvm_run) { };
	vcpu = (struct kvm_vcpu) {
		.kvm = &kvm, .run = &run, .rip = RIP, .arch.dr7 = DR7_FIXED_1,
	};
	guest_enables(guests);
	debug(control, debuggers);
}

/* The register that has @addr */
static unsigned long hit_at(unsigned long addr)
{
	unsigned int i;

	for (i = 0; i < KVM_NR_DB_REGS; i++) {
		if (vcpu.arch.eff_dr7 & ON(i) && vcpu.arch.eff_db[i] == addr)
			return BIT(i);
	}
	FAIL("nobody watches %#lx", addr);
	return 0;
}

/*
 * @payload: why there was a #DB. The debugger has to be told of @debuggers and the guest of
 * @guests: 0, nothing; -1, of a #DB that has no reason.
 */
static void check_split(unsigned long payload, unsigned int steps, unsigned long debuggers,
			long guests)
{
	run.exit_reason = 0;
	vcpu.queued = false;
	EXPECT_EQ(kvm_split_db(&vcpu, payload, steps), !debuggers);
	EXPECT_EQ(vcpu.queued, guests != 0);
	if (guests)
		EXPECT_EQ(vcpu.payload, guests < 0 ? 0 : guests);
	EXPECT_EQ(run.exit_reason, debuggers ? KVM_EXIT_DEBUG : 0);
	if (!debuggers)
		return;
	EXPECT_EQ(run.debug.arch.exception, DB_VECTOR);
	EXPECT_EQ(run.debug.arch.dr6, debuggers | DR6_ACTIVE_LOW);
	EXPECT_EQ(run.debug.arch.pc, RIP);
	EXPECT_EQ(run.debug.arch.dr7, vcpu.guest_debug & KVM_GUESTDBG_USE_HW_BP ?
				      vcpu.arch.guest_debug_dr7 : DR7_FIXED_1);
}

/* Two of each: the debugger's are behind the guest's, and have their own numbers all the same. */
static void test_hits(void)
{
	unsigned long g, d;

	begin(SHARED, 2, 2);
	g = hit_at(GUEST_AT + 8);
	d = hit_at(DEBUGGER_AT);
	check_split(g, 0, 0, BIT(1));
	check_split(d, 0, BIT(0), 0);
	check_split(g | d, 0, BIT(0), BIT(1));
	check_split(hit_at(DEBUGGER_AT) | hit_at(DEBUGGER_AT + 8), 0, BIT(0) | BIT(1), 0);
	check_split(0, 0, 0, -1);
	/* a general-detect fault, and what newer processors report, are the guest's */
	check_split(BIT(13), 0, 0, BIT(13));
	check_split(d | BIT(11), 0, BIT(0), BIT(11));
}

/* Either may have made a step, both or none: then KVM has stepped for itself. */
static void test_split_steps(void)
{
	const unsigned int both = KVM_STEP_GUESTS | KVM_STEP_DEBUGGERS;
	unsigned long g, d;

	begin(SHARED, 1, 1);
	g = hit_at(GUEST_AT);
	d = hit_at(DEBUGGER_AT);
	check_split(DR_STEP, KVM_STEP_GUESTS, 0, DR_STEP);
	check_split(DR_STEP, KVM_STEP_DEBUGGERS, DR_STEP, 0);
	check_split(DR_STEP, both, DR_STEP, DR_STEP);
	check_split(DR_STEP, 0, 0, 0);
	check_split(DR_STEP | g, 0, 0, g);
	check_split(DR_STEP | d, 0, BIT(0), 0);
	check_split(DR_STEP | d, KVM_STEP_GUESTS, BIT(0), DR_STEP);
	check_split(DR_STEP | g | d, KVM_STEP_DEBUGGERS, DR_STEP | BIT(0), g);
	check_split(DR_STEP | g | d, both, DR_STEP | BIT(0), DR_STEP | g);
	/* no step is over: it is asked for */
	check_split(g | d, both, BIT(0), g);
	debug((SHARED | KVM_GUESTDBG_SINGLESTEP) & ~KVM_GUESTDBG_USE_HW_BP, 1);
	check_split(DR_STEP, KVM_STEP_DEBUGGERS, DR_STEP, 0);
	EXPECT_EQ(vcpu.arch.eff_dr7 & 0xff, ON(0));
}

/* Who has TF: the debugger that steps takes it, unless the CPU has something else for the two. */
static void test_whose_step(void)
{
	const unsigned long steps = SHARED | KVM_GUESTDBG_SINGLESTEP;
	void (*begin_step)(struct kvm_vcpu *vcpu) = kvm_x86_ops.begin_step;

	begin(SHARED, 0, 0);
	EXPECT(!kvm_steps_apart(&vcpu));
	EXPECT(!kvm_steps_by_tf(&vcpu));
	EXPECT_EQ(kvm_whose_step(&vcpu), KVM_STEP_GUESTS);
	EXPECT_EQ(vcpu.requests, 0);
	debug(steps, 0);
	EXPECT(kvm_steps_apart(&vcpu));
	EXPECT(!kvm_steps_by_tf(&vcpu));
	EXPECT_EQ(kvm_whose_step(&vcpu), KVM_STEP_DEBUGGERS);
	vcpu.arch.debug_step.own_tf = true;
	EXPECT_EQ(kvm_whose_step(&vcpu), KVM_STEP_DEBUGGERS | KVM_STEP_GUESTS);
	EXPECT(vcpu.requests);
	debug(SHARED, 0);
	EXPECT(!kvm_steps_apart(&vcpu));
	kvm_x86_ops.begin_step = NULL;
	begin(steps, 0, 0);
	kvm_x86_ops.begin_step = begin_step;
	EXPECT(!kvm_steps_apart(&vcpu));
	EXPECT(kvm_steps_by_tf(&vcpu));
	EXPECT_EQ(kvm_whose_step(&vcpu), KVM_STEP_DEBUGGERS);
}

static bool leaves, prepared;
static unsigned int begun;

static bool prepare_step(struct kvm_vcpu *v)
{
	(void)v;
	prepared = true;
	return leaves;
}

static void begin_step(struct kvm_vcpu *v)
{
	(void)v;
	begun++;
}

static bool end_step(struct kvm_vcpu *v)
{
	(void)v;
	return leaves;
}

/* What a guest that owns them has written */
static void sync_registers(struct kvm_vcpu *v)
{
	v->arch.db[0] = GUEST_AT + 0x100;
	v->arch.dr7 = DR7_FIXED_1 | ON(0);
}

struct kvm_x86_ops kvm_x86_ops = { prepare_step, begin_step, end_step, sync_registers };

/* As vcpu_enter_guest() does it. Return: whether it was entered. */
static bool enters(void)
{
	prepared = false;
	run.exit_reason = 0;
	if (kvm_leaves_on_request(&vcpu))
		return false;
	EXPECT_EQ(vcpu.requests, 0);
	local_irq_disable();
	kvm_lend_debug_regs(&vcpu);
	if (vcpu.arch.switch_db_regs & KVM_DEBUGREG_STEPS)
		kvm_debug_regs_left(&vcpu);
	hw_breakpoint_take_back();
	local_irq_enable();
	return true;
}

/* Each entry is prepared, may be the step itself, and may have been one without an exit for it. */
static void test_entries(void)
{
	begin(SHARED | KVM_GUESTDBG_SINGLESTEP, 1, 1);
	begun = 0;
	leaves = false;
	vcpu.rflags = X86_EFLAGS_TF;
	EXPECT(enters() && prepared && begun == 1);
	EXPECT(vcpu.arch.debug_step.own_tf);
	vcpu.rflags = 0;
	EXPECT(enters() && prepared && begun == 2);
	EXPECT(!vcpu.arch.debug_step.own_tf);
	leaves = true;
	EXPECT(!enters() && prepared && begun == 2);
	EXPECT_EQ(run.exit_reason, 0);
	EXPECT(!enters() && prepared && begun == 2);
	leaves = false;
	EXPECT(enters() && begun == 3);
	/* an event was delivered */
	leaves = true;
	kvm_debug_regs_left(&vcpu);
	leaves = false;
	EXPECT(!enters() && !prepared);
	EXPECT_EQ(run.exit_reason, KVM_EXIT_DEBUG);
	EXPECT_EQ(run.debug.arch.dr6, DR_STEP | DR6_ACTIVE_LOW);
	EXPECT(enters() && prepared && begun == 4);
	/* or that has left with a hit of its own: one exit tells of both */
	leaves = true;
	kvm_debug_regs_left(&vcpu);
	leaves = false;
	check_split(hit_at(DEBUGGER_AT), 0, BIT(0) | DR_STEP, 0);
	EXPECT(enters() && prepared && begun == 5);
	/* user space has had it */
	vcpu.requests = 0;
	kvm_expect_step(&vcpu);
	EXPECT_EQ(vcpu.requests, BIT_ULL(KVM_REQ_DEBUG_STEP));
	/* and the debugger has gone meanwhile */
	leaves = true;
	kvm_debug_regs_left(&vcpu);
	debug(SHARED, 1);
	EXPECT(enters() && !prepared && begun == 5);
	EXPECT_EQ(run.exit_reason, 0);
	kvm_expect_step(&vcpu);
	EXPECT_EQ(vcpu.requests, 0);
	/* or has come again: what was delivered is no step of this one's */
	debug(SHARED | KVM_GUESTDBG_SINGLESTEP, 1);
	leaves = true;
	kvm_debug_regs_left(&vcpu);
	leaves = false;
	debug(SHARED | KVM_GUESTDBG_SINGLESTEP, 1);
	EXPECT(enters() && prepared && begun == 6);
}

/* One that has owned its registers: KVM and the layer know what it has left in them. */
static void test_owned(void)
{
	begin(0, 0, 0);
	begun = 0;
	vcpu.arch.switch_db_regs = KVM_DEBUGREG_WONT_EXIT;
	local_irq_disable();
	kvm_lend_debug_regs(&vcpu);
	set_debugreg(GUEST_AT + 0x100, 0);
	kvm_debug_regs_left(&vcpu);
	hw_breakpoint_take_back();
	local_irq_enable();
	EXPECT_EQ(vcpu.arch.eff_db[0], GUEST_AT + 0x100);
	EXPECT_EQ(vcpu.arch.eff_dr7, DR7_FIXED_1 | ON(0));
	EXPECT(!begun);
	EXPECT_EQ(vcpu.requests, 0);
}

static void check_emulated(bool tf, u32 shadow, unsigned int steps)
{
	kvm_note_own_tf(&vcpu, tf, shadow);
	EXPECT_EQ(kvm_whose_step(&vcpu), steps);
}

/* By its TF, unless it was MOV SS */
static void test_emulated(void)
{
	const unsigned int both = KVM_STEP_GUESTS | KVM_STEP_DEBUGGERS;

	begin(SHARED | KVM_GUESTDBG_SINGLESTEP, 0, 0);
	check_emulated(true, 0, both);
	check_emulated(false, 0, KVM_STEP_DEBUGGERS);
	check_emulated(true, KVM_X86_SHADOW_INT_MOV_SS, KVM_STEP_DEBUGGERS);
	check_emulated(true, KVM_X86_SHADOW_INT_STI, both);
}

/* What KVM has begun to do in the place of the CPU may end before the first entry. */
static void test_comes(void)
{
	unsigned long flags;

	for (flags = 0; flags <= X86_EFLAGS_TF; flags += X86_EFLAGS_TF) {
		begin(SHARED, 1, 1);
		vcpu.rflags = flags;
		debug(SHARED | KVM_GUESTDBG_SINGLESTEP, 1);
		EXPECT_EQ(vcpu.arch.debug_step.own_tf, !!flags);
		/* the guest writes its registers: the step is as it was */
		vcpu.rflags = ~flags & X86_EFLAGS_TF;
		guest_enables(1);
		EXPECT_EQ(vcpu.arch.debug_step.own_tf, !!flags);
	}
}

static bool told(void)
{
	return run.flags & KVM_RUN_DEBUG_RESTED;
}

/* The guest writes what does not fit: one exit, if it is wanted; told until something changes. */
static void test_told(void)
{
	unsigned int exits;

	for (exits = 0; exits < 2; exits++) {
		begin(SHARED | (exits ? KVM_GUESTDBG_EXIT_REST : 0), 2, 2);
		EXPECT_EQ(run.flags, 0);
		vcpu.wants_to_run = true;
		guest_enables(3);
		EXPECT(told());
		EXPECT_EQ(vcpu.guest_debug_rest, BIT(2));
		EXPECT_EQ(vcpu.requests, exits ? BIT_ULL(KVM_REQ_DEBUG_RESTS) : 0);
		EXPECT_EQ(kvm_leaves_on_request(&vcpu), exits);
		EXPECT(!kvm_leaves_on_request(&vcpu));
		EXPECT_EQ(run.exit_reason, exits ? KVM_EXIT_DEBUG : 0);
		/* the next KVM_RUN, as it begins; nothing new is written in it */
		run.flags &= KVM_RUN_DEBUG_RESTED;
		guest_enables(3);
		EXPECT_EQ(vcpu.requests, 0);
		EXPECT(told());
		/* one that leaves for another reason has told, too */
		kvm_make_request(KVM_REQ_DEBUG_RESTS, &vcpu);
		EXPECT(!kvm_leaves_on_request(&vcpu));
		vcpu.ring_full = true;
		EXPECT(kvm_leaves_on_request(&vcpu));
		vcpu.ring_full = false;
		/* user space writes another one of the guest's: it is told in no KVM_RUN */
		vcpu.wants_to_run = false;
		guest_enables(4);
		EXPECT_EQ(vcpu.guest_debug_rest, BIT(2) | BIT(3));
		EXPECT_EQ(vcpu.requests, 0);
		/* the debugger makes room, and takes it away again */
		debug(vcpu.guest_debug, 0);
		EXPECT(!told());
		EXPECT_EQ(vcpu.guest_debug_rest, 0);
		debug(vcpu.guest_debug, 2);
		EXPECT(told());
		debug(vcpu.guest_debug, 2);
		EXPECT(told());
		/* user space has seen it, and fewer rest */
		run.flags = 0;
		vcpu.arch.dr7 &= ~ON(3);
		guest_enables(0);
		EXPECT_EQ(vcpu.guest_debug_rest, BIT(2));
		EXPECT(!told());
	}
}

static bool may(unsigned long control, unsigned int n, u64 addr, u64 dr7)
{
	struct kvm_guest_debug dbg = { .control = control };

	dbg.arch.debugreg[n] = addr;
	dbg.arch.debugreg[7] = dr7;
	return kvm_may_share_debug_regs(&vcpu, &dbg);
}

static void test_refused(void)
{
	unsigned int n;

	begin(0, 0, 0);
	for (n = 0; n < KVM_NR_DB_REGS; n++) {
		EXPECT(may(SHARED, n, 0x1000, ON(n)));
		EXPECT(may(SHARED, n, 0xffff800000000000, ON(n) << 1));
		EXPECT(!may(SHARED, n, 0x800000000000, ON(n)));
		EXPECT(!may(SHARED, n, 0x800000000000, ON(n) << 1));
		EXPECT(may(SHARED, n, 0x800000000000, 0));
	}
	EXPECT(!may(SHARED, 0, 0, BIT(13)));
	EXPECT(may(SHARED & ~KVM_GUESTDBG_USE_HW_BP, 0, 0x800000000000, ON(0) | BIT(13)));
	EXPECT(may(SHARED & ~KVM_GUESTDBG_SHARE_HW, 0, 0x800000000000, ON(0) | BIT(13)));
	EXPECT(may(SHARED | KVM_GUESTDBG_EXIT_REST, 0, 0, 0));
	EXPECT(!may(KVM_GUESTDBG_ENABLE | KVM_GUESTDBG_EXIT_REST, 0, 0, 0));
	EXPECT(may(KVM_GUESTDBG_EXIT_REST, 0, 0, 0));
}

static void test_read_back(void)
{
	const unsigned long actions = KVM_GUESTDBG_INJECT_DB | KVM_GUESTDBG_INJECT_BP;
	struct kvm_guest_debug is = { };
	unsigned int n;

	begin(SHARED | actions, 3, 3);
	kvm_arch_vcpu_get_guest_debug(&vcpu, &is);
	EXPECT_EQ(is.control, SHARED);
	EXPECT_EQ(is.pad, BIT(1) | BIT(2));
	for (n = 0; n < 3; n++)
		EXPECT_EQ(is.arch.debugreg[n], DEBUGGER_AT + 8 * n);
	EXPECT_EQ(is.arch.debugreg[7], vcpu.arch.guest_debug_dr7);
	is = (struct kvm_guest_debug) { };
	begin(SHARED & ~KVM_GUESTDBG_USE_HW_BP, 3, 3);
	kvm_arch_vcpu_get_guest_debug(&vcpu, &is);
	EXPECT_EQ(is.pad, 0);
	for (n = 0; n < 8; n++)
		EXPECT_EQ(is.arch.debugreg[n], 0);
}

/* Of a vCPU that nobody debugs all is as if somebody did who has set nothing. */
static void test_kept(void)
{
	struct kvm_guest_debug is = { };
	unsigned int n;

	EXPECT_EQ(kvm_free_debug_regs(NULL), KVM_NR_DB_REGS);
	for (n = 0; n <= KVM_NR_DB_REGS; n++) {
		EXPECT_EQ(kvm_keep_debug_regs(&kvm, n), 0);
		EXPECT_EQ(kvm_free_debug_regs(&kvm), n ? n : KVM_NR_DB_REGS);
		begin(0, 0, 0);
		vcpu.guest_debug = kvm_undebugged(&vcpu);
		EXPECT_EQ(kvm_shares_debug_regs(&vcpu), n > 0);
		guest_enables(4);
		EXPECT_EQ(hweight8(vcpu.arch.eff_dr7 & 0xff), KVM_NR_DB_REGS - n);
		EXPECT_EQ(told(), n > 0);
		kvm_arch_vcpu_get_guest_debug(&vcpu, &is);
		EXPECT_EQ(is.control, 0);
		EXPECT_EQ(is.pad, 0xf & ~(0xfu >> n));
		check_split(DR_STEP, KVM_STEP_GUESTS, 0, DR_STEP);
		/* who comes has them, and takes none of the guest's away */
		debug(SHARED, n);
		EXPECT_EQ(vcpu.guest_debug_rest, 0xf & ~(0xfu >> n));
	}
	EXPECT_EQ(kvm_keep_debug_regs(&kvm, KVM_NR_DB_REGS + 1), -EINVAL);
	EXPECT_EQ(kvm_keep_debug_regs(&kvm, 1ull << 32), -EINVAL);
	kvm.created_vcpus = 1;
	EXPECT_EQ(kvm_keep_debug_regs(&kvm, 0), -EINVAL);
	kvm.created_vcpus = 0;
	kvm.arch.has_protected_state = true;
	EXPECT_EQ(kvm_keep_debug_regs(&kvm, 0), -EINVAL);
	EXPECT_EQ(kvm_free_debug_regs(&kvm), 0);
	EXPECT_EQ(kvm.arch.debug_regs_kept, KVM_NR_DB_REGS);
	kvm = (struct kvm) { };
}

const struct test tests[] = {
	{ "whose a hit is",			test_hits },
	{ "who is told of a step",		test_split_steps },
	{ "whose a step is",			test_whose_step },
	{ "entries that make a step",		test_entries },
	{ "KVM executes an instruction",	test_emulated },
	{ "the guest has owned its registers",	test_owned },
	{ "a debugger comes that steps",	test_comes },
	{ "the debugger is told what rests",	test_told },
	{ "what is refused",			test_refused },
	{ "what is read back",			test_read_back },
	{ "what is kept for debuggers",		test_kept },
	{ }
};
