// SPDX-License-Identifier: GPL-2.0
/*
 * DR0 to DR7 and AMD's range masks of every CPU, watching how they are written.
 *
 * What they mean is decoded here from the Intel SDM and the AMD APM alone; the
 * back end's own encoding is not used.
 */

#include "test.h"

#define KERNEL		0xffffffff81000000UL

/**
 * struct regs - the registers of one CPU
 * @addr: DR0 to DR3
 * @mask: range masks
 * @mask_cache: what the kernel believes of them
 * @dr6: DR6
 * @dr7: DR7
 * @written: address registers that hold what this layer has written
 * @moved: slots whose address has changed while DR7 enabled them
 * @count: writes
 */
struct regs {
	u64			addr[4];
	u64			mask[4];
	u64			mask_cache[4];
	u64			dr6;
	u64			dr7;
	u32			written;
	u32			moved;
	struct regs_count	count;
};

static struct regs regs[SHIM_CPUS];
static __thread bool allow_same;
bool regs_mask_ext = true;
int shim_va_shift = 47;

unsigned long shim_thread_flags;
unsigned long __per_cpu_offset[SHIM_CPUS], __cpu_online_mask;
u64 x86_pred_cmd;
DEFINE_PER_CPU(struct tss_struct, cpu_tss_rw);
DEFINE_PER_CPU(struct tlb_state, cpu_tlbstate);
DEFINE_PER_CPU(struct gdt_page, gdt_page);
DEFINE_PER_CPU(struct pcpu_hot, pcpu_hot);
DEFINE_PER_CPU(struct fixed_percpu_data, fixed_percpu_data);
DEFINE_PER_CPU(void *, current_task);
DEFINE_PER_CPU(int, cpu_number);
DEFINE_PER_CPU(unsigned long, cpu_current_top_of_stack);
DEFINE_PER_CPU(unsigned long, __stack_chk_guard);
DEFINE_PER_CPU(u64, x86_spec_ctrl_current);
DEFINE_PER_CPU(struct cea_exception_stacks, cea_exception_stacks);
const struct hwbp_entry_data hwbp_nmi_entry_data[] = { { } };

static bool enabled(u64 dr7, int slot)
{
	return dr7 >> (slot * 2) & 3;
}

static void check_slot_may_change(const struct regs *r, int slot)
{
	if (enabled(r->dr7, slot))
		FAIL("slot %d changes while DR7 %#llx enables it", slot, r->dr7);
}

static void check_new(u64 have, u64 want, const char *what)
{
	if (have == want && !allow_same)
		FAIL("%s is %#llx already", what, want);
}

/* A slot that goes on firing gets another address or other control bits, not both. */
static void check_moved(struct regs *r, u64 dr7)
{
	int slot;

	for (slot = 0; slot < 4; slot++) {
		if (!enabled(r->dr7, slot) || !enabled(dr7, slot))
			r->moved &= ~BIT(slot);
		else if (r->moved & BIT(slot) && (r->dr7 ^ dr7) >> (16 + slot * 4) & 0xf)
			FAIL("slot %d changes by halves, DR7 %#llx", slot, dr7);
	}
}

static void write_addr(struct regs *r, int slot, u64 val)
{
	if (enabled(r->dr7, slot))
		r->moved |= BIT(slot);
	if (r->dr7 & 0xff && per_cpu(hwbp_silence, shim_cpu) & HWBP_SECTIONS)
		FAIL("slot %d is written in a section with DR7 %#llx", slot, r->dr7);
	if (r->written & BIT(slot))
		check_new(r->addr[slot], val, "address");
	r->addr[slot] = val;
	r->written |= BIT(slot);
	r->count.addr++;
}

static void write_dr7(struct regs *r, u64 val)
{
	int slot;

	check_new(r->dr7, val, "DR7");
	if (!(val & 0x400) || val >> 32 || val & 0xd800)
		FAIL("reserved bits in DR7 %#llx", val);
	for (slot = 0; slot < 4; slot++) {
		if (enabled(val, slot) && !(r->written & BIT(slot)))
			FAIL("slot %d is enabled without an address", slot);
	}
	/* An NMI before or after the write knows whether to switch DR7 off. */
	if ((r->dr7 | val) & 0xff && !per_cpu(cpu_dr7, shim_cpu) &&
	    !(per_cpu(hwbp_silence, shim_cpu) & HWBP_ENDINGS))
		FAIL("cpu_dr7 hides bits of DR7 %#llx, %#llx", r->dr7, val);
	if (val & 0xff && per_cpu(hwbp_silence, shim_cpu) & HWBP_DEFERRED)
		FAIL("DR7 %#llx where all is off until the vCPU is put", val);
	check_moved(r, val);
	r->dr7 = val;
	r->count.master++;
}

