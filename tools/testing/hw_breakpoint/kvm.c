// SPDX-License-Identifier: GPL-2.0
/*
 * arm64's KVM: vCPUs that use breakpoints, enter and leave and move between CPUs,
 * which may have different numbers of registers, while the host has breakpoints.
 * What fires in a guest is looked up in the registers: what it has enabled, and
 * nothing else, wherever this CPU has it. Nothing of the host's is ever read. A guest
 * whose task dies in between leaves nothing to the next one.
 */

#include "test.h"
#include "../../../arch/arm64/kvm/hw_breakpoint.h"
#include "../../../arch/arm64/kvm/hw_breakpoint_share.h"

#define VCPUS		3
#define HOST		4

#define LINKED		BIT(20)
#define LBN		GENMASK(19, 16)
#define BT		GENMASK(23, 20)
#define BT_CONTEXT	2	/* and 3, which others are linked to */

/* regs-arm64.c */
int regs_brps(void);
int regs_wrps(void);
int regs_ctx(void);
void regs_allow_reads(bool allow);
u64 regs_raw(int kind, int n);
void regs_raw_write(int kind, int n, u64 val);
u64 regs_switch_mdscr(u64 mdscr);

/**
 * struct vm - a virtual machine of one vCPU
 * @vcpu: what KVM has of it
 * @is: what its registers are, as the guest sees it
 * @mdscr: the same of MDSCR_EL1
 * @preserved: MDSCR_EL1 while a debugger has changed it
 */
struct vm {
	struct kvm_vcpu			vcpu;
	struct kvm_guest_debug_arch	is;
	u64				mdscr;
	u64				preserved;
};

static struct kvm kvm;	/* all are of one kind */
static struct vm vms[VCPUS];
static struct perf_event host[HOST];
static int installed;

/* What all CPUs have */
static int all_brps(void)
{
	return hw_breakpoint_slots(TYPE_INST);
}

static int all_wrps(void)
{
	return hw_breakpoint_slots(TYPE_DATA);
}

/* What guests have of it */
static int brps(void)
{
	if (!kvm.dfr0)
		kvm.dfr0 = shim_dfr0;
	return FIELD_GET(ID_AA64DFR0_EL1_BRPs, kvm.dfr0) + 1;
}

static int wrps(void)
{
	return FIELD_GET(ID_AA64DFR0_EL1_WRPs, kvm.dfr0) + 1;
}

static int ctx_brps(void)
{
	return FIELD_GET(ID_AA64DFR0_EL1_CTX_CMPs, kvm.dfr0) + 1;
}

static int first_ctx(void)
{
	return brps() - ctx_brps();
}

/* ---- the host's breakpoints ---- */

static void install(int n)
{
	struct arch_hw_breakpoint hw = { };

	for (installed = 0; installed < n; installed++) {
		struct perf_event *bp = &host[installed];

		*bp = (struct perf_event) {
			SHIM_RESERVATION(*bp),
			.shim_own.held = true,
		};
		regs_attr(&bp->attr, installed);
		EXPECT_EQ(hw_breakpoint_arch_parse(bp, &bp->attr, &hw), 0);
		hwbp_set_info(bp, &hw);
		EXPECT_EQ(hwbp_add(bp, PERF_EF_START), 0);
	}
	hwbp_commit();
}

static void uninstall(void)
{
	while (installed)
		hwbp_del(&host[--installed], 0);
	hwbp_commit();
}

static void check_host(void)
{
	struct watch armed[REGS_MAX];
	int i, left = regs_armed(armed);

	for (i = 0; i < installed; i++) {
		struct watch w = regs_expected(&host[i].attr);

		take_out(armed, &left, &w);
	}
	EXPECT_EQ(left, 0);
	for (i = all_brps(); i < regs_brps(); i++)
		EXPECT(!(regs_raw(SHIM_BCR, i) & 1));
	for (i = all_wrps(); i < regs_wrps(); i++)
		EXPECT(!(regs_raw(SHIM_WCR, i) & 1));
}

/* ---- what fires in a guest ---- */

/**
 * struct means - what an enabled register means, whatever its number
 * @addr: address register
 * @ctrl: control register, without the number of the one it is linked to
 * @linked: address register of that, or ~0 if it is off
 * @watch: a watchpoint
 */
