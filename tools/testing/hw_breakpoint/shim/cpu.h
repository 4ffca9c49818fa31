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

#define NR_CPUS		SHIM_CPUS

extern __thread int shim_cpu;
extern __thread bool shim_irqs_off;
/* Sections in one another that this thread must not be preempted in. */
extern __thread int shim_preempt_off;
/* How often other CPUs have been sent interrupts with interrupts off. */
extern int shim_sent_irqs_off;
extern unsigned long shim_offset[SHIM_CPUS];
extern unsigned int nr_cpu_ids;
#define CONFIG_NR_CPUS	SHIM_CPUS
/* This thread is in an NMI, as the layer sees it. */
extern __thread bool shim_in_nmi;
#define in_nmi()	shim_in_nmi
extern bool shim_online[SHIM_CPUS];

#define for_each_possible_cpu(cpu) \
	for ((cpu) = 0; (unsigned int)(cpu) < nr_cpu_ids; (cpu)++)
#define cpu_possible(cpu)	((unsigned int)(cpu) < nr_cpu_ids)
#define for_each_online_cpu(cpu) \
	for_each_possible_cpu(cpu) \
		if (cpu_online(cpu))
#define cpu_online(cpu)		(shim_online[cpu])
#define cpumask_first(mask)	0
typedef unsigned long		*cpumask_var_t;
#define zalloc_cpumask_var(mask, gfp) \
	(*(mask) = calloc(BITS_TO_LONGS(nr_cpu_ids), sizeof(long)))
#define free_cpumask_var(mask)	free(mask)
#define cpumask_set_cpu(cpu, mask) __set_bit(cpu, mask)
#define cpumask_pr_args(mask)	nr_cpu_ids, (mask)
unsigned int num_online_cpus(void);

/* Before main() uses any of this; @cpus at most SHIM_CPUS. */
void shim_boot(unsigned int cpus);

/* Where the copies of a CPU begin, for at most a page. */
unsigned long shim_percpu_start(int cpu);

#define __percpu
#define DEFINE_PER_CPU(type, name) \
	__attribute__((section("hwb_percpu"))) __typeof__(type) name
#define DEFINE_PER_CPU_ALIGNED(type, name)	DEFINE_PER_CPU(type, name)
#define DECLARE_PER_CPU(type, name)	extern __typeof__(type) name
#define per_cpu_ptr(p, cpu) \
	((__typeof__(p))(shim_offset[cpu] + shim_hide((unsigned long)(p))))
#define per_cpu(v, cpu)		(*per_cpu_ptr(&(v), cpu))
#define this_cpu_ptr(p)		per_cpu_ptr(p, shim_this_cpu())
/* Where this may be another CPU's by the time that it is used */
#define raw_cpu_ptr(p)		per_cpu_ptr(p, shim_cpu)
#define raw_smp_processor_id()	shim_cpu
#define this_cpu_read(v)	(*this_cpu_ptr(&(v)))
#define this_cpu_write(v, x)	WRITE_ONCE(*this_cpu_ptr(&(v)), x)
#define __this_cpu_read(v)	this_cpu_read(v)
#define raw_cpu_read(v)		this_cpu_read(v)
#define __this_cpu_write(v, x)	this_cpu_write(v, x)
#define __this_cpu_inc(v)	((void)++*this_cpu_ptr(&(v)))
#define __this_cpu_dec_return(v) (--*this_cpu_ptr(&(v)))
/* Each a single instruction. */
#define this_cpu_or(v, x)	((void)__atomic_fetch_or(this_cpu_ptr(&(v)), x, __ATOMIC_RELAXED))
#define this_cpu_and(v, x)	((void)__atomic_fetch_and(this_cpu_ptr(&(v)), x, __ATOMIC_RELAXED))
#define this_cpu_add(v, x)	((void)__atomic_fetch_add(this_cpu_ptr(&(v)), x, __ATOMIC_RELAXED))
#define this_cpu_sub(v, x)	this_cpu_add(v, -(x))
/* On whatever CPU this is */
#define this_cpu_xchg(v, x)	__atomic_exchange_n(this_cpu_ptr(&(v)), x, __ATOMIC_RELAXED)
#define this_cpu_inc(v)		((void)__atomic_fetch_add(raw_cpu_ptr(&(v)), 1, __ATOMIC_RELAXED))
#define this_cpu_dec_return(v)	__atomic_sub_fetch(this_cpu_ptr(&(v)), 1, __ATOMIC_RELAXED)

/* Of one of a few places that every CPU has. */
void *shim_alloc_percpu(size_t size);
void free_percpu(void *p);
#define alloc_percpu(type)	((type *)shim_alloc_percpu(sizeof(type)))

/* The compiler shall not reason about the original's bounds. */
static inline unsigned long shim_hide(unsigned long p)
{
	__asm__("" : "+r"(p));
	return p;
}

