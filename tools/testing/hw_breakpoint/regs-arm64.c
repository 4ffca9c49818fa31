// SPDX-License-Identifier: GPL-2.0
/*
 * DBGBVR, DBGBCR, DBGWVR, DBGWCR and MDSCR_EL1 of every CPU, watching how they
 * are written. What they mean is decoded here from DDI 0487 alone.
 */

#include "test.h"

#define KERNEL		0xffff800000000000UL
#define PMR		0xe0		/* of a CPU that takes interrupts */
#define PMR_I_SET	0x10		/* as local_daif_restore() leaves it there */
#define KINDS		4
#define MAX_REGS	16
#define FIRST_WVR	16	/* slots below are breakpoints */

/**
 * struct regs - the registers of one CPU
 * @val: of each kind
 * @written: those that hold what this layer has written, by kind
 * @pending: address registers written since the last ISB, by kind
 * @mde: clients of MDSCR_EL1.MDE
 * @kde: clients of MDSCR_EL1.KDE
 * @mdscr: MDSCR_EL1, which is lost when the CPU goes down, as the others are not
 * @daif: PSTATE.DAIF
 * @pmr: ICC_PMR_EL1
 * @stepping: a kernel instruction is being stepped
 * @count: writes
 */
struct regs {
	u64			val[KINDS][MAX_REGS];
	u32			written[KINDS];
	u32			pending[KINDS];
	int			mde;
	int			kde;
	u64			mdscr;
	unsigned long		daif;
	unsigned long		pmr;
	bool			stepping;
	struct regs_count	count;
};

static struct regs regs[SHIM_CPUS];
static __thread bool allow_same;

unsigned long shim_dfr0;
bool shim_el2;
int shim_va_bits = 48;
bool shim_kernel_tags = true;
u32 shim_insn, shim_code[SHIM_CODE];
u64 shim_code_at;

int aarch64_insn_read(void *addr, u32 *insn)
{
	u64 n = ((u64)addr - shim_code_at) / 4;

	*insn = shim_code_at && n < SHIM_CODE ? shim_code[n] : shim_insn;
	return 0;
}

static struct regs *this_regs(void)
{
	WARN_ON(!shim_irqs_off);
	return &regs[shim_cpu];
}

/* Every other CPU may have more. */
DEFINE_PER_CPU(struct cpuinfo_arm64, cpu_data);
static u64 dfr0[2];

void shim_count_registers(void)
{
	int cpu;

	for_each_possible_cpu(cpu)
		per_cpu(cpu_data, cpu).reg_id_aa64dfr0 = dfr0[cpu & 1];
}

int regs_brps(void)
{
	return (dfr0[shim_cpu & 1] >> 12 & 15) + 1;
}

int regs_wrps(void)
{
	return (dfr0[shim_cpu & 1] >> 20 & 15) + 1;
}

int regs_ctx(void)
{
	return (dfr0[shim_cpu & 1] >> 28 & 15) + 1;
}

static int brps(void)
{
	return regs_brps();
}

static int wrps(void)
{
	return regs_wrps();
}

/* ---- writes ---- */

static bool may_fire(const struct regs *r, int ctrl, int n)
{
	return r->mdscr & MDSCR_EL1_MDE && !(r->daif & PSR_D_BIT) && r->val[ctrl][n] & 1;
}

/* A slot may be off without the shadow knowing, as long as its address is not. */
static void check_new(const struct regs *r, int kind, int n, u64 val)
{
	u32 known = r->written[kind] & r->written[kind & ~1];

	/* Beyond what other CPUs have there is no shadow. */
	if (n >= hw_breakpoint_slots(kind < SHIM_WVR ? TYPE_INST : TYPE_DATA))
		return;
	if (known & BIT(n) && r->val[kind][n] == val && !allow_same)
		FAIL("register %d of kind %d is %#llx already", n, kind, val);
}