struct means {
	u64	addr;
	u64	ctrl;
	u64	linked;
	bool	watch;
};

static bool same_means(const struct means *a, const struct means *b)
{
	return a->addr == b->addr && a->ctrl == b->ctrl && a->linked == b->linked &&
	       a->watch == b->watch;
}

static bool is_linked(u64 ctrl, bool watch)
{
	return ctrl & LINKED && (watch || FIELD_GET(BT, ctrl) == 1);
}

/* Enabled, and not linked to a breakpoint that there is not */
static bool counts(u64 ctrl, bool watch, int brps)
{
	return ctrl & 1 && (!is_linked(ctrl, watch) || (int)FIELD_GET(LBN, ctrl) < brps);
}

static struct means meaning(const struct kvm_guest_debug_arch *regs, int n, bool watch, int brps)
{
	struct means m = {
		.addr = watch ? regs->dbg_wvr[n] : regs->dbg_bvr[n],
		.ctrl = watch ? regs->dbg_wcr[n] : regs->dbg_bcr[n],
		.watch = watch,
	};
	int to = FIELD_GET(LBN, m.ctrl);

	if (m.ctrl & LINKED)
		m.ctrl &= ~LBN;		/* counts for some, and then for what it names */
	if (is_linked(m.ctrl, watch))
		m.linked = counts(regs->dbg_bcr[to], false, brps) ? regs->dbg_bvr[to] : ~0UL;
	return m;
}

static int all_means(const struct kvm_guest_debug_arch *regs, int brps, int wrps,
		     struct means *m)
{
	int i, n = 0;

	for (i = 0; i < brps; i++) {
		if (counts(regs->dbg_bcr[i], false, brps))
			m[n++] = meaning(regs, i, false, brps);
	}
	for (i = 0; i < wrps; i++) {
		if (counts(regs->dbg_wcr[i], true, brps))
			m[n++] = meaning(regs, i, true, brps);
	}
	return n;
}

static void check_context_aware(u64 ctrl, int n)
{
	if (ctrl & 1 && FIELD_GET(BT, ctrl) & BT_CONTEXT && n < regs_brps() - regs_ctx())
		FAIL("breakpoint %d of this CPU is not context-aware", n);
}

/* The registers of this CPU. */
static struct kvm_guest_debug_arch hardware(void)
{
	struct kvm_guest_debug_arch regs;
	int i;

	for (i = 0; i < ARM_MAX_BRP; i++) {
		regs.dbg_bvr[i] = regs_raw(SHIM_BVR, i);
		regs.dbg_bcr[i] = regs_raw(SHIM_BCR, i);
		regs.dbg_wvr[i] = regs_raw(SHIM_WVR, i);
		regs.dbg_wcr[i] = regs_raw(SHIM_WCR, i);
	}
	for (i = 0; i < regs_brps(); i++)
		check_context_aware(regs.dbg_bcr[i], i);
	return regs;
}

static void take_out_means(struct means *set, int *n, const struct means *m)
{
	int i;

	for (i = 0; i < *n; i++) {
		if (same_means(&set[i], m)) {
			set[i] = set[--*n];
			return;
		}
	}
	FAIL("%s of %#llx, %#llx is not in the registers", m->watch ? "watchpoint" : "breakpoint",
	     m->addr, m->ctrl);
}

static void check_fires_of(const struct kvm_guest_debug_arch *regs,
			   const struct kvm_guest_debug_arch *others)
{
	struct kvm_guest_debug_arch here = hardware();
	struct means is[REGS_MAX], want[2 * REGS_MAX];
	int n = all_means(&here, regs_brps(), regs_wrps(), is);
	int left = all_means(regs, brps(), wrps(), want);

	left += all_means(others, all_brps(), all_wrps(), want + left);
	while (left--)
		take_out_means(is, &n, &want[left]);
	if (n)
		FAIL("%#llx, %#llx is not the guest's and fires in it", is[0].addr, is[0].ctrl);
}

static void check_fires(const struct kvm_guest_debug_arch *regs)
{
	static const struct kvm_guest_debug_arch none;

	check_fires_of(regs, &none);
}

