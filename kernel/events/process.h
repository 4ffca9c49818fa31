/* SPDX-License-Identifier: GPL-2.0 */
/*
 * One event for a whole process; a part of core.c, whose functions it calls.
 *
 * The PMU says that an event is of a process, see linux/perf_reserve.h. States of such an event:
 *
 *	prepared	it has copies, of which nobody knows	perf_process_copy()
 *	watching	the copies are events of the CPUs	perf_process_install()
 *	over		it has no copies; its file may be open	perf_process_end_event()
 *
 * The original is in no context's list. To perf it has exited from the start and its copies are
 * those of an inherited event: it reads, enables, changes and closes them as it does these.
 *
 * A process is over when it executes a program, and when its last thread exits. What inherit,
 * inherit_thread and remove_on_exec say of the threads to come goes for those that there are.
 *
 * A CPU that comes up installs its copies before any thread can run on it. When it goes down perf
 * takes all of its events from it; it keeps the copies.
 */
#ifndef _KERNEL_EVENTS_PROCESS_H
#define _KERNEL_EVENTS_PROCESS_H

#include <linux/cleanup.h>
#include <linux/hashtable.h>
#include <linux/kprobes.h>

/*
 * Protects perf_process::events and perf_process_events, the originals of all processes that are
 * watching: these are in no context, so their event_entry and active_list are free for that.
 * Inside ctx->mutex of tasks, outside that of CPUs.
 */
static DEFINE_MUTEX(perf_process_mutex);
static LIST_HEAD(perf_process_events);

/* The processes that have had events, by signal_struct; read under RCU */
static DEFINE_HASHTABLE(perf_processes, 8);
static atomic_t perf_nr_processes;

/**
 * perf_process_find() - has a process events of its own?
 * @signal: of any of its threads
 *
 * Context: any, with the RCU read lock or perf_process_mutex held, or interrupts off.
 * Return: what is known of it, if it has had any; or NULL. While one of its threads is alive it
 * stays.
 */
struct perf_process *perf_process_find(const struct signal_struct *signal)
{
	struct perf_process *process;

	hash_for_each_possible_rcu(perf_processes, process, node, (unsigned long)signal,
				   lockdep_is_held(&perf_process_mutex)) {
		if (process->signal == signal)
			return process;
	}
	return NULL;
}
NOKPROBE_SYMBOL(perf_process_find);

/**
 * perf_process_add() - a process has an event
 * @process: what is to be known of it; its ops are the PMU's
 * @signal: the process, one of whose threads is not freed meanwhile and has not left its context
 *
 * Context: task context, may sleep.
 * Return: what is known of it: @process, or what another task has added.
 */
struct perf_process *perf_process_add(struct perf_process *process,
				      const struct signal_struct *signal)
{
	struct perf_process *old;

	guard(mutex)(&perf_process_mutex);
	old = perf_process_find(signal);
	if (old)
		return old;
	process->signal = signal;
	INIT_LIST_HEAD(&process->events);
	hash_add_rcu(perf_processes, &process->node, (unsigned long)signal);
	atomic_inc(&perf_nr_processes);
	return process;
}

static struct perf_process *perf_process_of(const struct perf_event *event)
{
	return event->pmu->reserve->process(event);
}

/* ---- prepared ---- */

static int perf_process_copy_on(struct perf_event *event, int cpu)
{
	struct perf_event_context *ctx = &per_cpu_ptr(&perf_cpu_context, cpu)->ctx;
	struct perf_event_pmu_context *pmu_ctx;
	struct perf_event *copy;
	int err;

	copy = perf_event_alloc(&event->attr, cpu, event->hw.target, NULL, event, NULL, NULL, -1);
	if (IS_ERR(copy))
		return PTR_ERR(copy);
	get_ctx(ctx);
	copy->ctx = ctx;
	pmu_ctx = find_get_pmu_context(event->pmu, ctx, copy);
	err = PTR_ERR_OR_ZERO(pmu_ctx);
	if (!err) {
		copy->pmu_ctx = pmu_ctx;
		err = perf_reserve_join(copy);
	}
	if (err)
		free_event(copy);
	else
		list_add_tail(&copy->child_list, &event->child_list);
	return err;
}

/**
 * perf_process_copy() - make the copies of an event of a process
 * @event: the event, which its PMU is attaching; nobody else knows of it yet
 *
 * After an error the event's destruction frees those that there are.
 *
 * Context: task context, may sleep.
 * Return: 0, or an error of the PMU's or for want of memory.
 */
