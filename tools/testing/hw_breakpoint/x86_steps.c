// SPDX-License-Identifier: GPL-2.0
/* x86: a step by RFLAGS.TF, on SVM: what KVM does before each instruction, and behind it. */

#include "test.h"
#include "../../../arch/x86/kvm/svm/hw_breakpoint_insn.h"
#include "../../../arch/x86/kvm/svm/hw_breakpoint_step.h"

#define TF	X86_EFLAGS_TF
#define R11	(svm.vcpu.arch.regs[VCPU_REGS_R11])
#define EXIT(v)	(SVM_EXIT_EXCP_BASE + (v))

static struct vmcb vmcb, vmcb01;
static struct vcpu_svm svm;
static int kicked;
int nrips;

void shim_kicks(int cpu)
{
	kicked = cpu;
}

static void begin(const u8 *bytes, unsigned int len)
{
	vmcb = (struct vmcb) { .control.intercepts[INTERCEPT_EXCEPTION] = BIT(UD_VECTOR) };
	vmcb01 = (struct vmcb) { };
	svm = (struct vcpu_svm) {
		.vmcb = &vmcb, .vmcb01.ptr = &vmcb01, .vector = -1, .bytes = bytes,
		.readable = len, .long_mode = true, .vcpu.cpu = 3, .vcpu.rip = 2 * PAGE_SIZE - len,
	};
	kicked = -1;
}

static u8 room[KVM_INSN_MAX];

/* An instruction, and whatever is behind it */
static void begin_insn(const char *bytes, unsigned int len)
{
	memset(room, 0x90, sizeof(room));
	memcpy(room, bytes, len);
	begin(room, sizeof(room));
}

static const struct {
	const char *bytes;
	unsigned int len;
	enum kvm_insn long_mode, other;
	u8 vector;
} insns[] = {
	{ "\x90", 1, KVM_INSN_OTHER, KVM_INSN_OTHER },
	{ "\x9c", 1, KVM_INSN_PUSHF, KVM_INSN_PUSHF },
	{ "\x9d", 1, KVM_INSN_LOADS, KVM_INSN_LOADS },
	{ "\x66\x9c", 2, KVM_INSN_PUSHF, KVM_INSN_PUSHF },
	{ "\xf3\x2e\x9d", 3, KVM_INSN_LOADS, KVM_INSN_LOADS },
	{ "\x26\x36\x3e\x64\x65\x67\xf2\x9d", 8, KVM_INSN_LOADS, KVM_INSN_LOADS },
	{ "\x48\x9c", 2, KVM_INSN_PUSHF, KVM_INSN_OTHER },
	{ "\x4f\x66\x9d", 3, KVM_INSN_LOADS, KVM_INSN_OTHER },
	{ "\x50\x9d", 2, KVM_INSN_OTHER, KVM_INSN_OTHER },
	{ "\xf0\x9c", 2, KVM_INSN_OTHER, KVM_INSN_OTHER },
	{ "\x0f\x05", 2, KVM_INSN_SYSCALL, KVM_INSN_SYSCALL },
	{ "\x0f\x07", 2, KVM_INSN_SYSRET, KVM_INSN_SYSRET },
	{ "\x48\x0f\x07", 3, KVM_INSN_SYSRET, KVM_INSN_OTHER },
	{ "\x0f\x9c", 2, KVM_INSN_OTHER, KVM_INSN_OTHER },
	{ "\x0f\xcf", 2, KVM_INSN_OTHER, KVM_INSN_OTHER },
	{ "\xcf", 1, KVM_INSN_LOADS, KVM_INSN_LOADS },
	{ "\x48\xcf", 2, KVM_INSN_LOADS, KVM_INSN_OTHER },
	{ "\xcc", 1, KVM_INSN_INT3, KVM_INSN_INT3 },
	{ "\xcd\x80", 2, KVM_INSN_INT, KVM_INSN_INT, 0x80 },
	{ "\xcd\x03", 2, KVM_INSN_INT, KVM_INSN_INT, 3 },
	{ "\x66\xcd\x2e", 3, KVM_INSN_INT, KVM_INSN_INT, 0x2e },
	{ "\xce", 1, KVM_INSN_OTHER, KVM_INSN_OTHER },
	{ "\x17", 1, KVM_INSN_OTHER, KVM_INSN_LOADS_SS },
	{ "\x8e\xd0", 2, KVM_INSN_LOADS_SS, KVM_INSN_LOADS_SS },
	{ "\x8e\x17", 2, KVM_INSN_LOADS_SS, KVM_INSN_LOADS_SS },
	{ "\x8e\xd8", 2, KVM_INSN_OTHER, KVM_INSN_OTHER },
	{ "\x8e\xf0", 2, KVM_INSN_OTHER, KVM_INSN_OTHER },
};