void set_debugreg(unsigned long val, int reg)
{
	struct regs *r = &regs[shim_cpu];

	WARN_ON(!shim_irqs_off);
	if (reg < 4)
		write_addr(r, reg, val);
	else if (reg == 7)
		write_dr7(r, val);
	else if (reg == 6)
		r->dr6 = val;
	else
		FAIL("no DR%d", reg);
}

/* Nobody asks the hardware what the shadow knows. */
unsigned long regs_get_debugreg(int reg)
{
	if (reg != 6)
		FAIL("DR%d is read", reg);
	return regs[shim_cpu].dr6;
}

void amd_set_dr_addr_mask(unsigned long mask, unsigned int slot)
{
	struct regs *r = &regs[shim_cpu];

	if (slot > 3)
		FAIL("no mask %u", slot);
	if (r->mask_cache[slot] == mask)
		return;
	check_slot_may_change(r, slot);
	if (mask >> 32)
		FAIL("reserved bits in range mask %#lx", mask);
	r->mask[slot] = mask;
	r->mask_cache[slot] = mask;
	r->count.ctrl++;
}

unsigned long amd_get_dr_addr_mask(unsigned int slot)
{
	return regs[shim_cpu].mask_cache[slot];
}

/* ---- what they mean ---- */

bool regs_slot_armed(int slot, struct watch *w)
{
	static const u64 len[] = { 1, 2, 8, 4 };
	static const u32 type[] = { HW_BREAKPOINT_X, HW_BREAKPOINT_W, 0,
				    HW_BREAKPOINT_RW };
	const struct regs *r = &regs[shim_cpu];
	u32 control = r->dr7 >> (16 + slot * 4) & 0xf;

	if (!enabled(r->dr7, slot))
		return false;
	*w = (struct watch) {
		.addr = r->addr[slot],
		.len = len[control >> 2] + r->mask[slot],
		.type = type[control & 3],
	};
	return true;
}

int regs_may_fire(struct watch *w)
{
	int slot, n = 0;

	for (slot = 0; slot < 4; slot++)
		n += regs_slot_armed(slot, &w[n]);
	return n;
}

int regs_armed(struct watch *w)
{
	const struct regs *r = &regs[shim_cpu];
	u32 silence = per_cpu(hwbp_silence, shim_cpu);
	int n = regs_may_fire(w);

	EXPECT_EQ(!!(silence & HWBP_ACTIVE), !!(per_cpu(cpu_dr7, shim_cpu) & 0xff));
	if (!(silence & HWBP_SECTIONS))
		EXPECT_EQ(per_cpu(cpu_dr7, shim_cpu), r->dr7 & 0xff ? r->dr7 : 0);
	return n;
}