/* The guest's, or its debugger's, who has all that there are */
static void check_fires_alone(struct kvm_vcpu *vcpu)
{
	static const struct kvm_guest_debug_arch none;

	if (vcpu->guest_debug & KVM_GUESTDBG_USE_HW)
		check_fires_of(&none, &vcpu->arch.external_debug_state);
	else
		check_fires(&vcpu->arch.vcpu_debug_state);
}

/* What KDE masks, but for contexts that others are linked to */
static u64 masked(u64 ctrl, bool watch)
{
	bool context = !watch && FIELD_GET(BT, ctrl) == (BT_CONTEXT | 1);

	return context || !(ctrl & 2) ? ctrl : ctrl & 4 ? ctrl & ~2ul : ctrl & ~3ul;
}

/* Of the guest's what does not rest, and all of the debugger's. */
static void check_fires_for_both(struct kvm_vcpu *vcpu, u64 mdscr)
{
	struct kvm_guest_debug_arch guests = vcpu->arch.vcpu_debug_state, debuggers = { };
	struct kvm_debug_share share;
	int i;

	kvm_arm_share_debug_regs(vcpu, &share);
	for (i = 0; i < ARM_MAX_BRP; i++) {
		if (!(mdscr & MDSCR_EL1_KDE)) {
			guests.dbg_bcr[i] = masked(guests.dbg_bcr[i], false);
			guests.dbg_wcr[i] = masked(guests.dbg_wcr[i], true);
		}
		if (!(mdscr & MDSCR_EL1_MDE) || !(share.guests >> i & 1))
			guests.dbg_bcr[i] &= ~1ul;
		if (!(mdscr & MDSCR_EL1_MDE) || !(share.guests >> (ARM_MAX_BRP + i) & 1))
			guests.dbg_wcr[i] &= ~1ul;
	}
	if (vcpu->guest_debug & KVM_GUESTDBG_USE_HW)
		debuggers = vcpu->arch.external_debug_state;
	check_fires_of(&guests, &debuggers);
}

/* ---- guests ---- */

/* One for contexts; or any, of which the guest may have none */
static u64 random_link(void)
{
	if (!random_below(3))
		return FIELD_PREP(LBN, random_below(ARM_MAX_BRP));
	return FIELD_PREP(LBN, first_ctx() + random_below(ctx_brps()));
}

static u64 random_break(int n)
{
	u64 ctrl = 0x1e0 | 3 << 1 | random_below(2);

	/* the number of another one is nothing there */
	if (n >= first_ctx() && random_below(2))
		return ctrl | FIELD_PREP(BT, BT_CONTEXT + random_below(2)) |
		       FIELD_PREP(LBN, random_below(ARM_MAX_BRP));
	if (random_below(3))
		return ctrl;
	return ctrl | FIELD_PREP(BT, 1) | random_link();
}

static u64 random_watch(void)
{
	u64 ctrl = 0x1fe0 | 1 << 3 | 3 << 1 | random_below(2);

	if (random_below(3))
		return ctrl;
	return ctrl | LINKED | random_link();
}

static void random_registers(struct kvm_guest_debug_arch *regs)
{
	int i;

	for (i = 0; i < brps(); i++) {
		regs->dbg_bvr[i] = 0x50000 + random_below(4) * 4;
		regs->dbg_bcr[i] = random_below(2) ? random_break(i) : 0;
	}
	for (i = 0; i < wrps(); i++) {
		regs->dbg_wvr[i] = 0x60000 + random_below(4) * 8;
		regs->dbg_wcr[i] = random_below(2) ? random_watch() : 0;
	}
}

/* What a debugger may have who shares the registers */
static void plain_registers(struct kvm_guest_debug_arch *regs)
{
	int i;

	for (i = 0; i < all_brps(); i++) {
		regs->dbg_bvr[i] = 0x70000 + i * 4;
		regs->dbg_bcr[i] = 0x1e0 | 3 << 1 | random_below(2);
	}
	for (i = 0; i < all_wrps(); i++) {
		regs->dbg_wvr[i] = 0x80000 + i * 8;
		regs->dbg_wcr[i] = 0x1fe0 | 1 << 3 | 3 << 1 | random_below(2);
	}
}

static u64 random_mdscr(void)
{
	return (random_below(3) ? MDSCR_EL1_MDE : 0) | (random_below(2) ? MDSCR_EL1_KDE : 0);
}

