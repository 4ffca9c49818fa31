/* SPDX-License-Identifier: GPL-2.0 */
/* What the subjects share. */
#ifndef _BENCH_H
#define _BENCH_H

#include <pthread.h>
#include <stddef.h>
#include <sys/types.h>

#include "../bp.h"
#include "mark.h"

/* How often an operation is repeated; the option -n. */
extern int repeats;

/* The operation called @name, at most 16 characters, is between these two. */
void op_begin(const char *name);
void op_end(void);

/* @name took @ns: somebody else measured it. */
void op_time(const char *name, long ns);

/* Print the median time of each operation as CSV. */
void op_report(void);

void __attribute__((noreturn, format(printf, 1, 2))) fail(const char *what, ...);

/* Run on @cpu only. */
void pin(int cpu);

/* Waits for it, and for all others that end, until nothing of them is left. */
void end_thread(pthread_t thread);

/* A watchpoint for writes of the 8 bytes at @addr. */
void watch_attr(struct perf_event_attr *attr, const void *addr);

/* Opens it for @pid on @cpu, as perf_event_open() takes them, or fails. */
int watch(const void *addr, pid_t pid, int cpu);

/* The subjects: @n is what stands after the = on the command line, or 0. */
void bench_switch(int n);
void bench_events(int n);
void bench_hit(int n);
void bench_threads(int n);
void bench_wide(int n);
void bench_perf(int n);
void bench_modify(int n);
void bench_kvm(int n);
void bench_shared(int n);

/* A process with threads that sleep, and a breakpoint in each. */
struct crowd {
	pid_t pid;
	int n;
	pid_t *tids;
	int *fds;
};

void crowd_start(struct crowd *crowd, int n);
void crowd_end(struct crowd *crowd);

/* One that the caller traces: its watchpoint is set, and moved. */
void tracee_stop(pid_t tid);
void tracee_set(pid_t tid);
void tracee_move(pid_t tid, int i);
void tracee_clear(pid_t tid);

#endif