static void write_address(struct regs *r, int kind, int n, u64 val)
{
	if (may_fire(r, kind + 1, n))
		FAIL("address %d of kind %d changes while it may fire", n, kind);
	r->pending[kind] |= BIT(n);
	r->count.addr++;
}

static void write_control(struct regs *r, int kind, int n, u64 val)
{
	u64 old = r->val[kind][n];

	if (may_fire(r, kind, n) && val & 1 && val != old)
		FAIL("control %d of kind %d changes while it may fire", n, kind);
	if (val & 1 && !(r->written[kind - 1] & BIT(n)))
		FAIL("slot %d of kind %d is enabled without an address", n, kind);
	if (val & 1 && !(old & 1) && r->mdscr & MDSCR_EL1_MDE && !(r->daif & PSR_D_BIT) &&
	    r->pending[kind - 1] & BIT(n))
		FAIL("slot %d of kind %d is enabled before its address", n, kind);
	r->count.ctrl++;
}

void shim_msr(int reg, u64 val)
{
	struct regs *r = this_regs();
	int kind = reg >> 4, n = reg & 15;

	if (reg == SYS_ICC_PMR_EL1) {
		r->pmr = val;
		return;
	}
	if (n >= (kind < SHIM_WVR ? brps() : wrps()))
		FAIL("register %d of kind %d does not exist", n, kind);
	check_new(r, kind, n, val);
	if (kind & 1)
		write_control(r, kind, n, val);
	else
		write_address(r, kind, n, val);
	r->val[kind][n] = val;
	r->written[kind] |= BIT(n);
}

/* ---- reads ---- */

static bool allow_reads;

void regs_allow_reads(bool allow)
{
	allow_reads = allow;
}

u64 shim_mrs(int reg)
{
	struct regs *r = this_regs();

	if (reg == SYS_ICC_PMR_EL1)
		return r->pmr;
	if (!allow_reads)
		FAIL("register %d of kind %d is read, and no guest owns it", reg & 15, reg >> 4);
	r->count.read++;
	return r->val[reg >> 4][reg & 15];
}

u64 regs_raw(int kind, int n)
{
	return this_regs()->val[kind][n];
}

void regs_raw_write(int kind, int n, u64 val)
{
	struct regs *r = this_regs();

	r->val[kind][n] = val;
	r->written[kind] |= BIT(n);
}

u64 regs_switch_mdscr(u64 mdscr)
{
	u64 old = this_regs()->mdscr;

	this_regs()->mdscr = mdscr;
	return old;
}

void isb(void)
{
	memset(this_regs()->pending, 0, sizeof(regs[0].pending));
}

/* ---- MDSCR_EL1, counted as arch/arm64/kernel/debug-monitors.c does ---- */

static void check_synchronized(const struct regs *r)
{
	if (r->pending[SHIM_BVR] || r->pending[SHIM_WVR])
		FAIL("MDE is set before an address is in effect");
}

/* Return: the bits whose first client comes, or whose last goes. */
static u64 count_clients(enum dbg_active_el el, int n)
{
	struct regs *r = this_regs();
	int mde = r->mde, kde = r->kde;

	r->mde += n;
	if (el == DBG_ACTIVE_EL1)
		r->kde += n;
	if (r->mde < 0 || r->kde < 0)
		FAIL("MDE or KDE is given up more often than asked for");
	return (!mde != !r->mde ? MDSCR_EL1_MDE : 0) |
	       (!kde != !r->kde ? MDSCR_EL1_KDE : 0);
}

void enable_debug_monitors(enum dbg_active_el el)
{
	u64 bits = count_clients(el, 1);

	check_synchronized(this_regs());
	this_regs()->pmr = PMR | PMR_I_SET;
	this_regs()->mdscr |= bits;
	this_regs()->count.master += !!bits;
}

void disable_debug_monitors(enum dbg_active_el el)
{
	u64 bits = count_clients(el, -1);

	this_regs()->pmr = PMR | PMR_I_SET;
	this_regs()->mdscr &= ~bits;
	this_regs()->count.master += !!bits;
}