/* A trapped write, as sys_regs.c does it. */
static void write_trapped(struct vm *vm)
{
	int i = random_below(brps()), j = random_below(wrps());

	vm->is.dbg_bcr[i] = random_break(i);
	vm->is.dbg_wcr[j] = random_watch();
	vm->vcpu.arch.vcpu_debug_state = vm->is;
	vm->mdscr = random_mdscr();
	vm->vcpu.arch.sys_regs[MDSCR_EL1] = vm->mdscr;
	shim_trapped(&vm->vcpu);
}

static void each_register(struct vm *vm, void (*fn)(int kind, int n, u64 *val))
{
	int i;

	for (i = 0; i < brps(); i++) {
		fn(SHIM_BVR, i, &vm->is.dbg_bvr[i]);
		fn(SHIM_BCR, i, &vm->is.dbg_bcr[i]);
	}
	for (i = 0; i < wrps(); i++) {
		fn(SHIM_WVR, i, &vm->is.dbg_wvr[i]);
		fn(SHIM_WCR, i, &vm->is.dbg_wcr[i]);
	}
}

static void read_one(int kind, int n, u64 *val)
{
	EXPECT_EQ(regs_raw(kind, n), *val);
}

static void write_one(int kind, int n, u64 *val)
{
	regs_raw_write(kind, n, *val);
}

/* All that it can do while nothing is trapped. */
static void run_as_owner(struct vm *vm)
{
	each_register(vm, read_one);
	if (random_below(2))
		random_registers(&vm->is);
	each_register(vm, write_one);
	vm->mdscr = random_mdscr();
	regs_switch_mdscr(vm->mdscr);
}

/* ---- a round trip ---- */

static bool debugger_has_registers(const struct vm *vm)
{
	return vm->vcpu.guest_debug & KVM_GUESTDBG_USE_HW;
}

/* As kvm_arm_setup_debug() decides, or kvm_vcpu_load_debug(). */
static void setup(struct vm *vm)
{
	struct kvm_vcpu *vcpu = &vm->vcpu;
	u64 debugger = shim_debug(vcpu, vm->mdscr);

	if (vcpu->guest_debug && kvm_arm_entry_mdscr(vcpu) != vcpu->arch.external_mdscr_el1)
		vcpu->arch.sys_regs[MDSCR_EL1] |= debugger;
	vm->preserved = vm->mdscr;
	vcpu->arch.mdcr_el2 = vcpu->guest_debug ? MDCR_EL2_TDE : 0;
	if (debugger_has_registers(vm) || !kvm_arm_may_own_debug_regs(vcpu))
		vcpu->arch.mdcr_el2 |= MDCR_EL2_TDA;
	kvm_arm_lend_debug_regs(vcpu);
}

/* As kvm_arm_clear_debug() does. In 7.x the guest's own has not been changed. */
static void clear(struct vm *vm)
{
	kvm_arm_take_back_debug_regs(&vm->vcpu);
	if (vm->vcpu.guest_debug)
		vm->vcpu.arch.sys_regs[MDSCR_EL1] = vm->preserved;
}

/* TDE traps all that TDA does (DDI 0487, MDCR_EL2), and debug exceptions. */
static bool accesses_trap(const struct kvm_vcpu *vcpu)
{
	return vcpu->arch.mdcr_el2 & (MDCR_EL2_TDA | MDCR_EL2_TDE);
}

static void run(struct vm *vm)
{
	struct kvm_vcpu *vcpu = &vm->vcpu;
	bool owner = kvm_arm_owns_debug_regs(vcpu);
	u64 entry = kvm_arm_entry_mdscr(vcpu), mdscr = regs_switch_mdscr(entry);

	EXPECT_EQ(owner, !accesses_trap(vcpu));
	if ((entry | (owner ? MDSCR_EL1_MDE : 0)) & mdscr & MDSCR_EL1_MDE)
		FAIL("MDE is set on the way into a guest with breakpoints");
	if (owner) {
		EXPECT(regs_brps() == brps() && regs_wrps() == wrps());
		check_fires(&vm->is);
		run_as_owner(vm);
	} else if (entry & MDSCR_EL1_MDE && kvm_shares_debug_regs(vcpu)) {
		check_fires_for_both(vcpu, vm->mdscr);
	} else if (entry & MDSCR_EL1_MDE) {
		check_fires_alone(vcpu);
	}
	vcpu->arch.sys_regs[MDSCR_EL1] = regs_switch_mdscr(mdscr);
}

