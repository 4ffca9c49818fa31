/* SPDX-License-Identifier: GPL-2.0 */
#ifndef __PERF_HWBP_ERROR_H
#define __PERF_HWBP_ERROR_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct evlist;
struct evsel;

int hwbp_open_strerror(struct evsel *evsel, int err, char *msg, size_t size);
bool hwbp_evlist_open_strerror(struct evlist *evlist, int err, char *msg, size_t size);
bool hwbp_is_refused(const struct evsel *evsel, int err);
void hwbp_unescape(char *name);
void hwbp_task_name(pid_t tid, char *name, size_t size);

#endif /* __PERF_HWBP_ERROR_H */
