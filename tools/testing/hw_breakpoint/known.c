// SPDX-License-Identifier: GPL-2.0
/*
 * /proc/hw_breakpoints: each reader is shown what he may know, and the number of all else. An
 * address that he may not know is 0 here, and 0x0 where the kernel prints it.
 */

#include "test.h"

#define USER_ADDR	0x10000UL
#define KERNEL_ADDR	0xffff800000010000UL
/* Of a machine whose two types of slots are one pool, and of others */
#define OTHERS(code, data) \
	(TYPE_MAX > 1 ? "# others: " #code " " #data "\n" : "# others: " #data "\n")
#define HEAD		"# opener pid target cpu type addr len state\n"

enum { ALICE = 1000, BOB };

static struct pid_namespace box = { .ns.inum = 2 }, other_box = { .ns.inum = 3 };

/* Their numbers are 1, 2 and so on. */
static struct task_struct root, alice, bob, boxed, tool;
static struct perf_event_context contexts[4], cpu_context;
static struct perf_event events[6], copy;

static const struct shim_reader all = { .ns = &init_pid_ns, .perfmon = true, .kernel = true };
static const struct shim_reader of_alice = { { { ALICE } }, .ns = &init_pid_ns };

/* ---- what there is ---- */

static void new_task(struct task_struct *task, struct perf_event_context *ctx, const char *comm,
		     unsigned int uid, struct pid_namespace *ns)
{
	*task = (struct task_struct) { .uid.val = uid, .ns = ns, .own_pid = ns ? 7 : 0 };
	strscpy(task->comm, comm, sizeof(task->comm));
	if (ctx)
		*ctx = (struct perf_event_context) { .task = task, .lock.owner = -1 };
	shim_new_task(task, ctx);
}

static void open_as(struct task_struct *opener, struct perf_event *bp,
		    struct perf_event_context *ctx, int cpu, unsigned long addr)
{
	shim_current = opener;
	*bp = (struct perf_event) {
		.pmu = &hwbp_pmu, .cpu = cpu, .oncpu = -1, SHIM_RESERVATION(*bp),
		.attr = { .bp_addr = addr, .bp_len = 8, .bp_type = HW_BREAKPOINT_W },
	};
	EXPECT_EQ(perf_reserve_attach(bp, ctx), 0);
	bp->ctx = ctx;
}

static void begin(void)
{
	new_task(&root, &contexts[0], "init", 0, NULL);
	new_task(&alice, &contexts[1], "program", ALICE, NULL);
	new_task(&bob, &contexts[2], "secret", BOB, NULL);
	new_task(&boxed, &contexts[3], "inside", ALICE, &box);
	new_task(&tool, NULL, "gdb", ALICE, NULL);
	cpu_context = (struct perf_event_context) { .lock.owner = -1 };
	open_as(&tool, &events[0], &contexts[1], -1, USER_ADDR);
	open_as(&root, &events[1], &contexts[1], -1, KERNEL_ADDR);
	open_as(&bob, &events[2], &contexts[2], -1, USER_ADDR + 8);
	open_as(&root, &events[3], &cpu_context, 1, USER_ADDR + 16);
	open_as(&tool, &events[4], &cpu_context, 0, KERNEL_ADDR + 8);
	open_as(&boxed, &events[5], &contexts[3], -1, USER_ADDR + 24);
}

static void end(void)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(events); i++)
		hwbp_detach(&events[i]);
	for (i = 0; i < ARRAY_SIZE(contexts); i++)
		perf_reserve_free(&contexts[i]);
	EXPECT(!hw_breakpoint_is_used());
	shim_reader = all;
}

static void expect(const char *who, const struct shim_reader *reader, const char *rows,
		   const char *others)
{
	static char buf[4096], want[4096];

	shim_reader = *reader;
	shim_read("hw_breakpoints", buf, sizeof(buf), NULL);
	snprintf(want, sizeof(want), "%s%s%s", HEAD, rows, others);
	if (strcmp(buf, want))
		FAIL("%s reads:\n%sexpected:\n%s", who, buf, want);
}

