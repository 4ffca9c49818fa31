// SPDX-License-Identifier: GPL-2.0
/*
 * A small VMM whose guests set, hit, change and read back breakpoints of their own,
 * while the thread that runs them has some as well: exact counts on both sides.
 *
 *	vmm [--exits N] [--many N] [--not CASE]... [CASE...]
 *	vmm [--exits N] --show FILE
 *
 * N: about how often each case leaves the guest; --many: another N for those whose
 * vCPUs move between CPUs and share them; CASE: its word in the table below, all if none
 * is named; --not: but this one. --show: no case, but a guest for ../demo, see show().
 */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "vmm.h"

unsigned long exits = 10000;
unsigned long many;
static const char *go;

/**
 * struct choice - what the command line says of a case
 * @asked: it is named
 * @not: it is named after --not
 */
struct choice {
	bool	asked;
	bool	not;
};

#define CASE(word, name)	{ #word, name, case_##word }

static const struct {
	const char *word;
	const char *name;
	bool (*run)(void);
} cases[] = {
	/* the first one: a kernel that does not stand a later one has answered it */
	CASE(bad_input, "bad input"),
	CASE(nothing, "no host breakpoints"),
	CASE(host_2, "2 host breakpoints"),
	CASE(host_4, "4 host breakpoints"),
	CASE(change, "the guest changes its breakpoints"),
	CASE(read_back, "the guest reads its registers back"),
	CASE(read_nothing, "a guest that set none reads none of the host's"),
#ifdef __x86_64__
	CASE(kernel, "the kernel is hit when it writes for the guest"),
	CASE(nested, "a guest's guest, no host breakpoints"),
	CASE(nested_host, "a guest's guest, 4 host breakpoints"),
#endif
	CASE(debug_hardware, "a debugger's hardware breakpoints in the guest"),
	CASE(debug_step, "a debugger steps through the guest"),
	CASE(migrate, "a vCPU is moved between CPUs"),
	CASE(share, "vCPUs of two machines share CPUs"),
	CASE(churn, "host breakpoints come and go"),
#ifdef __x86_64__
	CASE(kernel_2, "2 host breakpoints that count in the kernel, too"),
	CASE(kernel_comes, "one that does comes while the guest runs"),
	CASE(nested_debug, "a guest's guest and a debugger"),
	CASE(debug_owner, "a debugger comes when the guest owns its registers"),
	CASE(shadow, "a hit that is reported when nothing is enabled"),
	CASE(same_address, "a register that matches and is not enabled"),
	CASE(nested_loaded, "a guest's guest is loaded where the guest owns its registers"),
#endif
	CASE(debug_software, "a debugger's software breakpoints, and the guest's own"),
	CASE(together, "guest and debugger together"),
	CASE(together_host, "guest, debugger and host together"),
	CASE(together_told, "the debugger is told what of the guest's rests"),
	CASE(together_step, "the debugger steps, and the guest's own are hit"),
	CASE(together_software,
	     "the debugger has software breakpoints alone, and the guest its own"),
	CASE(together_refused, "what a debugger who shares the registers is refused"),
	CASE(together_unasked, "a debugger that does not know that it can share"),
	CASE(together_read, "what a debugger has set is read back"),
	CASE(together_moved, "guest and debugger together, and the vCPU is moved"),
	CASE(together_moment, "the debugger changes what it has set at any moment"),
#ifdef __x86_64__
	CASE(together_waits, "the guest's hit waits behind the debugger's"),
	CASE(together_nested, "a guest's guest and a debugger together"),
	CASE(together_nested_moved, "the same, and the vCPU is moved"),
	CASE(both_step, "guest and debugger step"),
	CASE(both_step_moved, "the same, and the vCPU is moved between its steps"),
	CASE(both_step_nested, "the debugger and a guest's guest step"),
#else
	CASE(together_masked, "the guest masks its own, and the debugger's stop"),
	CASE(together_steps, "the guest steps, and the debugger has breakpoints"),
	CASE(together_steps_moved, "the same, and the vCPU is moved"),
	CASE(together_both_step, "guest and debugger step"),
#endif
	CASE(kept, "some registers are kept for debuggers"),
};

static struct choice choices[ARRAY_SIZE(cases)];
static bool some_asked;

/* Return: the choice of the case of that word. */
static struct choice *choice(const char *word)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		if (!strcmp(cases[i].word, word))
			return &choices[i];
	}
	fprintf(stderr, "vmm: there is no case %s\n", word);
	exit(2);
}

static bool wanted(size_t i)
{
	return !choices[i].not && (choices[i].asked || !some_asked);
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
			choice(optarg)->not = true;
		else if (c == 's')
			go = optarg;
		else
			exit(2);
	}
	for (; optind < argc; optind++) {
		choice(argv[optind])->asked = true;
		some_asked = true;
	}
	if (!many)
		many = exits;
}

static int run_cases(void)
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
		if (!wanted(i)) {
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
	return go ? !show(go) : run_cases();
}