unsigned long shim_read_daif(void)
{
	return this_regs()->daif;
}

void shim_write_daif(unsigned long val)
{
	if (val & ~DAIF_MASK)
		FAIL("no such bits in DAIF: %#lx", val);
	this_regs()->daif = val;
}

/* A step needs KDE and not MDE. */
bool kernel_active_single_step(void)
{
	return this_regs()->stepping;
}

void kernel_enable_single_step(struct pt_regs *regs)
{
	regs->pstate |= DBG_SPSR_SS;
	this_regs()->stepping = true;
	if (!this_regs()->kde++)
		this_regs()->mdscr |= MDSCR_EL1_KDE;
}

void kernel_disable_single_step(void)
{
	this_regs()->stepping = false;
	if (!--this_regs()->kde)
		this_regs()->mdscr &= ~MDSCR_EL1_KDE;
}

/* As in arch/arm64/kernel/debug-monitors.c. */
void user_enable_single_step(struct task_struct *task)
{
	if (!hw_breakpoint_share_step(task, true))
		task->flags |= TIF_SINGLESTEP;
}

void user_disable_single_step(struct task_struct *task)
{
	if (!hw_breakpoint_share_step(task, false))
		task->flags &= ~(unsigned long)TIF_SINGLESTEP;
}

void user_rewind_single_step(struct task_struct *task)
{
	EXPECT(task->flags & TIF_SINGLESTEP);
}

/* ---- what they mean ---- */

static u32 type_of(int ctrl_kind, u64 ctrl)
{
	return ctrl_kind == SHIM_BCR ? HW_BREAKPOINT_X : ctrl >> 3 & 3;
}

bool regs_slot_armed(int slot, struct watch *w)
{
	const struct regs *r = this_regs();
	int addr = slot < FIRST_WVR ? SHIM_BVR : SHIM_WVR, n = slot % FIRST_WVR;
	u64 ctrl = r->val[addr + 1][n];
	u32 bas = ctrl >> 5 & 0xff;

	if (n >= (slot < FIRST_WVR ? brps() : wrps()) || !(ctrl & 1) ||
	    !(r->mdscr & MDSCR_EL1_MDE))
		return false;
	if (!bas || (ctrl >> 1 & 3) == 0)
		FAIL("slot %d cannot fire", slot);
	/* EL1, and EL2 with HMC, need KDE */
	if ((ctrl >> 1 & 3) == 1 && !(r->mdscr & MDSCR_EL1_KDE))
		FAIL("slot %d is the kernel's and KDE is off", slot);
	*w = (struct watch) {
		.addr = r->val[addr][n] + __builtin_ctz(bas),
		.len = __builtin_popcount(bas),
		.type = type_of(addr + 1, ctrl),
	};
	return true;
}

static int armed_slots(struct watch *w)
{
	int slot, n = 0;

	for (slot = 0; slot < 2 * MAX_REGS; slot++)
		n += regs_slot_armed(slot, &w[n]);
	return n;
}

/* In the middle of a commit PSTATE.D is masked. */
int regs_may_fire(struct watch *w)
{
	return regs_masked() ? 0 : armed_slots(w);
}

/* MDE and KDE are on for slots that rest, too. */
int regs_armed(struct watch *w)
{
	const struct hwbp_cpu *c = this_cpu_ptr(&hwbp_cpu);
	int n = armed_slots(w);

	if (!n && this_regs()->mdscr && !this_regs()->stepping && !(c->owned | c->placed))
		FAIL("MDE or KDE is on for nothing");
	if (shim_el2 && this_regs()->pmr != PMR)
		FAIL("the priority mask is left at %#lx", this_regs()->pmr);
	return n;
}

