// SPDX-License-Identifier: GPL-2.0
/* CPUs, locks and bring-up in user space. */

#include <stdarg.h>

#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/asan_interface.h>
#endif

__thread int shim_cpu;
__thread bool shim_irqs_off;
__thread bool shim_in_nmi;
__thread struct task_struct *shim_current;
unsigned long shim_offset[SHIM_CPUS];
unsigned int nr_cpu_ids;
unsigned long shim_online;
int shim_fence;
void (*shim_relax)(void);
int shim_fail_alloc = -1;
unsigned long shim_blacklisted;

extern char __start_hwb_percpu[], __stop_hwb_percpu[];

extern initcall_t __start_hwb_init_core[], __stop_hwb_init_core[];
extern initcall_t __start_hwb_init_arch[] __attribute__((weak));
extern initcall_t __stop_hwb_init_arch[] __attribute__((weak));

/* Not lost, in LeakSanitizer's eyes. */
static char *percpu_copies[SHIM_CPUS];

static int (*cpuhp_up[SHIM_CPUHP_STATES])(unsigned int);

/* main.c */
extern void (*test_where)(void);

void shim_warn(const char *what, const char *file, int line)
{
	if (test_where)
		test_where();
	printf("Bail out! warning: %s, %s:%d\n", what, file, line);
	fflush(stdout);
	abort();
}

void seq_printf(struct seq_file *m, const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(m->buf + m->len, m->size - m->len, fmt, ap);
	va_end(ap);
	if (WARN_ON(n < 0 || n >= (int)(m->size - m->len)))
		return;
	m->len += n;
}

/* ---- interrupts ---- */

void (*shim_ipi)(int cpu, void (*fn)(void *), void *info);

int smp_call_function_single(int cpu, void (*fn)(void *), void *info, int wait)
{
	int from = shim_cpu;

	WARN_ON(shim_irqs_off || !wait);
	if (shim_ipi) {
		shim_ipi(cpu, fn, info);
		return 0;
	}
	shim_cpu = cpu;
	local_irq_disable();
	fn(info);
	local_irq_enable();
	shim_cpu = from;
	return 0;
}

void on_each_cpu(void (*fn)(void *), void *info, int wait)
{
	int cpu, self = shim_cpu;

	for_each_online_cpu(cpu) {
		if (cpu != self)
			smp_call_function_single(cpu, fn, info, wait);
	}
	local_irq_disable();
	fn(info);
	local_irq_enable();
}

#define QUEUE	16

static struct {
	struct irq_work	*work;
	int		cpu;
} queue[QUEUE];

bool irq_work_queue_on(struct irq_work *work, int cpu)
{
	int i;

	WARN_ON(!(shim_online & BIT(cpu)));
	if (__atomic_exchange_n(&work->queued, 1, __ATOMIC_ACQ_REL))
		return false;
	for (i = 0; i < QUEUE; i++) {
		struct irq_work *none = NULL;

		if (!__atomic_compare_exchange_n(&queue[i].work, &none, work, false,
						 __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE))
			continue;
		queue[i].cpu = cpu;
		return true;
	}
	WARN_ON(1);
	return false;
}

bool irq_work_queue(struct irq_work *work)
{
	return irq_work_queue_on(work, shim_cpu);
}

static void run_work(int i)
{
	struct irq_work *work = queue[i].work;
	int self = shim_cpu;

	shim_cpu = queue[i].cpu;
	queue[i].work = NULL;
	work->queued = 0;
	local_irq_disable();
	work->fn(work);
	local_irq_enable();
	shim_cpu = self;
}

/* The one thread goes to each CPU that has work, until none has. */
void shim_run_irq_work(void)
{
	int i;

	for (i = 0; i < QUEUE; i++) {
		if (queue[i].work) {
			run_work(i);
			i = -1;
		}
	}
}

/* For tests without debuggers that take slots. */
__attribute__((weak)) void perf_pmu_resched(struct pmu *pmu) { }
__attribute__((weak)) void shim_taken(const struct hw_breakpoint_holder *holder) { }

/* ---- locks ---- */

int raw_spin_trylock(raw_spinlock_t *lock)
{
	if (__atomic_exchange_n(&lock->locked, 1, __ATOMIC_ACQUIRE))
		return 0;
	lock->owner = shim_cpu;
	return 1;
}

void raw_spin_lock(raw_spinlock_t *lock)
{
	WARN_ON(!shim_irqs_off);
	while (!raw_spin_trylock(lock))
		cpu_relax();
}

void raw_spin_unlock(raw_spinlock_t *lock)
{
	WARN_ON(lock->owner != shim_cpu);
	lock->owner = -1;
	__atomic_store_n(&lock->locked, 0, __ATOMIC_RELEASE);
}

/* ---- bring-up ---- */

static void make_percpu_copies(void)
{
	size_t size = __stop_hwb_percpu - __start_hwb_percpu;
	unsigned long start = (unsigned long)__start_hwb_percpu;
	unsigned int cpu;

	for (cpu = 0; cpu < nr_cpu_ids; cpu++) {
		/* Nothing is aligned to more than 64 bytes. */
		char *copy = aligned_alloc(64, (size + 127) & ~63UL);

		percpu_copies[cpu] = copy;
		memcpy(copy + start % 64, __start_hwb_percpu, size);
		shim_offset[cpu] = (unsigned long)copy + start % 64 - start;
	}
#ifdef __SANITIZE_ADDRESS__
	__asan_poison_memory_region(__start_hwb_percpu, size);
#endif
}

unsigned long shim_percpu_start(int cpu)
{
	return (unsigned long)__start_hwb_percpu + shim_offset[cpu];
}

static void run_initcalls(initcall_t *from, initcall_t *to)
{
	for (; from < to; from++)
		WARN_ON((*from)());
}

void shim_boot(unsigned int cpus)
{
	nr_cpu_ids = cpus;
	shim_online = BIT(cpus) - 1;
	make_percpu_copies();
	shim_arch_boot();
	run_initcalls(__start_hwb_init_core, __stop_hwb_init_core);
	run_initcalls(__start_hwb_init_arch, __stop_hwb_init_arch);
}

int cpuhp_setup_state_nocalls(enum cpuhp_state state, const char *name,
			      int (*up)(unsigned int),
			      int (*down)(unsigned int))
{
	cpuhp_up[state] = up;
	return 0;
}

int cpuhp_setup_state(enum cpuhp_state state, const char *name,
		      int (*up)(unsigned int), int (*down)(unsigned int))
{
	int self = shim_cpu;

	cpuhp_up[state] = up;
	local_irq_disable();
	for_each_online_cpu(shim_cpu)
		up(shim_cpu);
	local_irq_enable();
	shim_cpu = self;
	return 0;
}

void shim_cpu_up(void)
{
	int self = shim_cpu;

	/* The first is called on the CPU that orders it. */
	shim_cpu = (self + 1) % nr_cpu_ids;
	cpuhp_up[CPUHP_BP_PREPARE_DYN](self);
	shim_cpu = self;

	local_irq_disable();
	shim_arch_cpu_up();
	if (cpuhp_up[CPUHP_AP_PERF_ARM_HW_BREAKPOINT_STARTING])
		cpuhp_up[CPUHP_AP_PERF_ARM_HW_BREAKPOINT_STARTING](self);
	shim_online |= BIT(self);
	local_irq_enable();
}

/* What has been raised is run before. */
void shim_cpu_down(void)
{
	shim_run_irq_work();
	shim_online &= ~BIT(shim_cpu);
}
