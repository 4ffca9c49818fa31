// SPDX-License-Identifier: GPL-2.0
/* CPUs, locks and bring-up in user space. */

#include <stdarg.h>

#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/asan_interface.h>
#endif

#include "../../../../kernel/events/reserve.h"

__thread int shim_cpu;
__thread bool shim_irqs_off;
__thread int shim_preempt_off;
int shim_sent_irqs_off;
__thread bool shim_in_nmi;
__thread struct task_struct *shim_current;
int shim_signals, shim_si_code;
__thread struct shim_trace shim_traced;
#ifdef SHIM_TRACED
struct shim_probes shim_probes = { .left = 3 };
#endif
bool shim_count_warnings;
int shim_warnings;
unsigned long shim_offset[SHIM_CPUS];
unsigned int nr_cpu_ids;
bool shim_online[SHIM_CPUS];
int shim_fence;
void (*shim_relax)(void);
void (*shim_sleep)(void);
int shim_fail_alloc = -1;
unsigned long shim_allocated, shim_charged;

/* In lines of its own, where these are counted */
static void *zeroed(size_t n, size_t size)
{
#ifdef SHIM_LINES
	size_t lines = (n * size + 63) / 64;
	void *p = aligned_alloc(64, lines * 64);

	return p ? memset(p, 0, lines * 64) : NULL;
#else
	return calloc(n, size);
#endif
}

static bool alloc_fails(void)
{
	return shim_fail_alloc >= 0 && shim_fail_alloc-- == 0;
}

void *shim_alloc(size_t n, size_t size, unsigned int gfp)
{
	if (alloc_fails())
		return NULL;
	__atomic_add_fetch(&shim_allocated, n * size, __ATOMIC_RELAXED);
	if (gfp & __GFP_ACCOUNT)
		__atomic_add_fetch(&shim_charged, n * size, __ATOMIC_RELAXED);
	return zeroed(n, size);
}

unsigned long shim_blacklisted;

extern char __start_hwb_percpu[], __stop_hwb_percpu[];

extern initcall_t __start_hwb_init_core[], __stop_hwb_init_core[];
extern initcall_t __start_hwb_init_arch[] __attribute__((weak));
extern initcall_t __stop_hwb_init_arch[] __attribute__((weak));
extern initcall_t __start_hwb_init_late[], __stop_hwb_init_late[];

/* Not lost, in LeakSanitizer's eyes. */
static char *percpu_copies[SHIM_CPUS];

/* A state whose number is given out has several steps. */
#define CPUHP_STEPS	4
static struct {
	int	(*up)(unsigned int cpu);
	int	(*down)(unsigned int cpu);
} cpuhp_steps[SHIM_CPUHP_STATES][CPUHP_STEPS];

/* main.c */
extern void (*test_where)(void);