struct watch regs_expected(const struct perf_event_attr *attr)
{
	return (struct watch) {
		.addr = attr->bp_addr,
		.len = attr->bp_type == HW_BREAKPOINT_X ? 1 : attr->bp_len,
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

void regs_random_attr(struct perf_event_attr *attr)
{
	static const struct perf_event_attr shapes[] = {
		{ .bp_type = HW_BREAKPOINT_X, .bp_len = 8 },
		{ .bp_type = HW_BREAKPOINT_W, .bp_len = 1 },
		{ .bp_type = HW_BREAKPOINT_W, .bp_len = 4 },
		{ .bp_type = HW_BREAKPOINT_RW, .bp_len = 2 },
		{ .bp_type = HW_BREAKPOINT_RW, .bp_len = 8 },
		{ .bp_type = HW_BREAKPOINT_RW, .bp_len = 64 },
	};
	const struct perf_event_attr *s = &shapes[random_below(6)];

	attr->bp_type = s->bp_type;
	attr->bp_len = s->bp_len;
	attr->bp_addr = 0x10000 + random_below(3) * 64;
}

void regs_random_kernel_attr(struct perf_event_attr *attr)
{
	regs_random_attr(attr);
	attr->bp_addr |= KERNEL;
}

/* A data breakpoint is a trap: the access has been made. */
bool regs_access(u64 addr)
{
	struct regs *r = &regs[shim_cpu];
	struct watch w;
	int slot;

	for (slot = 0; slot < 4; slot++) {
		if (regs_slot_armed(slot, &w) && addr - w.addr < w.len)
			r->dr6 |= BIT(slot);
	}
	return r->dr6 & 0xf;
}

bool regs_reports(void)
{
	return true;
}

/* ---- what others do to them ---- */

void regs_init(void)
{
	int cpu;

	for (cpu = 0; cpu < SHIM_CPUS; cpu++)
		regs[cpu] = (struct regs) { .dr6 = 0xffff0ff0, .dr7 = 0x400 };
}

void regs_scramble(void)
{
	struct regs *r = &regs[shim_cpu];
	int slot;

	for (slot = 0; slot < 4; slot++)
		r->addr[slot] = random_below(1 << 30);
	r->written = 0;
}

/* Somebody has switched a slot on, behind the layer's back. */
void regs_meddle(void)
{
	regs[shim_cpu].dr7 = 0x402;
}

/* DR7 is off, the masks are anything, and the kernel's idea of them is old. */
void regs_lose(void)
{
	struct regs *r = &regs[shim_cpu];
	int slot;

	regs_scramble();
	for (slot = 0; slot < 4; slot++)
		r->mask[slot] = random_below(2) ? 0 : random_below(0x1000);
	r->dr7 = 0x400;
}

void regs_power_on(void)
{
	regs_lose();
	regs[shim_cpu].dr6 = DR6_RESERVED;
	per_cpu(cpu_dr7, shim_cpu) = 0;
}

/* ---- a guest ---- */

void regs_guest(struct guest *g, int n)
{
	int slot;

	*g = (struct guest) { .enabled = BIT(n) - 1 };
	for (slot = 0; slot < n; slot++)
		g->image[slot].addr = 0x50000 + slot * 0x100;
}

/* Some of its addresses are the host's, too. */
void regs_random_guest(struct guest *g)
{
	int slot;

	*g = (struct guest) {
		.enabled = random_below(4) ? random_below(16) : 0,
		.owns = !random_below(4),
		.encrypted = !random_below(16),
		.hit = random_below(16),
	};
	for (slot = 0; slot < 4 && !g->encrypted; slot++)
		g->image[slot].addr = (random_below(2) ? 0x10000 : 0x50000) +
				      random_below(3) * 64;
}

static void check_entry(const struct regs *r, const struct guest *g)
{
	int slot;

	/* Where the host had none, a debugger may have set one since. */
	if (r->dr7 != 0x400 && per_cpu(hwbp_silence, shim_cpu) & HWBP_SECTIONS)
		FAIL("DR7 is %#llx on the way into a guest", r->dr7);
	for (slot = 0; slot < 4; slot++) {
		if (!g->owns && !g->encrypted && !(g->enabled & BIT(slot)))
			continue;
		EXPECT_EQ(r->addr[slot], g->image[slot].addr);
		if (r->mask[slot])
			FAIL("a guest runs with range mask %#llx", r->mask[slot]);
	}
}

/*
 * APM vol. 2, 15.35 and appendix B. The entry saves the host's DR6 and DR7, and the exit
 * loads them again (swap type A). DR0 to DR3 and the masks the guest reads as the host
 * has left them, and leaves what it likes; or it has its own, and the exit loads what the
 * host has stored for that some time before (type B: DebugSwap, which a guest with SNP
 * may switch on and off by itself).
 */
static void run_encrypted(struct regs *r)
{
	u64 dr7 = r->dr7;

	if (dr7 & 0xff)
		FAIL("the exit loads DR7 %#llx, and the addresses are a guest's", dr7);
	regs_lose();
	r->dr7 = dr7;
}

/* TDX: the exit leaves all as after a reset, whatever the entry has found. */
static void run_switched(struct regs *r)
{
	memset(r->addr, 0, sizeof(r->addr));
	r->written = 0;
	r->dr6 = DR6_RESERVED;
	r->dr7 = 0x400;
}

static void write_as_guest(struct regs *r, struct guest *g)
{
	int slot;

	for (slot = 0; slot < 4; slot++) {
		g->image[slot].addr = random_below(1 << 30);
		r->addr[slot] = g->image[slot].addr;
		r->written |= BIT(slot);
	}
}

/* The exit clears DR7. DR6 is left with what the guest has hit, and with its step. */
void regs_run_guest(struct guest *g)
{
	struct regs *r = &regs[shim_cpu];

	check_entry(r, g);
	if (g->encrypted) {
		run_encrypted(r);
		return;
	}
	if (g->switched) {
		run_switched(r);
		return;
	}
	if (g->owns)
		write_as_guest(r, g);
	if (!random_below(8))
		r->dr6 |= BIT(14) | (g->enabled || g->owns ? random_below(16) : 0);
	r->dr7 = 0x400;
}

unsigned long regs_nmi_enter(void)
{
	shim_in_nmi = true;
	hw_breakpoint_silence();
	return 0;
}

void regs_nmi_leave(unsigned long flags)
{
	hw_breakpoint_unsilence();
	shim_in_nmi = false;
}

bool regs_masked(void)
{
	return false;
}

/* DR7 is off, which need not be written again. */
void regs_restore(void)
{
	per_cpu(hwbp_silence, shim_cpu)++;
	hw_breakpoint_restore();
}

void regs_allow_same(bool allow)
{
	allow_same = allow;
}

struct regs_count regs_count(void)
{
	return regs[shim_cpu].count;
}

void regs_count_reset(void)
{
	regs[shim_cpu].count = (struct regs_count) { };
}

/* Of programs that have none in its place */
struct kvm_x86_ops kvm_x86_ops __attribute__((weak));