static void test_insns(void)
{
	struct kvm_step_insn insn;
	unsigned int i, len;

	for (i = 0; i < ARRAY_SIZE(insns); i++) {
		const u8 *bytes = (const u8 *)insns[i].bytes;

		EXPECT_EQ(kvm_step_insn(bytes, insns[i].len, false).what, insns[i].other);
		insn = kvm_step_insn(bytes, insns[i].len, true);
		EXPECT_EQ(insn.what, insns[i].long_mode);
		if (insn.what == KVM_INSN_INT)
			EXPECT_EQ(insn.vector, insns[i].vector);
		if (insn.what == KVM_INSN_INT || insn.what == KVM_INSN_INT3)
			EXPECT_EQ(insn.len, insns[i].len);
		for (len = 0; len < insns[i].len; len++) {
			/* asan: not behind its end */
			u8 *cut = memcpy(malloc(len ?: 1), bytes, len);

			EXPECT_EQ(kvm_step_insn(cut, len, true).what, KVM_INSN_OTHER);
			free(cut);
		}
	}
}

/* In the place of the instruction. @vector: of #BP; @soft: of INT n; -1: none */
static void check_prepared(bool over, int vector, int soft)
{
	svm.vcpu.requests = 0;
	EXPECT_EQ(svm_prepare_step(&svm.vcpu), over);
	EXPECT_EQ(svm.emulated, over);
	EXPECT_EQ(svm.vector, vector);
	EXPECT_EQ(svm.vcpu.arch.interrupt.injected, soft >= 0);
	if (soft >= 0) {
		EXPECT(svm.vcpu.arch.interrupt.soft);
		EXPECT_EQ(svm.vcpu.arch.interrupt.nr, soft);
	}
	EXPECT_EQ(svm.vcpu.requests, soft >= 0 ? BIT_ULL(KVM_REQ_EVENT) : 0);
}

static unsigned long behind(unsigned int len)
{
	return svm.vcpu.rip + len;
}

static void test_prepared(void)
{
	begin_insn("\x90", 1);
	check_prepared(false, -1, -1);
	EXPECT_EQ(svm.next_rip, 0);
	begin_insn("\x8e\xd0", 2);
	check_prepared(true, -1, -1);
	begin_insn("\xcc", 1);
	svm.vcpu.guest_debug = KVM_GUESTDBG_USE_SW_BP;
	check_prepared(false, -1, -1);
	/* not where it would go another way */
	begin_insn("\xcd\x80", 2);
	svm.vcpu.rflags = X86_EFLAGS_VM;
	check_prepared(false, -1, -1);
	begin_insn("\xcd\x80", 2);
	svm.guest_mode = true;
	check_prepared(false, -1, 0x80);
	begin_insn("\xcd\x80", 2);
	svm.guest_mode = true;
	svm.nested.ctl.intercepts[INTERCEPT_INTn / 32] = BIT(INTERCEPT_INTn % 32);
	check_prepared(false, -1, -1);
	svm.guest_mode = false;
	check_prepared(false, -1, 0x80);
	/* behind VMRUN only what the CPU executes */
	begin_insn("\x8e\xd0", 2);
	svm.vmrun_pends = true;
	check_prepared(false, -1, -1);
	begin_insn("\xcd\x80", 2);
	svm.vmrun_pends = true;
	check_prepared(false, -1, -1);
	begin_insn("\xcf", 1);
	svm.vmrun_pends = true;
	check_prepared(false, -1, -1);
	EXPECT_EQ(svm.vcpu.arch.debug_step.insn, KVM_INSN_LOADS);
}