/* ---- tests ---- */

static void test_users(void)
{
	static const struct shim_reader of_carol = { { { BOB + 1 } }, .ns = &init_pid_ns };

	begin();
	expect("root", &all,
	       "gdb 5 0 0 w 0xffff800000010008 8 inactive\n"
	       "init 1 0 1 w 0x10010 8 inactive\n"
	       "init 1 2 -1 w 0xffff800000010000 8 inactive\n"
	       "gdb 5 2 -1 w 0x10000 8 inactive\n"
	       "secret 3 3 -1 w 0x10008 8 inactive\n"
	       "inside 4 4 -1 w 0x10018 8 inactive\n", OTHERS(0, 0));
	/* of bob's and of root's on a CPU nothing, of root's on the program no name */
	expect("alice", &of_alice,
	       "gdb 5 0 0 w 0 8 inactive\n"
	       "- 0 2 -1 w 0 8 inactive\n"
	       "gdb 5 2 -1 w 0x10000 8 inactive\n"
	       "inside 4 4 -1 w 0x10018 8 inactive\n", OTHERS(0, 2));
	expect("carol", &of_carol, "", OTHERS(0, 6));
	end();
}

static void test_rights(void)
{
	static const struct shim_reader kernel = { { { ALICE } }, .ns = &init_pid_ns,
						   .kernel = true };
	static const struct shim_reader perfmon = { { { BOB } }, .ns = &init_pid_ns,
						    .perfmon = true };

	begin();
	expect("alice, who may know addresses of the kernel", &kernel,
	       "gdb 5 0 0 w 0xffff800000010008 8 inactive\n"
	       "- 0 2 -1 w 0xffff800000010000 8 inactive\n"
	       "gdb 5 2 -1 w 0x10000 8 inactive\n"
	       "inside 4 4 -1 w 0x10018 8 inactive\n", OTHERS(0, 2));
	/* whatever a CPU accesses, but not what tasks that he may not ptrace do */
	expect("bob, who may watch CPUs", &perfmon,
	       "gdb 5 0 0 w 0 8 inactive\n"
	       "init 1 0 1 w 0x10010 8 inactive\n"
	       "secret 3 3 -1 w 0x10008 8 inactive\n", OTHERS(0, 3));
	end();
}

static void test_namespaces(void)
{
	static const struct shim_reader inside = { { { ALICE } }, .ns = &box };
	static const struct shim_reader elsewhere = { { { ALICE } }, .ns = &other_box };
	static const struct shim_reader above = { { { 0 } }, .ns = &box, .perfmon = true };
	struct task_struct *outside = &tool;

	begin();
	expect("alice in a PID namespace", &inside,
	       "inside 7 7 -1 w 0x10018 8 inactive\n", OTHERS(0, 5));
	expect("alice in another", &elsewhere, "", OTHERS(0, 6));
	hwbp_detach(&events[5]);
	open_as(outside, &events[5], &contexts[3], -1, USER_ADDR + 24);
	expect("alice in the first, watched from outside", &inside,
	       "- 0 7 -1 w 0x10018 8 inactive\n", OTHERS(0, 5));
	expect("root with all rights, in the first", &above,
	       "gdb 0 0 0 w 0 8 inactive\n"
	       "init 0 0 1 w 0x10010 8 inactive\n"
	       "gdb 0 7 -1 w 0x10018 8 inactive\n", OTHERS(0, 3));
	end();
}

/* Whoever opens the file passes it on to somebody with more rights, who reads. */
static void test_passed_on(void)
{
	static const struct cred more = { { 0 } };

	begin();
	shim_cred = &more;
	expect("root, for alice", &of_alice,
	       "gdb 5 0 0 w 0 8 inactive\n"
	       "- 0 2 -1 w 0 8 inactive\n"
	       "gdb 5 2 -1 w 0x10000 8 inactive\n"
	       "inside 4 4 -1 w 0x10018 8 inactive\n", OTHERS(0, 2));
	EXPECT(shim_cred == &more);
	shim_cred = NULL;
	end();
}