static void round_trip(struct vm *vm)
{
	setup(vm);
	run(vm);
	regs_allow_reads(kvm_arm_owns_debug_regs(&vm->vcpu));
	clear(vm);
	regs_allow_reads(false);
	check_host();
	EXPECT(!kvm_arm_wants_debug_regs(&vm->vcpu));
	EXPECT_EQ(vm->vcpu.arch.sys_regs[MDSCR_EL1], vm->mdscr);
	EXPECT(!memcmp(&vm->is, &vm->vcpu.arch.vcpu_debug_state, sizeof(vm->is)));
}

/* ---- tests ---- */

static unsigned int steady(struct vm *vm)
{
	int i;

	for (i = 0; i < 3; i++) {
		regs_count_reset();
		round_trip(vm);
	}
	return regs_count().master + regs_count().addr + regs_count().ctrl + regs_count().read;
}

static void watch_one(struct vm *vm)
{
	*vm = (struct vm) { .vcpu.kvm = &kvm, .mdscr = MDSCR_EL1_MDE };
	vm->is.dbg_wvr[0] = 0x60000;
	vm->is.dbg_wcr[0] = 0x1ff5;
	vm->vcpu.arch.vcpu_debug_state = vm->is;
}

static void expect_steady(const char *what, struct vm *vm, int n, unsigned int expected)
{
	unsigned int is;

	install(n);
	is = steady(vm);
	uninstall();
	printf("# %s, host %d: %u accesses\n", what, n, is);
	EXPECT_EQ(is, expected);
}

/* Next to these, KVM reads and writes MDSCR_EL1 twice. */
static void test_accesses(void)
{
	struct vm *vm = &vms[0];

	local_irq_disable();
	*vm = (struct vm) { .vcpu.kvm = &kvm };
	expect_steady("nothing", vm, 0, 0);
	expect_steady("nothing", vm, 2, 0);
	watch_one(vm);
	expect_steady("one watchpoint", vm, 0, 0);
	/* Each off and on, and MDE with its read */
	expect_steady("one watchpoint", vm, 1, 6);
	vm->vcpu.guest_debug = KVM_GUESTDBG_ENABLE | KVM_GUESTDBG_USE_HW;
	vm->vcpu.arch.external_debug_state = vm->is;
	expect_steady("debugger's watchpoint", vm, 0, 0);
	local_irq_enable();
}

static void test_owner(void)
{
	struct vm *vm = &vms[0];
	unsigned int all = 2 * (brps() + wrps());

	local_irq_disable();
	watch_one(vm);
	shim_trapped(&vm->vcpu);
	round_trip(vm);
	regs_count_reset();
	shim_trapped(&vm->vcpu);
	round_trip(vm);
	EXPECT_EQ(regs_count().read, all);
	regs_count_reset();
	round_trip(vm);
	EXPECT_EQ(regs_count().read, 0);
	local_irq_enable();
}

/* Of both kinds of CPUs; the same registers, wherever it runs. */
static void test_migration(void)
{
	struct vm *vm = &vms[0];
	int i;

	local_irq_disable();
	for (i = 0; i < 100; i++) {
		shim_cpu = i % SHIM_CPUS;
		*vm = (struct vm) { .vcpu.kvm = &kvm, .mdscr = MDSCR_EL1_MDE };
		random_registers(&vm->is);
		vm->vcpu.arch.vcpu_debug_state = vm->is;
		round_trip(vm);
		shim_cpu = (i + 1) % SHIM_CPUS;
		round_trip(vm);
	}
	shim_cpu = 0;
	local_irq_enable();
}

static const u32 debuggers[] = {
	0,
	KVM_GUESTDBG_ENABLE | KVM_GUESTDBG_USE_SW_BP,
	KVM_GUESTDBG_ENABLE | KVM_GUESTDBG_SINGLESTEP,
	KVM_GUESTDBG_ENABLE | KVM_GUESTDBG_USE_HW,
	KVM_GUESTDBG_ENABLE | KVM_GUESTDBG_USE_HW | KVM_GUESTDBG_SINGLESTEP,
	KVM_GUESTDBG_ENABLE | KVM_GUESTDBG_SHARE_HW | KVM_GUESTDBG_USE_HW,
	KVM_GUESTDBG_ENABLE | KVM_GUESTDBG_SHARE_HW | KVM_GUESTDBG_USE_SW_BP,
};