/* Where they return to, whatever another instruction's exit has left; and that is 32 bits or 64 */
static void test_returns(void)
{
	for (nrips = 0; nrips < 2; nrips++) {
		begin_insn("\x66\xcd\x80", 3);
		svm.next_rip = 0x5a5a;
		vmcb.control.next_rip = 0x5a5a;
		check_prepared(false, -1, 0x80);
		EXPECT_EQ(svm.next_rip, behind(3));
		EXPECT_EQ(vmcb.control.next_rip, nrips ? behind(3) : 0);
		begin_insn("\xcc", 1);
		check_prepared(false, BP_VECTOR, -1);
		EXPECT_EQ(svm.next_rip, behind(1));
		begin_insn("\xcc", 1);
		svm.long_mode = false;
		svm.vcpu.rip = 0xffffffff;
		check_prepared(false, BP_VECTOR, -1);
		EXPECT_EQ(svm.next_rip, 0);
	}
}

/* What was queued is forgotten if the vCPU has not been entered: the instruction may be another. */
static void test_again(void)
{
	begin_insn("\xcd\x80", 2);
	check_prepared(false, -1, 0x80);
	check_prepared(false, -1, 0x80);
	svm.bytes = (const u8 *)"\x90\x90\x90\x90\x90\x90\x90\x90\x90\x90\x90\x90\x90\x90";
	svm.readable = 14;
	check_prepared(false, -1, -1);
	EXPECT_EQ(svm.next_rip, 0);
	/* a guest's guest has been given it by its hypervisor, perhaps */
	begin_insn("\x90", 1);
	svm.guest_mode = true;
	kvm_queue_interrupt(&svm.vcpu, 0x80, true);
	svm_prepare_step(&svm.vcpu);
	EXPECT(svm.vcpu.arch.interrupt.injected);
	begin_insn("\x90", 1);
	kvm_queue_interrupt(&svm.vcpu, 0x80, false);
	svm_prepare_step(&svm.vcpu);
	EXPECT(svm.vcpu.arch.interrupt.injected);
}

/* Across the end of a page, and not beyond what is there; as the one who would execute it. */
static void test_fetched(void)
{
	unsigned int i;

	for (i = 1; i < KVM_INSN_MAX; i++) {
		begin_insn("\x66\x66\x66\x66\x66\x66\x66\x66\x66\x66\x66\x66\x66\xcd\x80", 15);
		svm.vcpu.rip = 2 * PAGE_SIZE - i;
		check_prepared(false, -1, 0x80);
		begin_insn("\x66\x66\x66\x66\x66\x66\x66\x66\x66\x66\x66\x66\x66\xcd\x80", 15);
		svm.vcpu.rip = 2 * PAGE_SIZE - i;
		svm.readable = i;
		check_prepared(false, -1, -1);
	}
	begin((const u8 *)"\xcc", 1);
	check_prepared(false, BP_VECTOR, -1);
	EXPECT_EQ(svm.access, 0);
	begin((const u8 *)"\xcc", 1);
	vmcb.save.cpl = 3;
	check_prepared(false, BP_VECTOR, -1);
	EXPECT_EQ(svm.access, PFERR_USER_MASK);
	begin((const u8 *)"\xcc", 0);
	check_prepared(false, -1, -1);
	begin_insn("\xcc", 1);
	svm.encrypted = true;
	check_prepared(false, -1, -1);
}

/* An event comes first, whatever the instruction is, and nothing is left of the one before. */
static void test_event_first(void)
{
	begin_insn("\xcf", 1);
	check_prepared(false, -1, -1);
	EXPECT_EQ(svm.vcpu.arch.debug_step.insn, KVM_INSN_LOADS);
	svm.pends = true;
	check_prepared(false, -1, -1);
	EXPECT_EQ(svm.vcpu.arch.debug_step.insn, KVM_INSN_OTHER);
	begin_insn("\x8e\xd0", 2);
	svm.vector = UD_VECTOR;
	check_prepared(false, UD_VECTOR, -1);
}

