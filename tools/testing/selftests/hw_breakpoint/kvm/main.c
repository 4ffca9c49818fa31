// SPDX-License-Identifier: GPL-2.0
/*
 * A small VMM whose guests set, hit, change and read back breakpoints of their own,
 * while the thread that runs them has some as well: exact counts on both sides.
 *
 *	vmm [--exits N] [--many N] [--not NUMBER]... [NUMBER...]
 *	vmm [--exits N] --show FILE
 *
 * N: about how often each case leaves the guest; --many: another N for those whose
 * vCPUs move between CPUs and share them; NUMBER: of cases, all if none; --not: but
 * these. --show: no case, but a guest for ../demo, see show().
 */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "vmm.h"

unsigned long exits = 10000;
unsigned long many;
static uint64_t unwanted;	/* a bit for each number */
static const char *go;

static const struct {
	const char *name;
	bool (*run)(void);
} cases[] = {
	{ "no host breakpoints", case_nothing },
	{ "2 host breakpoints", case_host_2 },
	{ "4 host breakpoints", case_host_4 },
	{ "the guest changes its breakpoints", case_change },
	{ "the guest reads its registers back", case_read_back },
	{ "a guest that set none reads none of the host's", case_read_nothing },
#ifdef __x86_64__
	{ "the kernel is hit when it writes for the guest", case_kernel },
	{ "a guest's guest, no host breakpoints", case_nested },
	{ "a guest's guest, 4 host breakpoints", case_nested_host },
#endif
	{ "a debugger's hardware breakpoints in the guest", case_debug_hardware },
	{ "a debugger steps through the guest", case_debug_step },
	{ "a vCPU is moved between CPUs", case_migrate },
	{ "vCPUs of two machines share CPUs", case_share },
	{ "host breakpoints come and go", case_churn },
	{ "bad input", case_bad_input },
#ifdef __x86_64__
	{ "2 host breakpoints that count in the kernel, too", case_kernel_2 },
	{ "one that does comes while the guest runs", case_kernel_comes },
	{ "a guest's guest and a debugger", case_nested_debug },
	{ "a debugger comes when the guest owns its registers", case_debug_owner },
	{ "a hit that is reported when nothing is enabled", case_shadow },
	{ "a register that matches and is not enabled", case_same_address },
	{ "a guest's guest is loaded where the guest owns its registers", case_nested_loaded },
#endif
	{ "a debugger's software breakpoints, and the guest's own", case_debug_software },
	{ "guest and debugger together", case_together },
	{ "guest, debugger and host together", case_together_host },
	{ "the debugger is told what of the guest's rests", case_together_told },
	{ "the debugger steps, and the guest's own are hit", case_together_step },
	{ "the debugger has software breakpoints alone, and the guest its own",
	  case_together_software },
	{ "what a debugger who shares the registers is refused", case_together_refused },
	{ "a debugger that does not know that it can share", case_together_unasked },
	{ "what a debugger has set is read back", case_together_read },
	{ "guest and debugger together, and the vCPU is moved", case_together_moved },
	{ "the debugger changes what it has set at any moment", case_together_moment },
#ifdef __x86_64__
	{ "the guest's hit waits behind the debugger's", case_together_waits },
	{ "a guest's guest and a debugger together", case_together_nested },
	{ "the same, and the vCPU is moved", case_together_nested_moved },
#else
	{ "the guest masks its own, and the debugger's stop", case_together_masked },
	{ "the guest steps, and the debugger has breakpoints", case_together_steps },
	{ "the same, and the vCPU is moved", case_together_steps_moved },
	{ "guest and debugger step", case_together_both_step },
#endif
	{ "some registers are kept for debuggers", case_kept },
};

/* The words that are left name the cases; none of them: all */
static bool wanted(size_t i, char **words)
{
	bool none = !*words;

	if (unwanted >> (i + 1) & 1)
		return false;
	for (; *words; words++) {
		if (strtoul(*words, NULL, 0) == i + 1)
			return true;
	}
	return none;
}

static void options(int argc, char **argv)
{
	static const struct option known[] = {
		{ "exits", required_argument, NULL, 'n' },
		{ "many", required_argument, NULL, 'm' },
		{ "not", required_argument, NULL, 'x' },
		{ "show", required_argument, NULL, 's' },
		{ }
	};
	int c;

	while ((c = getopt_long(argc, argv, "", known, NULL)) != -1) {
		if (c == 'n')
			exits = strtoul(optarg, NULL, 0);
		else if (c == 'm')
			many = strtoul(optarg, NULL, 0);
		else if (c == 'x')
			unwanted |= 1ull << (strtoul(optarg, NULL, 0) & 63);
		else if (c == 's')
			go = optarg;
		else
			exit(2);
	}
	if (!many)
		many = exits;
}

static int run_cases(char **words)
{
	bool failed = false, right;
	size_t i;

	printf("KTAP version 1\n");
	if (access("/dev/kvm", R_OK | W_OK)) {
		printf("1..0 # SKIP no /dev/kvm\n");
		return 4;
	}
	printf("1..%zu\n", ARRAY_SIZE(cases));
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		if (!wanted(i, words)) {
			printf("ok %zu %s # SKIP not asked for\n", i + 1, cases[i].name);
			continue;
		}
		right = cases[i].run();
		printf("%sok %zu %s\n", right ? "" : "not ", i + 1, cases[i].name);
		failed |= !right;
	}
	return failed;
}

int main(int argc, char **argv)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	options(argc, argv);
	host_catch_strays();
	return go ? !show(go) : run_cases(argv + optind);
}