/* The CPU is asked for only where the caller cannot move to another. */
static inline int shim_this_cpu(void)
{
	if (!shim_irqs_off && !shim_preempt_off)
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
/* On return each CPU has had interrupts on. */
void kick_all_cpus_sync(void);

/* Raised, and run when a test says so. */
struct irq_work {
	void	(*fn)(struct irq_work *work);
	int	queued;
};

#define IRQ_WORK_INIT_HARD(f)	(struct irq_work){ .fn = (f) }
bool irq_work_queue(struct irq_work *work);
bool irq_work_queue_on(struct irq_work *work, int cpu);
void shim_run_irq_work(void);
bool shim_irq_work_pending(void);
/* What has been raised on @cpu alone. */
void shim_run_irq_work_of(int cpu);
/* The one thread does what it waits for. */
static inline void irq_work_sync(struct irq_work *work)
{
	if (__atomic_load_n(&work->queued, __ATOMIC_ACQUIRE))
		shim_run_irq_work();
}

/* Whoever waits for another CPU: it has to run meanwhile. */
void shim_wait(void);

/* ---- locks: real ones ---- */

typedef struct {
	int	locked;
	int	owner;
} raw_spinlock_t;

#define DEFINE_RAW_SPINLOCK(name)	raw_spinlock_t name = { 0, -1 }

/* Held by CPU @owner - 1, or free. Whoever waits tells. */
struct mutex {
	int	owner;
};

#define DEFINE_MUTEX(name)	struct mutex name = { 0 }
#define mutex_lock_nested(lock, depth)	mutex_lock(lock)
#define mutex_init(lock)	((void)((lock)->owner = 0))
#define mutex_is_locked(lock)	(!!READ_ONCE((lock)->owner))

static inline void mutex_lock(struct mutex *lock)
{
	int free;

	WARN_ON(shim_irqs_off || shim_in_nmi);
	for (;;) {
		free = 0;
		if (__atomic_compare_exchange_n(&lock->owner, &free, shim_cpu + 1, false,
						__ATOMIC_ACQUIRE, __ATOMIC_RELAXED))
			return;
		shim_wait();
	}
}

static inline void mutex_unlock(struct mutex *lock)
{
	WARN_ON(READ_ONCE(lock->owner) != shim_cpu + 1);
	__atomic_store_n(&lock->owner, 0, __ATOMIC_RELEASE);
}

static inline struct mutex *shim_locked(struct mutex *lock)
{
	mutex_lock(lock);
	return lock;
}

static inline void shim_unlock(struct mutex **lock)
{
	mutex_unlock(*lock);
}

/* Readers on a CPU, or on none that there is (SHIM_CPUS). Whoever waits for them tells. */
void rcu_read_lock(void);
void rcu_read_unlock(void);
bool rcu_read_lock_held(void);
void synchronize_rcu(void);

static inline int shim_rcu_locked(void)
{
	rcu_read_lock();
	return 0;
}

static inline void shim_rcu_unlock(int *unused)
{
	rcu_read_unlock();
}

#define shim_guard_rcu()	\
	int shim_guarded_rcu __attribute__((cleanup(shim_rcu_unlock), unused)) = shim_rcu_locked()
/* A CPU goes offline when a test says so. */
static inline void shim_preempt_enable(int *unused)
{
	shim_preempt_off--;
}

#define shim_guard_preempt()	\
	int shim_guarded_preempt __attribute__((cleanup(shim_preempt_enable), unused)) =	\
		++shim_preempt_off
#define shim_guard_mutex(lock)	\
	struct mutex *shim_guarded __attribute__((cleanup(shim_unlock), unused)) = shim_locked(lock)
#define shim_guard_raw_spinlock_irqsave(lock)	\
	struct shim_raw_guard shim_guarded_raw					\
		__attribute__((cleanup(shim_raw_unlock), unused)) = shim_raw_locked(lock)
#define guard(name)		shim_guard_##name
#define scoped_guard(name, lock)						\
	for (struct mutex *shim_guarded __attribute__((cleanup(shim_unlock))) =	\
		     shim_locked(lock), *shim_once = shim_guarded;		\
	     shim_once; shim_once = NULL)

#define cpus_read_lock()		((void)0)
#define cpus_read_unlock()		((void)0)
#define lockdep_assert_cpus_held()	((void)0)

#define raw_spin_is_locked(lock)	__atomic_load_n(&(lock)->locked, __ATOMIC_RELAXED)
int raw_spin_trylock(raw_spinlock_t *lock);
void raw_spin_lock(raw_spinlock_t *lock);
void raw_spin_unlock(raw_spinlock_t *lock);

struct shim_raw_guard {
	raw_spinlock_t	*lock;
	bool		flags;
};

static inline struct shim_raw_guard shim_raw_locked(raw_spinlock_t *lock)
{
	struct shim_raw_guard guard = { .lock = lock };

	local_irq_save(guard.flags);
	raw_spin_lock(lock);
	return guard;
}

static inline void shim_raw_unlock(struct shim_raw_guard *guard)
{
	raw_spin_unlock(guard->lock);
	local_irq_restore(guard->flags);
}

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
/* Of a mutex */
#define lockdep_assert_held(lock)	WARN_ON(READ_ONCE((lock)->owner) != shim_cpu + 1)

/* ---- bring-up ---- */

typedef int (*initcall_t)(void);

#define shim_initcall(level, fn)					\
	static initcall_t shim_init_##fn				\
	__attribute__((used, section("hwb_init_" #level))) = (fn)
#define early_initcall(fn)	shim_initcall(core, fn)
#define core_initcall(fn)	shim_initcall(core, fn)
#define late_initcall(fn)	shim_initcall(late, fn)
#define arch_initcall(fn)	shim_initcall(arch, fn)

enum cpuhp_state {
	CPUHP_BP_PREPARE_DYN,
	CPUHP_AP_PERF_ARM_HW_BREAKPOINT_STARTING,
	CPUHP_AP_ONLINE_DYN,
	SHIM_CPUHP_STATES,
};

int cpuhp_setup_state(enum cpuhp_state state, const char *name,
		      int (*up)(unsigned int), int (*down)(unsigned int));
int cpuhp_setup_state_nocalls(enum cpuhp_state state, const char *name,
			      int (*up)(unsigned int),
			      int (*down)(unsigned int));

/*
 * The current CPU was down, has been powered on and comes up. shim_before_online() is called
 * on another one when its registers have been restored and it is not online yet.
 */
void shim_cpu_up(void);
extern void (*shim_before_online)(void);
/* The current CPU goes down. perf has taken its events off it. */
void shim_cpu_down(void);

#endif