/*
 * An entry of @bytes with the guest's own TF, and an exit with @code, and DR6 if that is #DB. If it
 * was executed the CPU has loaded @loads meanwhile; TF in SYSCALL's mask is @mask.
 */
static void step(const char *bytes, unsigned int len, u64 own, u64 code, u64 dr6, u64 loads,
		 u64 mask)
{
	bool executed = code == EXIT(DB_VECTOR) && dr6 & DR_STEP;
	unsigned int insn;

	begin_insn(bytes, len);
	R11 = loads | 2;
	vmcb01.save.sfmask = mask | 4;
	svm_prepare_step(&svm.vcpu);
	insn = svm.vcpu.arch.debug_step.insn;
	vmcb.save.rflags = own | 2;
	svm.vcpu.arch.debug_step.own_tf = own;
	svm_begin_step(&svm.vcpu);
	EXPECT_EQ(vmcb.save.rflags, TF | 2);
	EXPECT_EQ(kicked, -1);
	EXPECT_EQ(R11, (insn == KVM_INSN_SYSRET ? TF : loads) | 2);
	EXPECT_EQ(vmcb01.save.sfmask, (insn == KVM_INSN_SYSCALL ? 0 : mask) | 4);
	if (executed && insn == KVM_INSN_LOADS)
		vmcb.save.rflags = loads | 2;
	if (executed && insn == KVM_INSN_SYSCALL)
		R11 = TF | 2;
	vmcb.control.exit_code = code;
	vmcb.save.dr6 = dr6;
	EXPECT(!svm_end_step(&svm.vcpu));
	if (executed && insn == KVM_INSN_SYSCALL)
		EXPECT_EQ(R11, own | 2);
	else
		EXPECT_EQ(R11, loads | 2);
	EXPECT_EQ(vmcb01.save.sfmask, mask | 4);
	EXPECT_EQ(vmcb.control.intercepts[INTERCEPT_EXCEPTION], BIT(UD_VECTOR));
}

/* The guest's own TF, and whether it has a trap */
static void check_own(u64 tf, u64 trap)
{
	EXPECT_EQ(vmcb.save.rflags, tf | 2);
	EXPECT_EQ(svm.vcpu.arch.debug_step.own_tf, !!trap);
}

static void test_own_flags(void)
{
	const u64 flags[] = { 0, TF };
	unsigned int i;

	for (i = 0; i < 8; i++) {
		u64 own = flags[i & 1], loads = flags[i >> 1 & 1], mask = flags[i >> 2];

		step("\x90", 1, own, EXIT(DB_VECTOR), DR_STEP, loads, mask);
		check_own(own, own);
		step("\x9c", 1, own, EXIT(DB_VECTOR), DR_STEP, loads, mask);
		check_own(own, own);
		step("\x90", 1, own, SVM_EXIT_INTR, 0, loads, mask);
		check_own(own, own);
		/* executed, or not */
		step("\xcf", 1, own, EXIT(DB_VECTOR), DR_STEP, loads, mask);
		check_own(loads, own);
		step("\xcf", 1, own, EXIT(DB_VECTOR), BIT(0), loads, mask);
		check_own(own, own);
		step("\xcf", 1, own, EXIT(GP_VECTOR), DR_STEP, loads, mask);
		check_own(own, own);
		/* their trap is by what they leave */
		step("\x0f\x07", 2, own, EXIT(DB_VECTOR), DR_STEP, loads, mask);
		check_own(loads, loads);
		step("\x0f\x07", 2, own, SVM_EXIT_INTR, 0, loads, mask);
		check_own(own, own);
		step("\x0f\x05", 2, own, EXIT(DB_VECTOR), DR_STEP, loads, mask);
		check_own(own & ~mask, own & ~mask);
		step("\x0f\x05", 2, own, EXIT(GP_VECTOR), 0, loads, mask);
		check_own(own, own);
	}
}