int perf_process_copy(struct perf_event *event)
{
	int cpu, err = 0;

	guard(mutex)(&event->child_mutex);
	for_each_possible_cpu(cpu) {
		err = perf_process_copy_on(event, cpu);
		if (err)
			break;
	}
	return err;
}

/* ---- watching ---- */

/* Unless the CPU is down, or has it already */
static void perf_process_install_on(struct perf_event *copy)
{
	struct perf_cpu_context *cpuctx = per_cpu_ptr(&perf_cpu_context, copy->cpu);

	guard(mutex)(&cpuctx->ctx.mutex);
	if (cpuctx->online && !(copy->attach_state & PERF_ATTACH_CONTEXT))
		perf_install_in_context(&cpuctx->ctx, copy, copy->cpu);
}

/**
 * perf_process_install() - install an event, if it is of a process
 * @event: the event; its PMU has attached it
 * @ctx: the context that it would be in if it were a task's
 *
 * prepared -> watching
 *
 * From the return on every access counts: each CPU has been interrupted, and has the copy in a
 * slot, or puts it there when it switches to a thread.
 *
 * Context: task context, may sleep; ctx->mutex is held.
 * Return: false if it is of no process.
 */
bool perf_process_install(struct perf_event *event, struct perf_event_context *ctx)
{
	struct perf_event *copy;

	if (!(event->attach_state & PERF_ATTACH_PROCESS))
		return false;
	event->ctx = ctx;
	event->state = PERF_EVENT_STATE_EXIT;

	guard(mutex)(&perf_process_mutex);
	list_add_tail(&event->event_entry, &perf_process_of(event)->events);
	list_add_tail(&event->active_list, &perf_process_events);
	list_for_each_entry(copy, &event->child_list, child_list) {
		/* as for a copy that a fork makes: put_event() of the copy gives it back */
		atomic_long_inc(&event->refcount);
		copy->attach_state |= PERF_ATTACH_CHILD;
		perf_process_install_on(copy);
	}
	return true;
}

/**
 * perf_process_remove() - an event of a process is being destroyed
 * @event: the original
 *
 * Context: task context, may sleep.
 */
void perf_process_remove(struct perf_event *event)
{
	struct perf_event *copy, *next;

	scoped_guard(mutex, &perf_process_mutex) {
		list_del_init(&event->event_entry);
		list_del_init(&event->active_list);
	}
	/* There are any only if it has never been installed. */
	list_for_each_entry_safe(copy, next, &event->child_list, child_list) {
		list_del_init(&copy->child_list);
		free_event(copy);
	}
}

/* ---- over ---- */

/* With child_mutex held */
static struct perf_event *perf_process_first_copy(struct perf_event *event)
{
	return list_first_entry_or_null(&event->child_list, struct perf_event, child_list);
}

/* What a copy has counted is the original's from now on. */
static void perf_process_detach(struct perf_event *event, struct perf_event *copy)
{
	perf_remove_from_context(copy, 0);
	atomic64_add(local64_read(&copy->count), &event->child_count);
	atomic64_add(copy->total_time_enabled, &event->child_total_time_enabled);
	atomic64_add(copy->total_time_running, &event->child_total_time_running);
	copy->attach_state &= ~PERF_ATTACH_CHILD;
	list_del_init(&copy->child_list);
}

/*
 * Takes the first copy from its CPU, which was @cpu a moment ago. The event may be closed at the
 * same time, which does as much: whoever finds the copy in the list, with both mutexes held, frees
 * it.
 */
static void perf_process_end_copy(struct perf_event *event, int cpu)
{
	struct perf_cpu_context *cpuctx = per_cpu_ptr(&perf_cpu_context, cpu);
	struct perf_event *copy;

	mutex_lock(&cpuctx->ctx.mutex);
	mutex_lock(&event->child_mutex);
	copy = perf_process_first_copy(event);
	if (copy && copy->cpu == cpu)
		perf_process_detach(event, copy);
	else
		copy = NULL;
	mutex_unlock(&event->child_mutex);
	mutex_unlock(&cpuctx->ctx.mutex);
	if (copy)
		put_event(copy);
}

/* Return: the CPU of the first copy, or -1 if there is none */
static int perf_process_first_cpu(struct perf_event *event)
{
	struct perf_event *copy;

	guard(mutex)(&event->child_mutex);
	copy = perf_process_first_copy(event);
	return copy ? copy->cpu : -1;
}