void shim_warn(const char *what, const char *file, int line)
{
	if (shim_count_warnings) {
		shim_warnings++;
		return;
	}
	if (test_where)
		test_where();
	printf("Bail out! warning: %s, %s:%d\n", what, file, line);
	fflush(stdout);
	abort();
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

static void do_nothing(void *unused) { }

void kick_all_cpus_sync(void)
{
	on_each_cpu(do_nothing, NULL, 1);
}

#define QUEUE	16

static struct irq_work *queue[SHIM_CPUS][QUEUE];

bool irq_work_queue_on(struct irq_work *work, int cpu)
{
	int i;

	WARN_ON(!cpu_online(cpu));
	if (cpu != shim_cpu && shim_irqs_off)
		__atomic_fetch_add(&shim_sent_irqs_off, 1, __ATOMIC_RELAXED);
	if (__atomic_exchange_n(&work->queued, 1, __ATOMIC_SEQ_CST))
		return false;
	for (i = 0; i < QUEUE; i++) {
		struct irq_work *none = NULL;

		if (__atomic_compare_exchange_n(&queue[cpu][i], &none, work, false,
						__ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE))
			return true;
	}
	WARN_ON(1);
	return false;
}

bool irq_work_queue(struct irq_work *work)
{
	return irq_work_queue_on(work, shim_cpu);
}

/* It can be raised anew from the moment that it begins. */
static void run_work(struct irq_work *work)
{
	__atomic_exchange_n(&work->queued, 0, __ATOMIC_SEQ_CST);
	local_irq_disable();
	work->fn(work);
	local_irq_enable();
}

static bool run_one(int cpu)
{
	struct irq_work *work;
	int self = shim_cpu, i;

	for (i = 0; i < QUEUE; i++) {
		work = __atomic_exchange_n(&queue[cpu][i], NULL, __ATOMIC_ACQ_REL);
		if (!work)
			continue;
		shim_cpu = cpu;
		run_work(work);
		shim_cpu = self;
		return true;
	}
	return false;
}

void shim_run_irq_work_of(int cpu)
{
	while (run_one(cpu))
		continue;
}

/* Has any CPU work that has not begun? */
bool shim_irq_work_pending(void)
{
	int cpu, i;

	for (cpu = 0; cpu < SHIM_CPUS; cpu++) {
		for (i = 0; i < QUEUE; i++) {
			if (queue[cpu][i])
				return true;
		}
	}
	return false;
}

/* The one thread goes to each CPU that has work, until none has. */
void shim_run_irq_work(void)
{
	int cpu;

	for (cpu = 0; cpu < SHIM_CPUS; cpu++) {
		if (run_one(cpu))
			cpu = -1;
	}
}

/* ---- tasks ---- */

struct pid_namespace init_pid_ns = { .ns.inum = 1 };
__thread const struct cred *shim_cred;
struct task_struct *shim_tasks[SHIM_TASKS];

void shim_new_task(struct task_struct *task, struct perf_event_context *ctx)
{
	int i = 0;

	while (i < SHIM_TASKS && shim_tasks[i] && shim_tasks[i] != task)
		i++;
	if (WARN_ON(i == SHIM_TASKS))
		return;
	shim_tasks[i] = task;
	task->pid = i + 1;
	task->tgid = task->pid;
	task->perf_event_ctxp = ctx;
}

void shim_same_process(struct task_struct *task, struct task_struct *leader)
{
	task->leader = leader;
	task->tgid = leader->tgid;
}

/* ---- events of processes, as kernel/events/process.h has them ---- */

struct perf_event_context shim_cpu_contexts[SHIM_CPUS];
int shim_sched_cb[SHIM_CPUS];

struct perf_event *shim_copy(struct perf_event *event, int cpu)
{
	struct perf_event *copy;

	list_for_each_entry(copy, &event->child_list, child_list) {
		if (copy->cpu == cpu)
			return copy;
	}
	return NULL;
}

struct perf_process *perf_process_find(const struct signal_struct *signal)
{
	return READ_ONCE(signal->perf_process);
}

struct perf_process *perf_process_add(struct perf_process *process,
				      const struct signal_struct *signal)
{
	struct signal_struct *s = (struct signal_struct *)signal;

	s->perf_process = s->perf_process ?: process;
	return s->perf_process;
}

static int copy_on(struct perf_event *event, int cpu)
{
	struct perf_event *copy = calloc(1, sizeof(*copy));
	int err;

	*copy = (struct perf_event) {
		.attr = event->attr, .pmu = event->pmu, .cpu = cpu, .oncpu = -1,
		.parent = event, .hw.target = event->hw.target, .ctx = &shim_cpu_contexts[cpu],
	};
	copy->group_leader = copy;
	err = event->pmu->event_init(copy);
	if (!err)
		err = event->pmu->reserve->attach(copy, copy->ctx);
	if (!err)
		err = event->pmu->reserve->join(copy);
	if (err) {
		shim_free_event(copy);
		free(copy);
	} else {
		list_add_tail(&copy->child_list, &event->child_list);
	}
	return err;
}

int perf_process_copy(struct perf_event *event)
{
	int cpu, err = 0;

	mutex_lock(&event->child_mutex);
	for_each_possible_cpu(cpu) {
		err = err ?: copy_on(event, cpu);
	}
	mutex_unlock(&event->child_mutex);
	event->state = PERF_EVENT_STATE_EXIT;
	return err;
}

void perf_process_remove(struct perf_event *event)
{
	/* perf has initialised it, and not every test does */
	while (event->child_list.next && !list_empty(&event->child_list)) {
		struct perf_event *copy = container_of(event->child_list.next,
						       struct perf_event, child_list);

		list_del_init(&copy->child_list);
		shim_free_event(copy);
		free(copy);
	}
}

struct pid *find_ge_pid(int nr, const struct pid_namespace *ns)
{
	static __thread struct pid pid;

	for (nr = max(nr, 1); nr < SHIM_TASKS && !shim_tasks[nr - 1]; nr++)
		;
	pid.task = nr > SHIM_TASKS ? NULL : shim_tasks[nr - 1];
	return pid.task ? &pid : NULL;
}

struct pmu *shim_pmu;
struct notifier_block *shim_die_notifier;
int shim_pmu_error, shim_notifier_error;

int perf_pmu_register(struct pmu *pmu, const char *name, int type)
{
	shim_pmu = shim_pmu_error ? NULL : pmu;
	return shim_pmu_error;
}

int register_die_notifier(struct notifier_block *nb)
{
	shim_die_notifier = shim_notifier_error ? NULL : nb;
	return shim_notifier_error;
}

__attribute__((weak)) int printk_deferred(const char *fmt, ...)
{
	return 0;
}

void perf_event_output_forward(struct perf_event *bp, struct perf_sample_data *data,
			       struct pt_regs *regs)
{
}

void perf_event_output_backward(struct perf_event *bp, struct perf_sample_data *data,
				struct pt_regs *regs)
{
}

void shim_free_event(struct perf_event *bp)
{
	if (bp->destroy)
		bp->destroy(bp);
#ifndef TSAN	/* there somebody may be reading it: RCU is not modelled */
	perf_reserve_free_event(bp);
#endif
	bp->pmu_private = NULL;
}

/* For tests without debuggers that take slots. */
__attribute__((weak)) void perf_pmu_resched(struct pmu *pmu) { }
__attribute__((weak)) void shim_modify_wide(const struct perf_event_attr *attr, bool local,
					    bool left, int ret)
{
}

__attribute__((weak)) void shim_taken(const struct hw_breakpoint_holder *holder) { }

/* ---- CPUs ---- */

unsigned int num_online_cpus(void)
{
	unsigned int n = 0;
	int cpu;

	for_each_online_cpu(cpu)
		n++;
	return n;
}

/* ---- arrays ---- */

/* Where @i is, or would be. */
static unsigned int xa_place(const struct xarray *xa, unsigned long i)
{
	unsigned int at = 0;

	while (at < xa->n && xa->slots[at].i < i)
		at++;
	return at;
}

static struct shim_xa_slot *xa_slot(const struct xarray *xa, unsigned long i)
{
	unsigned int at = xa_place(xa, i);

	return at < xa->n && xa->slots[at].i == i ? &xa->slots[at] : NULL;
}

static void xa_remove(struct xarray *xa, struct shim_xa_slot *slot)
{
	struct shim_xa_slot *end = xa->slots + xa->n--;

	memmove(slot, slot + 1, (end - slot - 1) * sizeof(*slot));
	if (xa->n)
		return;
	free(xa->slots);
	xa->slots = NULL;
}

int xa_reserve(struct xarray *xa, unsigned long i, int gfp)
{
	unsigned int at = xa_place(xa, i);
	struct shim_xa_slot *slots;

	if (xa_slot(xa, i))
		return 0;
	slots = kcalloc(xa->n + 1, sizeof(*slots), gfp);
	if (!slots)
		return -ENOMEM;
	if (xa->n) {
		memcpy(slots, xa->slots, at * sizeof(*slots));
		memcpy(slots + at + 1, xa->slots + at, (xa->n - at) * sizeof(*slots));
	}
	slots[at].i = i;
	free(xa->slots);
	xa->slots = slots;
	xa->n++;
	return 0;
}

void xa_release(struct xarray *xa, unsigned long i)
{
	struct shim_xa_slot *slot = xa_slot(xa, i);

	if (slot && !slot->entry)
		xa_remove(xa, slot);
}

void xa_destroy(struct xarray *xa)
{
	while (xa->n)
		WARN_ON(!xa->slots[--xa->n].entry);
	free(xa->slots);
	xa->slots = NULL;
}

void *xa_load(struct xarray *xa, unsigned long i)
{
	struct shim_xa_slot *slot = xa_slot(xa, i);

	return slot ? slot->entry : NULL;
}

void xa_store(struct xarray *xa, unsigned long i, void *entry, int gfp)
{
	struct shim_xa_slot *slot = xa_slot(xa, i);

	if (!WARN_ON(!slot || !entry))
		slot->entry = entry;
}

void xa_erase(struct xarray *xa, unsigned long i)
{
	struct shim_xa_slot *slot = xa_slot(xa, i);

	if (slot)
		xa_remove(xa, slot);
}

void *shim_xa_find(struct xarray *xa, unsigned long *i)
{
	unsigned int at = xa_place(xa, *i);

	while (at < xa->n && !xa->slots[at].entry)
		at++;
	if (at == xa->n)
		return NULL;
	*i = xa->slots[at].i;
	return xa->slots[at].entry;
}

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

void (*shim_resched)(void);

void cond_resched(void)
{
	WARN_ON(shim_irqs_off || rcu_read_lock_held());
	if (shim_resched)
		shim_resched();
}

void shim_wait(void)
{
	WARN_ON(!shim_relax);
	shim_relax();
}

/* ---- RCU ---- */

/**
 * readers - who reads on a CPU
 * @depth: sections in one another
 * @sections: those that have begun and those that have ended
 */
static struct {
	int		depth;
	unsigned long	sections;
} readers[SHIM_CPUS + 1];

void rcu_read_lock(void)
{
	if (!readers[shim_cpu].depth++)
		__atomic_fetch_add(&readers[shim_cpu].sections, 1, __ATOMIC_SEQ_CST);
}

void rcu_read_unlock(void)
{
	WARN_ON(readers[shim_cpu].depth <= 0);
	if (!--readers[shim_cpu].depth)
		__atomic_fetch_add(&readers[shim_cpu].sections, 1, __ATOMIC_SEQ_CST);
}

bool rcu_read_lock_held(void)
{
	return readers[shim_cpu].depth;
}

/* Reading is odd. */
void synchronize_rcu(void)
{
	unsigned long sections;
	int i;

	WARN_ON(readers[shim_cpu].depth || shim_irqs_off || shim_in_nmi);
	for (i = 0; i <= SHIM_CPUS; i++) {
		sections = __atomic_load_n(&readers[i].sections, __ATOMIC_SEQ_CST);
		while (sections % 2 &&
		       __atomic_load_n(&readers[i].sections, __ATOMIC_SEQ_CST) == sections)
			shim_wait();
	}
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

#define BLOCKS		4
#define BLOCK_SIZE	1024

static DEFINE_PER_CPU(char, blocks[BLOCKS][BLOCK_SIZE]);
static bool block_used[BLOCKS];

void *shim_alloc_percpu(size_t size)
{
	int i = 0, cpu;

	if (alloc_fails())
		return NULL;
	while (i < BLOCKS && block_used[i])
		i++;
	if (WARN_ON(i == BLOCKS || size > BLOCK_SIZE))
		return NULL;
	block_used[i] = true;
	for_each_possible_cpu(cpu)
		memset(per_cpu_ptr(&blocks[i][0], cpu), 0, BLOCK_SIZE);
	return blocks[i];
}

void free_percpu(void *p)
{
	int cpu;

	if (!p)
		return;
	for_each_possible_cpu(cpu)
		memset(per_cpu_ptr((char *)p, cpu), 0x6b, BLOCK_SIZE);
	block_used[((char (*)[BLOCK_SIZE])p) - blocks] = false;
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
	memset(shim_online, true, cpus);
	make_percpu_copies();
	shim_arch_boot();
	run_initcalls(__start_hwb_init_core, __stop_hwb_init_core);
	run_initcalls(__start_hwb_init_arch, __stop_hwb_init_arch);
	run_initcalls(__start_hwb_init_late, __stop_hwb_init_late);
}

int cpuhp_setup_state_nocalls(enum cpuhp_state state, const char *name,
			      int (*up)(unsigned int),
			      int (*down)(unsigned int))
{
	int i = 0;

	while (cpuhp_steps[state][i].up)
		WARN_ON(++i == CPUHP_STEPS);
	cpuhp_steps[state][i].up = up;
	cpuhp_steps[state][i].down = down;
	return 0;
}

int cpuhp_setup_state(enum cpuhp_state state, const char *name,
		      int (*up)(unsigned int), int (*down)(unsigned int))
{
	int self = shim_cpu;

	cpuhp_setup_state_nocalls(state, name, up, down);
	local_irq_disable();
	for_each_online_cpu(shim_cpu)
		up(shim_cpu);
	local_irq_enable();
	shim_cpu = self;
	return 0;
}

static void steps_up(enum cpuhp_state state, unsigned int cpu)
{
	int i;

	for (i = 0; i < CPUHP_STEPS; i++) {
		if (cpuhp_steps[state][i].up)
			cpuhp_steps[state][i].up(cpu);
	}
}

static void steps_down(enum cpuhp_state state, unsigned int cpu)
{
	int i;

	for (i = CPUHP_STEPS - 1; i >= 0; i--) {
		if (cpuhp_steps[state][i].down)
			cpuhp_steps[state][i].down(cpu);
	}
}

void (*shim_before_online)(void);

/* Another CPU, while this one can be told nothing yet */
static void others_before_online(int self)
{
	if (!shim_before_online)
		return;
	shim_cpu = (self + 1) % nr_cpu_ids;
	local_irq_enable();
	shim_before_online();
	shim_run_irq_work();
	local_irq_disable();
	shim_cpu = self;
}

void shim_cpu_up(void)
{
	int self = shim_cpu;

	/* The first is called on the CPU that orders it. */
	shim_cpu = (self + 1) % nr_cpu_ids;
	steps_up(CPUHP_BP_PREPARE_DYN, self);
	shim_cpu = self;

	local_irq_disable();
	shim_arch_cpu_up();
	steps_up(CPUHP_AP_PERF_ARM_HW_BREAKPOINT_STARTING, self);
	others_before_online(self);
	shim_online[self] = true;
	local_irq_enable();
	steps_up(CPUHP_AP_ONLINE_DYN, self);
}

/* What has been raised is run before. */
void shim_cpu_down(void)
{
	steps_down(CPUHP_AP_ONLINE_DYN, shim_cpu);
	shim_run_irq_work();
	shim_online[shim_cpu] = false;
}
