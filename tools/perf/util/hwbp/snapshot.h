/* SPDX-License-Identifier: GPL-2.0 */
#ifndef __PERF_HWBP_SNAPSHOT_H
#define __PERF_HWBP_SNAPSHOT_H

#include <pthread.h>

/**
 * struct hwbp_snapshot - a thread that reads the table of holders when a recording begins
 * @thread: that
 * @control: pipe of commands to perf record
 * @ack: pipe of its answers
 * @option: what perf record has to be given
 */
struct hwbp_snapshot {
	pthread_t	thread;
	int		control[2];
	int		ack[2];
	char		option[40];
};

int hwbp_snapshot__start(struct hwbp_snapshot *snapshot);
void hwbp_snapshot__end(struct hwbp_snapshot *snapshot);

#endif /* __PERF_HWBP_SNAPSHOT_H */
