/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What perf hwbp needs of perf and is called otherwise in later kernels.
 */
#ifndef __PERF_HWBP_SERIES_H
#define __PERF_HWBP_SERIES_H

#include "hwbp.h"
#include "util/env.h"
#include "util/evsel.h"
#include "util/machine.h"
#include "util/session.h"

static inline u64 hwbp_intval(struct evsel *evsel, struct perf_sample *sample, const char *name)
{
	return evsel__intval(evsel, sample, name);
}

static inline const char *hwbp_strval(struct evsel *evsel, struct perf_sample *sample,
				      const char *name)
{
	return evsel__strval(evsel, sample, name);
}

static inline int hwbp_on_sample(const struct perf_tool *tool,
				 union perf_event *event __maybe_unused,
				 struct perf_sample *sample, struct evsel *evsel,
				 struct machine *machine)
{
	return hwbp_trace__sample(tool, sample, evsel, machine);
}

static inline const char *hwbp_strerrno(struct perf_session *session, int err)
{
	return perf_env__arch_strerrno(&session->header.env, err);
}

static inline struct machine *hwbp_new_host(void)
{
	return machine__new_host();
}

#endif /* __PERF_HWBP_SERIES_H */