/* In legacy mode SYSCALL and SYSRET have neither R11 nor a mask. */
static void test_legacy(void)
{
	static const char *const insns[] = { "\x0f\x05", "\x0f\x07" };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(insns); i++) {
		begin_insn(insns[i], 2);
		svm.legacy = true;
		svm.long_mode = false;
		vmcb01.save.sfmask = TF;
		svm_prepare_step(&svm.vcpu);
		EXPECT_EQ(svm.vcpu.arch.debug_step.insn, KVM_INSN_OTHER);
		svm.vcpu.arch.debug_step.own_tf = true;
		svm_begin_step(&svm.vcpu);
		EXPECT_EQ(R11, 0);
		EXPECT_EQ(vmcb01.save.sfmask, TF);
		vmcb.control.exit_code = EXIT(DB_VECTOR);
		vmcb.save.dr6 = DR_STEP;
		svm_end_step(&svm.vcpu);
		EXPECT_EQ(vmcb.save.rflags, TF);
	}
}

/* Any other may write the mask. */
static void test_own_mask(void)
{
	begin_insn("\x0f\x30", 2);
	vmcb01.save.sfmask = TF;
	svm_prepare_step(&svm.vcpu);
	svm_begin_step(&svm.vcpu);
	vmcb01.save.sfmask = 0;
	svm_end_step(&svm.vcpu);
	EXPECT_EQ(vmcb01.save.sfmask, 0);
}

/* What PUSHF has stored has the guest's own TF, on each kind of stack. */
static void check_pushed(const char *bytes, u64 own, u64 dr6, u8 expected)
{
	svm.stack = 0x53;
	vmcb.save.ss.base = 0xffff0000;
	svm.vcpu.arch.switch_db_regs = KVM_DEBUGREG_STEPS;
	svm.bytes = (const u8 *)bytes;
	svm_prepare_step(&svm.vcpu);
	svm.vcpu.arch.debug_step.own_tf = own;
	vmcb.control.exit_code = EXIT(DB_VECTOR);
	vmcb.save.dr6 = dr6;
	svm_split_db(&svm.vcpu, false);
	EXPECT_EQ(svm.stack, expected);
}

static struct kvm_run run;
static struct kvm kvm;

static void begin_pushed(bool long_mode, u16 attrib)
{
	begin_insn("\x9c", 1);
	svm.readable = 1;
	svm.vcpu.rip = 2 * PAGE_SIZE - 1;
	svm.vcpu.run = &run;
	svm.vcpu.kvm = &kvm;
	svm.long_mode = long_mode;
	vmcb.save.ss.attrib = attrib;
	svm.rsp = 0x7ffe0001ffffull;
	svm.stack_at = long_mode ? 0x7ffe00020000 : attrib ? 0x10000 : 0xffff0000;
}

static void test_pushed(void)
{
	begin_pushed(true, 0);
	check_pushed("\x9c", 0, DR_STEP, 0x52);
	check_pushed("\x9c", TF, DR_STEP, 0x53);
	check_pushed("\x9c", 0, BIT(0), 0x53);
	check_pushed("\x9d", 0, DR_STEP, 0x53);
	begin_pushed(false, SVM_SELECTOR_DB_MASK);
	check_pushed("\x9c", 0, DR_STEP, 0x52);
	begin_pushed(false, 0);
	check_pushed("\x9c", 0, DR_STEP, 0x52);
	/* nobody steps it any more */
	begin_pushed(true, 0);
	svm_prepare_step(&svm.vcpu);
	svm.stack = 0x53;
	vmcb.control.exit_code = EXIT(DB_VECTOR);
	vmcb.save.dr6 = DR_STEP;
	svm_split_db(&svm.vcpu, false);
	EXPECT_EQ(svm.stack, 0x53);
}

/* Whose step it is */
static void check_told(unsigned int switch_db_regs, bool own_step, u32 exit, bool queued)
{
	begin_pushed(true, 0);
	svm.vcpu.arch.switch_db_regs = switch_db_regs;
	run.exit_reason = 0;
	svm.vcpu.queued = false;
	vmcb.save.dr6 = DR_STEP | DR6_ACTIVE_LOW;
	EXPECT_EQ(svm_split_db(&svm.vcpu, own_step), !exit);
	EXPECT_EQ(run.exit_reason, exit);
	EXPECT_EQ(svm.vcpu.queued, queued);
}

