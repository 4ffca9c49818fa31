// SPDX-License-Identifier: GPL-2.0
/*
 * Who holds slots already when a recording begins: as soon as perf record records, a thread
 * reads the kernel's table of holders, and the kernel tells of each row in hw_breakpoint:hwbp_held.
 *
 * The thread knows by perf record's answer to a command, see --control in perf-record(1). No
 * process does this: perf record takes the end of any for the end of the one that it has started.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "hwbp.h"
#include "snapshot.h"
#include "util/debug.h"
#include "util/evlist.h"

/* Nothing comes if the recording is over by then. */
static void *read_when_recording(void *arg)
{
	struct hwbp_snapshot *snapshot = arg;
	char ack[sizeof(EVLIST_CTL_CMD_ACK_TAG)];
	LIST_HEAD(rows);

	if (write(snapshot->control[1], EVLIST_CTL_CMD_PING_TAG "\n",
		  strlen(EVLIST_CTL_CMD_PING_TAG) + 1) < 0 ||
	    read(snapshot->ack[0], ack, sizeof(ack)) <= 0)
		return NULL;
	hwbp_tables__read_holders(&rows);
	hwbp_tables__delete(&rows);
	return NULL;
}

/* Signals are for perf record's own thread. */
static int start_thread(struct hwbp_snapshot *snapshot)
{
	sigset_t all, old;
	int err;

	sigfillset(&all);
	pthread_sigmask(SIG_BLOCK, &all, &old);
	err = pthread_create(&snapshot->thread, NULL, read_when_recording, snapshot);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	return -err;
}

static void close_pipe(int pipe[2])
{
	close(pipe[0]);
	close(pipe[1]);
}

/**
 * hwbp_snapshot__start() - have the table read as soon as the recording has begun
 * @snapshot: filled; its @option is for perf record
 *
 * Return: 0 or a negative error.
 */
int hwbp_snapshot__start(struct hwbp_snapshot *snapshot)
{
	int err;

	if (pipe2(snapshot->control, O_CLOEXEC))
		return -errno;
	if (pipe2(snapshot->ack, O_CLOEXEC)) {
		err = -errno;
		close_pipe(snapshot->control);
		return err;
	}
	snprintf(snapshot->option, sizeof(snapshot->option), "--control=fd:%d,%d",
		 snapshot->control[0], snapshot->ack[1]);
	err = start_thread(snapshot);
	if (err) {
		close_pipe(snapshot->control);
		close_pipe(snapshot->ack);
	}
	return err;
}

/**
 * hwbp_snapshot__end() - the recording is over
 * @snapshot: that
 */
void hwbp_snapshot__end(struct hwbp_snapshot *snapshot)
{
	/* the thread may still wait for an answer */
	close(snapshot->ack[1]);
	pthread_join(snapshot->thread, NULL);
	close(snapshot->ack[0]);
	close_pipe(snapshot->control);
}
