// SPDX-License-Identifier: GPL-2.0
/*
 * A guest that owns its debug registers: after the first access that exits KVM lets it
 * have all four until the next exit of any kind.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include "owner_x86_64.h"

#define ROUNDS		16
#define TRACEFS		"/sys/kernel/tracing"

/* Intel SDM vol. 3, 18.2.4: L0; L0, reads and writes of two bytes */
#define DR7_EXEC_0	0x401
#define DR7_RW_2_0	0x70401

static struct vm vm;
static struct vcpu vcpu;
static struct host host;

static void begin(void)
{
	host_begin(&host, 2, &vcpu, &vm);
}

static bool end(void)
{
	return host_end(&host, &vcpu);
}

/*
 * mov ss,[watched]; mov dr7,0: the #DB comes after the second, where the emulator knows
 * of that, and its bit of DR6 is true.
 */
bool case_shadow(void)
{
	struct kvm_sregs sregs;
	unsigned long n;

	begin();
	must_ioctl(vcpu.fd, KVM_GET_SREGS, &sregs, "KVM_GET_SREGS");
	arch_aim(&vcpu, (struct aim){ 0 }, vcpu.block->set);
	vcpu.block->set[0] = (uintptr_t)&vcpu.words->decoy[0];
	vcpu.block->set[7] = DR7_RW_2_0;
	vcpu.words->decoy[0].value = sregs.ss.selector;
	for (n = 0; n < exits / ROUNDS; n++) {
		guest_run(&vcpu, DO_SHADOW | DO_EXIT, ROUNDS);
		vcpu.expected[0] += ROUNDS;
		host_touch(&host, &vcpu);
	}
	return end();
}

/*
 * B1 may be set beside B0 (18.2.3), and emulators do: DR1 is the guest's as long as it
 * owns the registers, which an interrupt may end. Then DR1 may be the host's.
 */
bool case_same_address(void)
{
	uint64_t seen;
	unsigned long n;

	begin();
	arch_aim(&vcpu, (struct aim){ .exec = 1 }, vcpu.block->set);
	vcpu.block->set[1] = vcpu.block->set[0];
	vcpu.block->set[7] = DR7_EXEC_0;
	for (n = 0; n < exits / ROUNDS; n++) {
		guest_run(&vcpu, DO_SET | DO_CALL, ROUNDS);
		vcpu.expected[0] += ROUNDS;
		host_touch(&host, &vcpu);
	}
	seen = vcpu.block->hits[1];
	vcpu.block->hits[1] = 0;
	note("B1 beside B0: %llu of %llu", (unsigned long long)seen,
	     (unsigned long long)vcpu.expected[0]);
	return end() & (seen > 0 && seen <= vcpu.expected[0]);
}

/* ---- a debugger who comes between that exit and the next entry ---- */

static const struct aim guests = { .watch = 3 }, debuggers = { .watch = 4, .exec = 8 };

static void wake(int sig)
{
	(void)sig;
}

static int open_id(void)
{
	int fd = open(TRACEFS "/events/kvm/kvm_exit/id", O_RDONLY);

	if (fd >= 0)
		return fd;
	mkdir("/sys", 0755);
	mount("sysfs", "/sys", "sysfs", 0, NULL);
	mount("tracefs", TRACEFS, "tracefs", 0, NULL);
	return open(TRACEFS "/events/kvm/kvm_exit/id", O_RDONLY);
}

int owner_open_exits(void)
{
	struct f_owner_ex me = { F_OWNER_TID, gettid() };
	struct perf_event_attr attr = {
		.type = PERF_TYPE_TRACEPOINT, .size = sizeof(attr),
		.sample_period = 1, .wakeup_events = 1, .disabled = 1,
	};
	int fd = open_id();
	char id[16] = "";

	if (fd < 0 || read(fd, id, sizeof(id) - 1) <= 0)
		die("kvm:kvm_exit");
	close(fd);
	attr.config = strtoul(id, NULL, 10);
	fd = bp_open_attr(&attr, 0, -1);
	if (fd < 0 ||
	    mmap(NULL, 2 * 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0) == MAP_FAILED ||
	    fcntl(fd, F_SETFL, O_ASYNC | O_NONBLOCK) || fcntl(fd, F_SETSIG, SIGUSR1) ||
	    fcntl(fd, F_SETOWN_EX, &me))
		die("an event of exits");
	signal(SIGUSR1, wake);
	return fd;
}

static uint64_t guest_rip(const struct vcpu *v)
{
	struct kvm_regs regs;

	must_ioctl(v->fd, KVM_GET_REGS, &regs, "KVM_GET_REGS");
	return regs.rip;
}

/*
 * The guest's first exit was its first access of a debug register. Anything else may make
 * it exit before; then the round is finished.
 */
bool owner_stops(struct vcpu *v, int exits_fd, unsigned int command)
{
	int ret;

	v->block->command = command;
	v->block->rounds = 1;
	ioctl(exits_fd, PERF_EVENT_IOC_ENABLE, 0);
	ret = ioctl(v->fd, KVM_RUN, 0);
	ioctl(exits_fd, PERF_EVENT_IOC_DISABLE, 0);
	if (ret && guest_rip(v) == guest_address(v->vm, guest_reads))
		return true;
	if (ret)
		vcpu_run(v);
	guest_expect(v, command, 1);
	return false;
}

static bool stops_at(int slot)
{
	enum left left = vcpu_run(&vcpu);

	if (left == LEFT_BY_DEBUG && arch_debug_hit(&vcpu) == slot)
		return true;
	note("exit reason %u, and not at the debugger's %d", vcpu.run->exit_reason, slot);
	return false;
}

static void debug(unsigned int control)
{
	struct kvm_guest_debug arg = { .control = control };

	arch_debug_regs(&vcpu, debuggers, &arg);
	must_ioctl(vcpu.fd, KVM_SET_GUEST_DEBUG, &arg, "KVM_SET_GUEST_DEBUG");
}

/* Neither the guest nor KVM_GET_DEBUGREGS has the debugger's. */
static bool own_registers(void)
{
	uint64_t regs[REGISTERS];
	bool right = true;
	int i;

	arch_registers_of(&vcpu, regs);
	for (i = 0; i < REGISTERS; i++) {
		if (!(arch_registers >> i & 1) || (regs[i] == vcpu.block->set[i] &&
						   vcpu.block->read[i] == vcpu.block->set[i]))
			continue;
		note("register %d: the guest reads %#llx, KVM says %#llx", i,
		     (unsigned long long)vcpu.block->read[i], (unsigned long long)regs[i]);
		right = false;
	}
	return right;
}

static bool debugged_owner(void)
{
	bool right;

	debug(KVM_GUESTDBG_ENABLE | KVM_GUESTDBG_USE_HW);
	right = stops_at(2);
	host_touch(&host, &vcpu);
	right = right && stops_at(3);
	arch_step_over(&vcpu);
	right = right && vcpu_run(&vcpu) == LEFT_BY_GUEST && own_registers();
	debug(0);
	return right;
}

bool case_debug_owner(void)
{
	int exits_fd = owner_open_exits(), reached = 0, tries;
	bool right = true;

	begin();
	guest_aim(&vcpu, guests);
	for (tries = 0; right && reached < 20 && tries < 1000; tries++) {
		if (!owner_stops(&vcpu, exits_fd, DO_READ | DO_WRITE | DO_CALL | DO_EXIT))
			continue;
		reached++;
		right = debugged_owner();
	}
	close(exits_fd);
	note("the guest was about to own its registers in %d of %d tries", reached, tries);
	return end() & right & (reached == 20);
}