static void test_told(void)
{
	check_told(0, false, 0, true);
	check_told(0, true, 0, false);
	check_told(KVM_DEBUGREG_STEPS, false, KVM_EXIT_DEBUG, false);
	check_told(KVM_DEBUGREG_STEPS, true, KVM_EXIT_DEBUG, false);
}

/* An instruction that has nothing to do with TF loads R11. */
static void test_own_r11(void)
{
	begin_insn("\x90", 1);
	svm_begin_step(&svm.vcpu);
	R11 = TF;
	svm_end_step(&svm.vcpu);
	EXPECT_EQ(R11, TF);
}

/* KVM's own step leaves TF to itself. */
static void test_own_step(void)
{
	begin_insn("\x90", 1);
	svm_prepare_step(&svm.vcpu);
	svm.nmi_singlestep = true;
	vmcb.save.rflags = TF | 2;
	svm_begin_step(&svm.vcpu);
	svm_end_step(&svm.vcpu);
	EXPECT_EQ(vmcb.save.rflags, TF | 2);
}

/* @vector goes to the guest, with an error code if it has one; nobody else knows of the exit. */
static void check_given_back(unsigned int vector, bool code)
{
	begin_insn("\x90", 1);
	svm_begin_step(&svm.vcpu);
	EXPECT(vmcb.control.intercepts[INTERCEPT_EXCEPTION] & BIT(vector));
	vmcb.control.exit_code = EXIT(vector);
	vmcb.control.exit_info_1 = 0x5a;
	vmcb.control.exit_info_2 = 0xc0de;
	EXPECT(!svm_end_step(&svm.vcpu));
	EXPECT_EQ(svm.vector, vector);
	EXPECT_EQ(svm.error, code ? 0x5a : -1);
	EXPECT_EQ(svm.vcpu.arch.cr2, vector == PF_VECTOR ? 0xc0de : 0);
	EXPECT_EQ(vmcb.control.exit_code, SVM_EXIT_INTR);
}

static void test_exceptions(void)
{
	static const u8 codes[] = {
		DF_VECTOR, TS_VECTOR, NP_VECTOR, SS_VECTOR, GP_VECTOR, PF_VECTOR, AC_VECTOR,
		X86_TRAP_CP,
	};
	static const u8 others[] = {
		DE_VECTOR, OF_VECTOR, BR_VECTOR, NM_VECTOR, MF_VECTOR, XM_VECTOR,
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(codes); i++)
		check_given_back(codes[i], true);
	for (i = 0; i < ARRAY_SIZE(others); i++)
		check_given_back(others[i], false);
}

/* What KVM has intercepted without a step is its own. */
static void check_kvms(u64 code)
{
	svm_begin_step(&svm.vcpu);
	vmcb.control.exit_code = code;
	EXPECT(!svm_end_step(&svm.vcpu));
	EXPECT_EQ(svm.vector, -1);
	EXPECT_EQ(vmcb.control.exit_code, code);
}

static void test_kvms_exceptions(void)
{
	const unsigned int kvms[] = { DB_VECTOR, BP_VECTOR, MC_VECTOR, UD_VECTOR };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(kvms); i++) {
		begin_insn("\x90", 1);
		check_kvms(EXIT(kvms[i]));
	}
	begin_insn("\x90", 1);
	vmcb.control.intercepts[INTERCEPT_EXCEPTION] |= BIT(PF_VECTOR);
	check_kvms(EXIT(PF_VECTOR));
	EXPECT(vmcb.control.intercepts[INTERCEPT_EXCEPTION] & BIT(PF_VECTOR));
	begin_insn("\x90", 1);
	svm.vcpu.arch.apf.host_apf_flags = 1;
	check_kvms(EXIT(PF_VECTOR));
	begin_insn("\x90", 1);
	check_kvms(SVM_EXIT_INTR + 1);
	begin_insn("\x90", 1);
	check_kvms(-1ull);
}