/* watching -> over */
static void perf_process_end_event(struct perf_event *event)
{
	int cpu;

	while ((cpu = perf_process_first_cpu(event)) >= 0)
		perf_process_end_copy(event, cpu);
	perf_reserve_leave(event);
	perf_event_wakeup(event);
}

/* Return: an event of the process, with a reference, and no longer in the lists */
static struct perf_event *perf_process_take(const struct signal_struct *signal)
{
	struct perf_process *process;
	struct perf_event *event;

	guard(mutex)(&perf_process_mutex);
	process = perf_process_find(signal);
	if (!process)
		return NULL;
	list_for_each_entry(event, &process->events, event_entry) {
		if (!atomic_long_inc_not_zero(&event->refcount))
			continue;	/* it is being destroyed, and removes itself */
		list_del_init(&event->event_entry);
		list_del_init(&event->active_list);
		return event;
	}
	return NULL;
}

static void perf_process_end(const struct signal_struct *signal)
{
	struct perf_event *event;

	while ((event = perf_process_take(signal))) {
		perf_process_end_event(event);
		put_event(event);
	}
}

/* Another process may have its signal_struct at the same address later. */
static void perf_process_forget(const struct signal_struct *signal)
{
	struct perf_process *process;

	scoped_guard(mutex, &perf_process_mutex) {
		process = perf_process_find(signal);
		if (process)
			hash_del_rcu(&process->node);
	}
	if (!process)
		return;
	atomic_dec(&perf_nr_processes);
	process->ops->free_process(process);
}

/**
 * perf_process_exec() - the current task executes a program
 *
 * All other threads have exited.
 *
 * Context: task context, may sleep.
 */
void perf_process_exec(void)
{
	if (atomic_read(&perf_nr_processes))
		perf_process_end(current->signal);
}

/**
 * perf_process_exit() - a task exits, and has left its context
 * @task: the task
 *
 * Whichever of the threads comes here first after none is alive any more ends the events: none
 * of them executes anything in user mode, or accesses its memory. An event that is being opened
 * meanwhile, for one of them, is ended by that one: it waits for its context's mutex before it
 * comes here.
 *
 * Context: task context, may sleep.
 */
void perf_process_exit(struct task_struct *task)
{
	if (likely(!atomic_read(&perf_nr_processes)) || atomic_read(&task->signal->live))
		return;
	perf_process_end(task->signal);
	perf_process_forget(task->signal);
}

/* ---- CPUs ---- */

static struct perf_event *perf_process_copy_of(struct perf_event *event, int cpu)
{
	struct perf_event *copy;

	list_for_each_entry(copy, &event->child_list, child_list) {
		if (copy->cpu == cpu)
			return copy;
	}
	return NULL;
}

/* Is it enabled? The copies of the other CPUs tell. */
static bool perf_process_is_on(struct perf_event *event)
{
	struct perf_event *copy;

	list_for_each_entry(copy, &event->child_list, child_list) {
		if (copy->attach_state & PERF_ATTACH_CONTEXT)
			return copy->state != PERF_EVENT_STATE_OFF;
	}
	return false;
}

static void perf_process_cpu_up_event(struct perf_event *event, unsigned int cpu)
{
	struct perf_cpu_context *cpuctx = per_cpu_ptr(&perf_cpu_context, cpu);
	struct perf_event *copy;

	guard(mutex)(&cpuctx->ctx.mutex);
	guard(mutex)(&event->child_mutex);
	copy = perf_process_copy_of(event, cpu);
	if (!copy || copy->attach_state & PERF_ATTACH_CONTEXT)
		return;
	copy->state = perf_process_is_on(event) ? PERF_EVENT_STATE_INACTIVE :
						  PERF_EVENT_STATE_OFF;
	perf_install_in_context(&cpuctx->ctx, copy, cpu);
}

/* No user thread runs on the CPU before this is over. */
static int perf_process_cpu_up(unsigned int cpu)
{
	struct perf_event *event;

	guard(mutex)(&perf_process_mutex);
	list_for_each_entry(event, &perf_process_events, active_list)
		perf_process_cpu_up_event(event, cpu);
	return 0;
}

static int __init perf_process_init(void)
{
	int ret = cpuhp_setup_state_nocalls(CPUHP_AP_ONLINE_DYN, "perf/process:online",
					    perf_process_cpu_up, NULL);

	return ret < 0 ? ret : 0;
}
core_initcall(perf_process_init);

#endif /* _KERNEL_EVENTS_PROCESS_H */