struct watch regs_expected(const struct perf_event_attr *attr)
{
	return (struct watch) {
		.addr = attr->bp_addr,
		.len = attr->bp_type == HW_BREAKPOINT_X ? 4 : attr->bp_len,
		.type = attr->bp_type,
	};
}

void regs_attr(struct perf_event_attr *attr, int n)
{
	attr->bp_addr = 0x10000 + n * 0x100;
	attr->bp_type = HW_BREAKPOINT_W;
	attr->bp_len = 8;
}

void regs_kernel_attr(struct perf_event_attr *attr, int n)
{
	regs_attr(attr, n);
	attr->bp_addr |= KERNEL;
}

static void random_data_attr(struct perf_event_attr *attr, u64 base)
{
	unsigned int offset = random_below(3);

	attr->bp_type = 1 + random_below(3);
	attr->bp_addr = base + random_below(3) * 8 + offset;
	attr->bp_len = offset ? 1 + random_below(8 - offset) : 8;
}

void regs_random_attr(struct perf_event_attr *attr)
{
	u64 base = random_below(3) ? 0x10000 : KERNEL | 0x10000;

	if (random_below(2)) {
		random_data_attr(attr, base);
		return;
	}
	attr->bp_type = HW_BREAKPOINT_X;
	attr->bp_addr = base + random_below(4) * 4;
	attr->bp_len = 4;
}

void regs_random_kernel_attr(struct perf_event_attr *attr)
{
	regs_random_attr(attr);
	attr->bp_addr |= KERNEL;
}

/* ---- what others do to them ---- */

static int env_int(const char *name, int otherwise)
{
	return getenv(name) ? atoi(getenv(name)) : otherwise;
}

static u64 counts(int brps, int wrps, int ctx)
{
	return (u64)(brps - 1) << 12 | (u64)(wrps - 1) << 20 | (u64)(ctx - 1) << 28;
}

void regs_init(void)
{
	int brps = env_int("BRPS", 6), wrps = env_int("WRPS", 4), ctx = env_int("CTX", 2);
	int cpu;

	shim_dfr0 = counts(brps, wrps, ctx);
	dfr0[0] = shim_dfr0;
	dfr0[1] = counts(brps + env_int("MORE_BRPS", 0), wrps + env_int("MORE_WRPS", 0),
			 ctx + env_int("MORE_CTX", 0));
	shim_el2 = env_int("EL2", 0);
	allow_same = true;
	for (cpu = 0; cpu < SHIM_CPUS; cpu++) {
		shim_irqs_off = true;
		shim_cpu = cpu;
		regs_power_on();
	}
	shim_irqs_off = false;
	shim_cpu = 0;
}

/* Enable bits may be set: an attached debugger leaves them so. */
static void scramble_kind(struct regs *r, int kind, bool controls_too)
{
	int n;

	r->written[kind] = 0;
	for (n = 0; n < MAX_REGS; n++) {
		if (!(kind & 1) || controls_too)
			r->val[kind][n] = random_below(1 << 30);
	}
}

void regs_scramble(void)
{
	int kind;

	for (kind = 0; kind < KINDS; kind++)
		scramble_kind(this_regs(), kind, true);
}

/* MDSCR_EL1 is not lost, cpu_do_resume() restores it; PSTATE.D is masked. */
void regs_lose(void)
{
	random_state |= 1;
	regs_scramble();
}

void regs_power_on(void)
{
	random_state |= 1;
	regs_scramble();
	this_regs()->mdscr = 0;
	this_regs()->pmr = PMR;
}

/* ---- a guest ---- */

static u32 existing(void)
{
	return GENMASK(brps() - 1, 0) | GENMASK(wrps() - 1, 0) << FIRST_WVR;
}

static int addr_kind(int slot)
{
	return slot < FIRST_WVR ? SHIM_BVR : SHIM_WVR;
}