static void test_names(void)
{
	static const struct shim_reader inside = { { { ALICE } }, .ns = &box };

	begin();
	hwbp_detach(&events[5]);
	strscpy(boxed.comm, "# others: 9\n", sizeof(boxed.comm));
	open_as(&boxed, &events[5], &contexts[3], -1, USER_ADDR + 24);
	expect("alice, with a forged name", &inside,
	       "\\043\\040others:\\0409\\012 7 7 -1 w 0x10018 8 inactive\n", OTHERS(0, 5));
	hwbp_detach(&events[5]);
	strscpy(boxed.comm, "", sizeof(boxed.comm));
	open_as(&boxed, &events[5], &contexts[3], -1, USER_ADDR + 24);
	expect("alice, without a name", &inside,
	       "\\000 7 7 -1 w 0x10018 8 inactive\n", OTHERS(0, 5));
	end();
}

/* A copy that a fork makes is of whoever opened the original, not of the task that forks. */
static void test_copies(void)
{
	begin();
	shim_current = &alice;
	test_open(&copy, &contexts[0], -1, &events[0]);
	copy.attr = events[0].attr;
	expect("root", &all,
	       "gdb 5 0 0 w 0xffff800000010008 8 inactive\n"
	       "init 1 0 1 w 0x10010 8 inactive\n"
	       "gdb 5 1 -1 w 0x10000 8 inactive\n"
	       "init 1 2 -1 w 0xffff800000010000 8 inactive\n"
	       "gdb 5 2 -1 w 0x10000 8 inactive\n"
	       "secret 3 3 -1 w 0x10008 8 inactive\n"
	       "inside 4 4 -1 w 0x10018 8 inactive\n", OTHERS(0, 0));
	hwbp_detach(&copy);
	end();
}

/* What a task held that has exited is not held any more, though its files are open. */
static void test_exited(void)
{
	static const struct shim_reader of_carol = { { { BOB + 1 } }, .ns = &init_pid_ns };

	begin();
	perf_reserve_retire(&contexts[2]);
	expect("carol", &of_carol, "", OTHERS(0, 5));
	end();
}

#ifndef SHIM_OLD
static void test_debuggers(void)
{
	static const struct shim_reader of_carol = { { { BOB + 1 } }, .ns = &init_pid_ns };
	static struct hw_breakpoint_debug kdb = { .owner = "kdb" };
	struct perf_event_attr attr = { };
	char rows[128];

	begin();
	regs_kernel_attr(&attr, 0);
	EXPECT_EQ(hw_breakpoint_debug_reserve(&kdb, HW_BREAKPOINT_ALL_CPUS, attr.bp_type, 0), 0);
	expect("carol", &of_carol, "kdb 0 0 -1 - 0 0 debugger\n", OTHERS(0, 6));
	EXPECT_EQ(hw_breakpoint_debug_set(&kdb, attr.bp_addr, attr.bp_len, attr.bp_type), 0);
	snprintf(rows, sizeof(rows), "kdb 0 0 -1 %s 0 %llu debugger\n",
		 hwbp_type_name(attr.bp_type), (unsigned long long)attr.bp_len);
	expect("carol", &of_carol, rows, OTHERS(0, 6));
	hw_breakpoint_debug_release(&kdb);
	end();
}
#endif

const struct test tests[] = {
	{ "one user is not shown another's",	test_users },
	{ "rights to watch CPUs and to know the kernel's addresses",	test_rights },
	{ "PID namespaces",			test_namespaces },
	{ "who opens the file counts, not who reads it",	test_passed_on },
	{ "no name forges a line",		test_names },
	{ "copies are of the opener of the original",	test_copies },
	{ "a task that has exited",		test_exited },
#ifndef SHIM_OLD
	{ "debuggers",				test_debuggers },
#endif
	{ }
};