/* The guest sees its own TF pushed, and the step is over if that has been. */
static void test_injected(void)
{
	const u64 flags[] = { 2, TF | 2 };
	unsigned int i;

	for (i = 0; i < 4; i++) {
		begin_insn("\xcf", 1);
		svm_prepare_step(&svm.vcpu);
		vmcb.save.rflags = flags[i & 1];
		vmcb.control.event_inj = SVM_EVTINJ_VALID | 0x30;
		svm_begin_step(&svm.vcpu);
		EXPECT_EQ(vmcb.save.rflags, flags[i & 1]);
		EXPECT_EQ(kicked, 3);
		EXPECT_EQ(vmcb.control.intercepts[INTERCEPT_EXCEPTION], BIT(UD_VECTOR));
		/* delivered, or to be injected again */
		vmcb.control.exit_code = SVM_EXIT_INTR;
		vmcb.control.exit_int_info = i & 2 ? SVM_EXITINTINFO_VALID | 0x30 : 0x30;
		EXPECT_EQ(svm_end_step(&svm.vcpu), !(i & 2));
		EXPECT_EQ(vmcb.save.rflags, flags[i & 1]);
	}
}

/* An NMI that the CPU would deliver is injected, where nothing else is and it is not blocked. */
static void check_nmi(bool vnmi, u32 int_ctl, u32 int_state, u32 event_inj, bool guest_mode,
		      bool taken)
{
	const u32 nmi = SVM_EVTINJ_VALID | SVM_EVTINJ_TYPE_NMI;

	begin_insn("\x90", 1);
	svm.vnmi = vnmi;
	svm.guest_mode = guest_mode;
	vmcb.control.int_ctl = int_ctl | 1;
	vmcb.control.int_state = int_state;
	vmcb.control.event_inj = event_inj;
	svm_begin_step(&svm.vcpu);
	EXPECT_EQ(vmcb.control.event_inj, taken ? nmi : event_inj);
	EXPECT_EQ(vmcb.control.int_ctl, (taken ? 0 : int_ctl) | 1);
	EXPECT_EQ(svm.vcpu.arch.debug_step.injects, taken || event_inj);
}

static void test_virtual_nmi(void)
{
	const u32 pending = V_NMI_PENDING_MASK;

	check_nmi(true, pending, 0, 0, false, true);
	check_nmi(false, pending, 0, 0, false, false);
	check_nmi(true, 0, 0, 0, false, false);
	check_nmi(true, pending | V_NMI_BLOCKING_MASK, 0, 0, false, false);
	check_nmi(true, pending, SVM_INTERRUPT_SHADOW_MASK, 0, false, false);
	check_nmi(true, pending, 0, SVM_EVTINJ_VALID | 0x30, false, false);
	check_nmi(true, pending, 0, 0, true, false);
	begin_insn("\x90", 1);
	svm.vnmi = true;
	svm.no_gif = true;
	vmcb.control.int_ctl = pending;
	svm_begin_step(&svm.vcpu);
	EXPECT_EQ(vmcb.control.event_inj, 0);
	EXPECT_EQ(vmcb.control.int_ctl, pending);
}

const struct test tests[] = {
	{ "what an instruction does with TF",	test_insns },
	{ "in the place of an instruction",	test_prepared },
	{ "where INT n returns to",		test_returns },
	{ "it is prepared again",		test_again },
	{ "how it is fetched",			test_fetched },
	{ "an event comes first",		test_event_first },
	{ "the guest's own TF",			test_own_flags },
	{ "SYSCALL, SYSRET in legacy mode",	test_legacy },
	{ "the guest's own R11",		test_own_r11 },
	{ "the guest's own mask",		test_own_mask },
	{ "what PUSHF has stored",		test_pushed },
	{ "who is told",			test_told },
	{ "KVM steps for itself",		test_own_step },
	{ "the guest's exceptions",		test_exceptions },
	{ "KVM's exceptions",			test_kvms_exceptions },
	{ "an event is injected",		test_injected },
	{ "a virtual NMI",			test_virtual_nmi },
	{ }
};