/* Bytes of a word, in EL1 and EL0; stores, where it is a watchpoint. */
static void enable(struct guest *g, int slot, u64 addr)
{
	g->enabled |= BIT(slot);
	g->image[slot] = (struct hwbp_image) {
		.addr = addr,
		.ctrl = (slot < FIRST_WVR ? 0x1e0 : 0x1ff0) | 7,
	};
}

void regs_guest(struct guest *g, int n)
{
	*g = (struct guest) { };
	for (; n > 0; n--)
		enable(g, FIRST_WVR + n - 1, 0x50000 + n * 0x100);
}

void regs_random_guest(struct guest *g)
{
	int slot;

	*g = (struct guest) { .owns = !random_below(4) };
	if (!random_below(4))
		return;
	for (slot = 0; slot < REGS_MAX; slot++) {
		if (existing() & BIT(slot) && !random_below(4))
			enable(g, slot, (random_below(2) ? 0x10000 : 0x50000) +
					random_below(3) * 8);
	}
}

/* The guest sets MDE; whatever is enabled fires then. */
static void check_entry_slot(const struct regs *r, const struct guest *g, int slot)
{
	const struct hwbp_image *image = &g->image[slot];
	u64 addr = r->val[addr_kind(slot)][slot % FIRST_WVR];
	u64 ctrl = r->val[addr_kind(slot) + 1][slot % FIRST_WVR];

	if (g->owns || g->enabled & BIT(slot)) {
		EXPECT_EQ(addr, image->addr);
		EXPECT_EQ(ctrl, image->ctrl);
	} else if (ctrl & 1 && g->enabled) {
		FAIL("slot %d is not the guest's and fires in it", slot);
	}
}

static void write_as_guest(struct regs *r, struct guest *g, int slot)
{
	int kind = addr_kind(slot), n = slot % FIRST_WVR;

	g->image[slot] = (struct hwbp_image) {
		.addr = random_below(1 << 30), .ctrl = random_below(1 << 20),
	};
	r->val[kind][n] = g->image[slot].addr;
	r->val[kind + 1][n] = g->image[slot].ctrl;
	r->written[kind] |= BIT(n);
	r->written[kind + 1] |= BIT(n);
}

void regs_run_guest(struct guest *g)
{
	struct regs *r = this_regs();
	int slot;

	if ((g->enabled || g->owns) && r->mdscr & MDSCR_EL1_MDE && !(r->daif & PSR_D_BIT))
		FAIL("MDE is set on the way into a guest with breakpoints");
	allow_reads = g->owns;
	for (slot = 0; slot < REGS_MAX; slot++) {
		if (!(existing() & BIT(slot)))
			continue;
		check_entry_slot(r, g, slot);
		if (g->owns)
			write_as_guest(r, g, slot);
	}
}

static int (*restorer)(unsigned int cpu);

void cpu_suspend_set_dbg_restorer(int (*restore)(unsigned int cpu))
{
	restorer = restore;
}

void regs_restore(void)
{
	unsigned long flags = regs_nmi_enter();

	restorer(shim_cpu);
	regs_nmi_leave(flags);
}

void regs_allow_same(bool allow)
{
	allow_same = allow;
}

struct regs_count regs_count(void)
{
	return this_regs()->count;
}

void regs_count_reset(void)
{
	this_regs()->count = (struct regs_count) { };
}

bool regs_access(u64 addr)
{
	struct watch w[REGS_MAX];
	int n = regs_may_fire(w);

	while (n--) {
		if (addr - w[n].addr < w[n].len)
			return true;
	}
	return false;
}

bool regs_reports(void)
{
	return false;
}

unsigned long regs_nmi_enter(void)
{
	unsigned long flags = this_regs()->daif;

	shim_in_nmi = true;
	this_regs()->daif = DAIF_MASK;
	return flags;
}

void regs_nmi_leave(unsigned long flags)
{
	this_regs()->daif = flags;
	shim_in_nmi = false;
}

bool regs_masked(void)
{
	return regs[shim_cpu].daif & PSR_D_BIT;
}
