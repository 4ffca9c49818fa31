/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What perf hwbp needs of perf and is called otherwise in earlier kernels.
 */
#ifndef __PERF_HWBP_SERIES_H
#define __PERF_HWBP_SERIES_H

#include "hwbp.h"
#include "util/env.h"
#include "util/evsel.h"
#include "util/machine.h"
#include "util/sample.h"
#include "util/session.h"

static inline u64 hwbp_intval(struct evsel *evsel __maybe_unused, struct perf_sample *sample,
			      const char *name)
{
	return perf_sample__intval(sample, name);
}

static inline const char *hwbp_strval(struct evsel *evsel __maybe_unused,
				      struct perf_sample *sample, const char *name)
{
	return perf_sample__strval(sample, name);
}

static inline int hwbp_on_sample(const struct perf_tool *tool,
				 union perf_event *event __maybe_unused,
				 struct perf_sample *sample, struct machine *machine)
{
	return hwbp_trace__sample(tool, sample, sample->evsel, machine);
}

static inline const char *hwbp_strerrno(struct perf_session *session, int err)
{
	return perf_env__arch_strerrno(perf_session__e_machine(session, NULL), err);
}

/* As long as perf runs */
static inline struct machine *hwbp_new_host(void)
{
	static struct perf_env env;

	perf_env__init(&env);
	return machine__new_host(&env);
}

#endif /* __PERF_HWBP_SERIES_H */
