// SPDX-License-Identifier: GPL-2.0
/*
 * NMIs at random moments.
 *
 * On x86 a timer of each CPU sends one to some CPU, perhaps its own. Others may
 * come from outside. Elsewhere a cycle counter of each CPU overflows; that is an
 * NMI if the interrupt controller can make it one, and just an interrupt if not.
 */
#include <linux/atomic.h>
#include <linux/cpuhotplug.h>
#include <linux/cpumask.h>
#include <linux/err.h>
#include <linux/hrtimer_setup.h>
#include <linux/ktime.h>
#include <linux/percpu.h>
#include <linux/perf_event.h>
#include <linux/smp.h>

#include "storm.h"

#ifdef CONFIG_X86
#include <asm/apic.h>
#include <asm/nmi.h>
#endif

/* Mean time between two on a CPU, in microseconds; 0: none but from outside. */
static unsigned int mean;

static enum cpuhp_state state = CPUHP_INVALID;

static DEFINE_PER_CPU(u64, random);

static u32 next_ns(void)
{
	return mean * 500 + storm_random(this_cpu_ptr(&random), mean * 1000);
}

#ifdef CONFIG_X86
/* NMIs sent there that have not been seen. Of two that arrive as one, one remains. */
static DEFINE_PER_CPU(atomic_t, sent);

static DEFINE_PER_CPU(struct hrtimer, timer);

static int on_nmi(unsigned int type, struct pt_regs *regs)
{
	if (atomic_dec_if_positive(this_cpu_ptr(&sent)) < 0)
		return NMI_DONE;
	storm_step(regs, false);
	return NMI_HANDLED;
}

static int on_unknown_nmi(unsigned int type, struct pt_regs *regs)
{
	storm_step(regs, true);
	return NMI_HANDLED;
}

/* One that is sent to oneself always strikes here: rarely. */
static int some_cpu(void)
{
	u64 *state = this_cpu_ptr(&random);
	int cpu = cpumask_nth(storm_random(state, num_online_cpus()),
			      cpu_online_mask);

	if (cpu == smp_processor_id() && storm_random(state, 8))
		cpu = cpumask_any_but(cpu_online_mask, cpu);
	return cpu;
}

static enum hrtimer_restart on_timer(struct hrtimer *t)
{
	int cpu = some_cpu();

	if (cpu < (int)nr_cpu_ids) {
		atomic_inc(per_cpu_ptr(&sent, cpu));
		apic->send_IPI(cpu, NMI_VECTOR);
	}
	hrtimer_forward_now(t, ns_to_ktime(next_ns()));
	return HRTIMER_RESTART;
}

static int cpu_up(unsigned int cpu)
{
	struct hrtimer *t = per_cpu_ptr(&timer, cpu);

	hrtimer_setup(t, on_timer, CLOCK_MONOTONIC, HRTIMER_MODE_REL_PINNED_HARD);
	hrtimer_start(t, ns_to_ktime(next_ns()), HRTIMER_MODE_REL_PINNED_HARD);
	return 0;
}

static int cpu_down(unsigned int cpu)
{
	hrtimer_cancel(per_cpu_ptr(&timer, cpu));
	return 0;
}

static int register_handlers(void)
{
	int err;

	err = register_nmi_handler(NMI_LOCAL, on_nmi, 0, "hwbp_storm");
	if (err)
		return err;
	err = register_nmi_handler(NMI_UNKNOWN, on_unknown_nmi, 0, "hwbp_storm");
	if (err)
		unregister_nmi_handler(NMI_LOCAL, "hwbp_storm");
	return err;
}

static void unregister_handlers(void)
{
	unregister_nmi_handler(NMI_UNKNOWN, "hwbp_storm");
	unregister_nmi_handler(NMI_LOCAL, "hwbp_storm");
}
#else
static DEFINE_PER_CPU(struct perf_event *, counter);

static void on_overflow(struct perf_event *event, struct perf_sample_data *unused,
			struct pt_regs *regs)
{
	/* After the next one, which has been set already. */
	event->hw.sample_period = next_ns();
	storm_step(regs, false);
}

/* As if a cycle took a nanosecond. */
static int cpu_up(unsigned int cpu)
{
	struct perf_event_attr attr = {
		.type		= PERF_TYPE_HARDWARE,
		.config		= PERF_COUNT_HW_CPU_CYCLES,
		.size		= sizeof(attr),
		.sample_period	= mean * 1000,
		.pinned		= 1,
	};
	struct perf_event *event;

	event = perf_event_create_kernel_counter(&attr, cpu, NULL, on_overflow, NULL);
	if (IS_ERR(event))
		return PTR_ERR(event);
	per_cpu(counter, cpu) = event;
	return 0;
}

static int cpu_down(unsigned int cpu)
{
	perf_event_release_kernel(per_cpu(counter, cpu));
	return 0;
}

static int register_handlers(void)
{
	return 0;
}

static void unregister_handlers(void) { }
#endif

/**
 * storm_start() - let NMIs come
 * @interval: mean time between two on a CPU, in microseconds; 0: those from
 *	outside will do
 *
 * Context: task context.
 * Return: 0 or an error.
 */
int storm_start(unsigned int interval)
{
	int cpu, err;

	mean = interval;
	for_each_possible_cpu(cpu)
		per_cpu(random, cpu) = ktime_get_ns() + cpu;
	err = register_handlers();
	if (err || !mean)
		return err;
	err = cpuhp_setup_state(CPUHP_AP_ONLINE_DYN, "hwbp_storm:online", cpu_up,
				cpu_down);
	if (err < 0) {
		unregister_handlers();
		return err;
	}
	state = err;
	return 0;
}

/**
 * storm_stop() - no more NMIs
 *
 * Context: task context.
 */
void storm_stop(void)
{
	if (state != CPUHP_INVALID)
		cpuhp_remove_state(state);
	unregister_handlers();
}