/* One that is debugged does not own its registers, though the debugger may not want them. */
static void test_debugged(void)
{
	struct vm *vm = &vms[0];
	int i;

	local_irq_disable();
	for (i = 0; i < ARRAY_SIZE(debuggers); i++) {
		watch_one(vm);
		vm->vcpu.guest_debug = debuggers[i];
		shim_trapped(&vm->vcpu);
		regs_count_reset();
		round_trip(vm);
		EXPECT_EQ(regs_count().read, debuggers[i] ? 0 : 2 * (brps() + wrps()));
	}
	local_irq_enable();
}

/* What a debugger may have who does not share them */
static void debuggers_registers(struct kvm_guest_debug_arch *regs)
{
	u64 guests = kvm.dfr0;

	kvm.dfr0 = shim_dfr0;
	random_registers(regs);
	kvm.dfr0 = guests;
}

static void change(struct vm *vm)
{
	switch (random_below(6)) {
	case 0:
	case 1:
		write_trapped(vm);
		break;
	case 2:
		vm->vcpu.guest_debug = debuggers[random_below(ARRAY_SIZE(debuggers))];
		break;
	case 3:
		debuggers_registers(&vm->vcpu.arch.external_debug_state);
		break;
	}
	if (kvm_shares_debug_regs(&vm->vcpu))
		plain_registers(&vm->vcpu.arch.external_debug_state);
}

static void some_steps(unsigned long steps)
{
	unsigned long step;
	int i;

	local_irq_disable();
	for (i = 0; i < VCPUS; i++) {
		vms[i] = (struct vm) { .vcpu.kvm = &kvm };
		/* set before the guest was given fewer */
		if (brps() < all_brps())
			vms[i].is.dbg_bcr[all_brps() - 1] = 0x1e7;
		if (wrps() < all_wrps())
			vms[i].is.dbg_wcr[all_wrps() - 1] = 0x1fff;
		vms[i].vcpu.arch.vcpu_debug_state = vms[i].is;
	}
	for (step = 0; step < steps; step++) {
		struct vm *vm = &vms[random_below(VCPUS)];

		change(vm);
		round_trip(vm);
		if (!random_below(8)) {
			uninstall();
			shim_cpu = random_below(SHIM_CPUS);
			install(random_below(min(HOST, wrps()) + 1));
		}
	}
	uninstall();
	shim_cpu = 0;
	local_irq_enable();
}

static void test_random(void)
{
	some_steps(test_steps);
}

/* As the VMM writes it in ID_AA64DFR0_EL1 */
static bool give(unsigned int brps, unsigned int wrps, unsigned int ctx)
{
	kvm.dfr0 = FIELD_PREP(ID_AA64DFR0_EL1_BRPs, brps - 1) |
		   FIELD_PREP(ID_AA64DFR0_EL1_WRPs, wrps - 1) |
		   FIELD_PREP(ID_AA64DFR0_EL1_CTX_CMPs, ctx - 1);
	kvm.arch.flags = BIT(KVM_ARCH_FLAG_ID_REGS_INITIALIZED);
	return kvm_arm_debug_regs_valid(kvm.dfr0);
}

static void check_hidden(void)
{
	struct kvm_vcpu vcpu = { .kvm = &kvm };
	unsigned int n, op2;
	int hidden_brps = all_brps() - brps(), hidden_wrps = all_wrps() - wrps();

	EXPECT_EQ(kvm_arm_hides_debug_regs(&kvm), hidden_brps || hidden_wrps);
	EXPECT_EQ(kvm_arm_free_debug_regs(&kvm, TYPE_INST), hidden_brps ?: all_brps());
	EXPECT_EQ(kvm_arm_free_debug_regs(&kvm, TYPE_DATA), hidden_wrps ?: all_wrps());
	for (op2 = 4; op2 < 8; op2++) {
		for (n = 0; n < ARM_MAX_BRP; n++) {
			struct sys_reg_desc desc = { .CRm = n, .Op2 = op2 };
			bool is = op2 < 6 ? hidden_brps && n >= brps() : hidden_wrps && n >= wrps();

			EXPECT_EQ(kvm_arm_debug_reg_visibility(&vcpu, &desc), is ? REG_HIDDEN : 0);
		}
	}
}

