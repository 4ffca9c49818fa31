/* SPDX-License-Identifier: GPL-2.0 */
/*
 * CPUs. A thread is on one CPU at a time, shim_cpu; a test either has one thread
 * that goes from one to the next or a thread for each.
 *
 * Variables of a CPU are copies of the linker section hwb_percpu, at an offset
 * from the original as in the kernel. Nobody may touch the original: ASan is
 * told so.
 */
#ifndef _SHIM_CPU_H
#define _SHIM_CPU_H

#include "basic.h"

#ifndef SHIM_CPUS
#define SHIM_CPUS	4
#endif

extern __thread int shim_cpu;
extern __thread bool shim_irqs_off;
extern unsigned long shim_offset[SHIM_CPUS];
extern unsigned int nr_cpu_ids;
/* This thread is in an NMI, as the layer sees it. */
extern __thread bool shim_in_nmi;
#define in_nmi()	shim_in_nmi
extern unsigned long shim_online;

#define for_each_possible_cpu(cpu) \
	for ((cpu) = 0; (unsigned int)(cpu) < nr_cpu_ids; (cpu)++)
#define cpu_possible(cpu)	((unsigned int)(cpu) < nr_cpu_ids)
#define for_each_online_cpu(cpu) \
	for_each_possible_cpu(cpu) \
		if (shim_online & BIT(cpu))
#define num_online_cpus()	((unsigned int)__builtin_popcountl(shim_online))

/* Before main() uses any of this; @cpus at most SHIM_CPUS. */
void shim_boot(unsigned int cpus);

/* Where the copies of a CPU begin, for at most a page. */
unsigned long shim_percpu_start(int cpu);

#define __percpu
#define DEFINE_PER_CPU(type, name) \
	__attribute__((section("hwb_percpu"))) __typeof__(type) name
#define DECLARE_PER_CPU(type, name)	extern __typeof__(type) name
#define per_cpu_ptr(p, cpu) \
	((__typeof__(p))(shim_offset[cpu] + shim_hide((unsigned long)(p))))
#define per_cpu(v, cpu)		(*per_cpu_ptr(&(v), cpu))
#define this_cpu_ptr(p)		per_cpu_ptr(p, shim_this_cpu())
#define this_cpu_read(v)	(*this_cpu_ptr(&(v)))
#define this_cpu_write(v, x)	WRITE_ONCE(*this_cpu_ptr(&(v)), x)
#define __this_cpu_read(v)	this_cpu_read(v)
#define __this_cpu_write(v, x)	this_cpu_write(v, x)
/* Each a single instruction. */
#define this_cpu_or(v, x)	((void)__atomic_fetch_or(this_cpu_ptr(&(v)), x, __ATOMIC_RELAXED))
#define this_cpu_and(v, x)	((void)__atomic_fetch_and(this_cpu_ptr(&(v)), x, __ATOMIC_RELAXED))
#define this_cpu_add(v, x)	((void)__atomic_fetch_add(this_cpu_ptr(&(v)), x, __ATOMIC_RELAXED))
#define this_cpu_sub(v, x)	this_cpu_add(v, -(x))
#define this_cpu_inc(v)		this_cpu_add(v, 1)
#define this_cpu_dec_return(v)	__atomic_sub_fetch(this_cpu_ptr(&(v)), 1, __ATOMIC_RELAXED)

/* The compiler shall not reason about the original's bounds. */
static inline unsigned long shim_hide(unsigned long p)
{
	__asm__("" : "+r"(p));
	return p;
}

/* Whoever asks where he is must not be able to move. */
static inline int shim_this_cpu(void)
{
	if (!shim_irqs_off)
		shim_warn("this_cpu with interrupts on", __FILE__, __LINE__);
	return shim_cpu;
}

#define irqs_disabled()			shim_irqs_off
#define local_irq_disable()		((void)(shim_irqs_off = true))
#define local_irq_enable()		((void)(shim_irqs_off = false))
#define local_irq_save(flags) do {	\
	(flags) = shim_irqs_off;	\
	local_irq_disable();		\
} while (0)
#define local_irq_restore(flags)	((void)(shim_irqs_off = (flags)))
#define lockdep_assert_irqs_disabled()	WARN_ON(!shim_irqs_off)

#define smp_processor_id()		shim_this_cpu()

/* How a CPU is interrupted; NULL: the one thread goes there and comes back. */
extern void (*shim_ipi)(int cpu, void (*fn)(void *), void *info);
int smp_call_function_single(int cpu, void (*fn)(void *), void *info, int wait);
void on_each_cpu(void (*fn)(void *), void *info, int wait);

/* Raised, and run when a test says so. */
struct irq_work {
	void	(*fn)(struct irq_work *work);
	int	queued;
};

#define IRQ_WORK_INIT_HARD(f)	{ .fn = (f) }
bool irq_work_queue(struct irq_work *work);
bool irq_work_queue_on(struct irq_work *work, int cpu);
void shim_run_irq_work(void);

/* ---- locks: real ones ---- */

typedef struct {
	int	locked;
	int	owner;
} raw_spinlock_t;

#define DEFINE_RAW_SPINLOCK(name)	raw_spinlock_t name = { 0, -1 }

/* Who holds it is all that is asked; tests say so. */
struct mutex {
	int	owner;
};

static inline void mutex_lock(struct mutex *lock)
{
	WARN_ON(lock->owner >= 0);
	lock->owner = shim_cpu;
}

static inline void mutex_unlock(struct mutex *lock)
{
	WARN_ON(lock->owner != shim_cpu);
	lock->owner = -1;
}

int raw_spin_trylock(raw_spinlock_t *lock);
void raw_spin_lock(raw_spinlock_t *lock);
void raw_spin_unlock(raw_spinlock_t *lock);

#define raw_spin_lock_irqsave(lock, flags) do {	\
	(flags) = shim_irqs_off;		\
	local_irq_disable();			\
	raw_spin_lock(lock);			\
} while (0)
#define raw_spin_unlock_irqrestore(lock, flags) do {	\
	raw_spin_unlock(lock);				\
	shim_irqs_off = (flags);			\
} while (0)
#define raw_spin_lock_irq(lock) do {		\
	WARN_ON(shim_irqs_off);			\
	local_irq_disable();			\
	raw_spin_lock(lock);			\
} while (0)
#define raw_spin_unlock_irq(lock) do {		\
	raw_spin_unlock(lock);			\
	local_irq_enable();			\
} while (0)
#define lockdep_assert_held(lock)	WARN_ON((lock)->owner != shim_cpu)

/* ---- bring-up ---- */

typedef int (*initcall_t)(void);

#define shim_initcall(level, fn)					\
	static initcall_t shim_init_##fn				\
	__attribute__((used, section("hwb_init_" #level))) = (fn)
#define core_initcall(fn)	shim_initcall(core, fn)
#define arch_initcall(fn)	shim_initcall(arch, fn)

enum cpuhp_state {
	CPUHP_BP_PREPARE_DYN,
	CPUHP_AP_PERF_ARM_HW_BREAKPOINT_STARTING,
	SHIM_CPUHP_STATES,
};

int cpuhp_setup_state(enum cpuhp_state state, const char *name,
		      int (*up)(unsigned int), int (*down)(unsigned int));
int cpuhp_setup_state_nocalls(enum cpuhp_state state, const char *name,
			      int (*up)(unsigned int),
			      int (*down)(unsigned int));

/* The current CPU was down, has been powered on and comes up. */
void shim_cpu_up(void);
/* The current CPU goes down. perf has taken its events off it. */
void shim_cpu_down(void);

#endif
