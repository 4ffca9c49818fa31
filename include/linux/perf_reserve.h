/* SPDX-License-Identifier: GPL-2.0 */
/*
 * PMUs that reserve what their events need when they are opened.
 *
 * perf finds out whether events fit when it schedules them, and lets them take turns. A
 * PMU with &pmu.reserve says at the opening whether an event will always fit, and refuses
 * it otherwise. What is reserved belongs to the context, for it is the context that perf
 * schedules, swaps between tasks and leaves behind when a task exits.
 */
#ifndef _LINUX_PERF_RESERVE_H
#define _LINUX_PERF_RESERVE_H

#include <linux/list.h>
#include <linux/types.h>

struct perf_event;
struct perf_event_attr;
struct perf_event_context;
struct perf_process;
struct perf_reserve_ops;
struct signal_struct;
struct task_struct;

/**
 * struct perf_reserved - what a PMU has reserved for a context; part of the PMU's own
 * @ops: the PMU's
 *
 * One PMU may do this for a context.
 */
struct perf_reserved {
	const struct perf_reserve_ops *ops;
};

/**
 * struct perf_process - a process that a PMU has events of; part of the PMU's own
 * @ops: the PMU's
 * @signal: which process; from here on it is perf's affair
 * @node: in the table of all processes, until the last thread has exited
 * @events: the originals
 *
 * An event of a process is an original that never runs, as one whose task has exited, and a copy
 * of it for each CPU, which is an event of that CPU. The PMU lets each copy count only while its
 * CPU runs a thread of the process: perf tells it with &pmu.sched_task.
 */
struct perf_process {
	const struct perf_reserve_ops	*ops;
	const struct signal_struct	*signal;
	struct hlist_node		node;
	struct list_head		events;
};

/*
 * In &perf_event.attach_state: the event is of a whole process, or is a copy of such an event.
 * The PMU sets it when the event is attached.
 */
#define PERF_ATTACH_PROCESS	0x4000

/*
 * In &perf_event.attach_state: the PMU has allocated &perf_event.pmu_private for the event, and
 * perf frees it with the event, under RCU. An event is no larger for what only some PMUs need.
 */
#define PERF_ATTACH_RESERVED	0x8000

/**
 * struct perf_reserve_ops - callbacks of a PMU that reserves
 * @attach: an event is about to belong to a context for good. Last moment to refuse it, but for a
 *	copy, see @join: 0 or an error. The event's destruction gives back what it has reserved.
 *	Context: task context, may sleep; with the context's mutex held, or the context is a
 *	child's that nobody else sees yet.
 * @leave: an event has left its context for good, though its file may stay open: what it has
 *	reserved is free. It can be changed and enabled as before, and runs no more. Not called
 *	for copies, which are destroyed then. Context: task context, may sleep; the event runs
 *	nowhere, and the mutex of the context that it has left is held.
 * @retire: the task of a context exits, or, on kernels where perf ends both alike, its fork
 *	has failed: what the context has reserved is free, though its files may stay open.
 *	Those of its events that have files leave afterwards, one by one. Context: task
 *	context, may sleep; the context is scheduled out for good and its mutex held.
 * @free: a context is freed. Context: RCU callback.
 * @prepare: an event and all its copies are to be changed: 0 or an error, and then nothing
 *	may have changed. Context: task context, with the event's child_mutex held.
 * @join: a copy that a fork has made is about to be one of the original's copies, becomes what
 *	the original is by now, and reserves what it needs: 0 or an error, and then the copy is
 *	destroyed. Context: task context, may sleep; with the original's child_mutex held.
 * @waits: is it for a moment only that the event does not fit, though it has reserved what
 *	it needs? Then its group is not in error, though it is pinned. Context: interrupts
 *	off, with the lock of the event's context held.
 * @fork: a new task has inherited events, and is of its process by now, but does not run yet.
 *	Context: task context, may sleep.
 * @process: the process of an event that has PERF_ATTACH_PROCESS. Context: any.
 * @free_process: the last thread has exited: there are no copies of its events any more, and
 *	nobody finds it but who has found it before, under RCU. Context: task context.
 */
struct perf_reserve_ops {
	int	(*attach)(struct perf_event *event, struct perf_event_context *ctx);
	void	(*leave)(struct perf_event *event);
	void	(*retire)(struct perf_reserved *reserved);
	void	(*free)(struct perf_reserved *reserved);
	int	(*prepare)(struct perf_event *event, const struct perf_event_attr *attr);
	int	(*join)(struct perf_event *event);
	bool	(*waits)(struct perf_event *event);
	void	(*fork)(struct task_struct *task, struct perf_event_context *ctx);
	struct perf_process *(*process)(const struct perf_event *event);
	void	(*free_process)(struct perf_process *process);
};

/* kernel/events/process.h */
struct perf_process *perf_process_find(const struct signal_struct *signal);
struct perf_process *perf_process_add(struct perf_process *process,
				      const struct signal_struct *signal);
int perf_process_copy(struct perf_event *event);
void perf_process_remove(struct perf_event *event);

#endif /* _LINUX_PERF_RESERVE_H */