/* Guests that have fewer than there are. Who debugs them has all; what is hidden, at any time. */
static void test_fewer(void)
{
	u64 all = kvm.dfr0;
	int b, w, c;

	EXPECT_EQ(kvm_arm_free_debug_regs(NULL, TYPE_INST), all_brps());
	kvm = (struct kvm) { };
	EXPECT_EQ(kvm_arm_free_debug_regs(&kvm, TYPE_DATA), all_wrps());
	EXPECT(!give(1, 2, 1));
	EXPECT(!give(2, 2, 3));
	EXPECT(give(2, 2, 2));
	for (b = 2; b <= all_brps(); b++) {
		for (c = 1; c <= (int)(shim_dfr0 >> 28 & 15) + 1; c++) {
			w = 1 + random_below(all_wrps());
			EXPECT_EQ(give(b, w, c), c <= b);
			if (c > b)
				continue;
			check_hidden();
			some_steps(test_steps / 10);
		}
	}
	kvm.dfr0 = all;
}

/*
 * The task of @dead dies while the registers are lent to it, before it has run or after.
 * The next guest on that CPU has no breakpoints, and reads nothing; the host's can still be
 * changed.
 */
static void die_in_loan(struct vm *dead, bool has_run)
{
	struct vm *other = &vms[1];

	install(2);
	setup(dead);
	if (has_run)
		run(dead);
	hw_breakpoint_heal();
	check_host();
	*other = (struct vm) { .vcpu.kvm = &kvm };
	round_trip(other);
	uninstall();
	install(1);
	check_host();
	uninstall();
	/* From here on both know what the registers hold, the core and regs-arm64.c. */
	regs_lose();
	regs_restore();
}

static void test_death_trapped(void)
{
	int i;

	local_irq_disable();
	/* heal() believes nothing of what the registers hold. */
	regs_allow_same(true);
	for (i = 0; i < 2; i++) {
		watch_one(&vms[0]);
		die_in_loan(&vms[0], i);
	}
	regs_allow_same(false);
	local_irq_enable();
}

/* CPU 0 has no registers that are hidden from guests. */
static void test_death_owner(void)
{
	int i;

	local_irq_disable();
	regs_allow_same(true);
	for (i = 0; i < 2; i++) {
		watch_one(&vms[0]);
		shim_trapped(&vms[0].vcpu);
		die_in_loan(&vms[0], i);
		EXPECT(kvm_arm_owns_debug_regs(&vms[0].vcpu));
	}
	regs_allow_same(false);
	local_irq_enable();
}

static void enable_all(struct vm *vm)
{
	int i;

	*vm = (struct vm) { .vcpu.kvm = &kvm, .mdscr = MDSCR_EL1_MDE };
	random_registers(&vm->is);
	for (i = 0; i < brps(); i++)
		vm->is.dbg_bcr[i] = random_break(i) | 1;
	for (i = 0; i < wrps(); i++)
		vm->is.dbg_wcr[i] = random_watch() | 1;
	vm->vcpu.arch.vcpu_debug_state = vm->is;
}

/* On CPUs that have more registers than the others some of the guest's are among those. */
static void test_death_extra(void)
{
	local_irq_disable();
	regs_allow_same(true);
	for (shim_cpu = 0; shim_cpu < SHIM_CPUS; shim_cpu++) {
		enable_all(&vms[0]);
		die_in_loan(&vms[0], shim_cpu & 2);
	}
	shim_cpu = 0;
	regs_allow_same(false);
	local_irq_enable();
}

const struct test tests[] = {
	{ "accesses of a round trip",		test_accesses },
	{ "a guest that owns the registers",	test_owner },
	{ "a guest that is debugged",		test_debugged },
	{ "a guest that moves",			test_migration },
	{ "a task dies in a loan",		test_death_trapped },
	{ "the owner's task dies",		test_death_owner },
	{ "one dies that has enabled all",	test_death_extra },
	{ "guests and a host, random",		test_random },
	{ "guests that have fewer",		test_fewer },
	{ }
};
