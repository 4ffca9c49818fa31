// SPDX-License-Identifier: GPL-2.0
/*
 * x86_space32 ADDR USER PID: opens a watchpoint on ADDR in a 32-bit program, with USER
 * as exclude_kernel; all in hexadecimal. Ends with 0 or the error number. It has no
 * library, which needs not be there for 32 bits.
 */
#include <linux/hw_breakpoint.h>
#include <linux/perf_event.h>

#define NR_EXIT			1
#define NR_PERF_EVENT_OPEN	336

static int call(int nr, const void *arg1, int arg2, int arg3, int arg4, int arg5)
{
	int ret;

	asm volatile("int $0x80"
		     : "=a" (ret)
		     : "a" (nr), "b" (arg1), "c" (arg2), "d" (arg3), "S" (arg4), "D" (arg5)
		     : "memory");
	return ret;
}

static unsigned long long number(const char *text)
{
	unsigned long long n = 0;

	for (; *text; text++)
		n = n << 4 | (*text <= '9' ? *text - '0' : *text - 'a' + 10);
	return n;
}

/* @stack: the number of arguments, and these */
static void __attribute__((used, noreturn)) run(char **stack)
{
	/* no memset() where there is no library */
	static struct perf_event_attr attr;
	int ret;

	attr.type = PERF_TYPE_BREAKPOINT;
	attr.size = sizeof(attr);
	attr.bp_addr = number(stack[2]);
	attr.bp_type = HW_BREAKPOINT_W;
	attr.bp_len = HW_BREAKPOINT_LEN_4;
	attr.exclude_kernel = number(stack[3]);
	ret = call(NR_PERF_EVENT_OPEN, &attr, number(stack[4]), -1, -1, 0);
	call(NR_EXIT, (void *)(ret < 0 ? -ret : 0), 0, 0, 0, 0);
	__builtin_unreachable();
}

asm(".globl _start\n_start: mov %esp, %eax\n\tpush %eax\n\tcall run\n");
