/* SPDX-License-Identifier: GPL-2.0 */
/* A small VMM whose guests use breakpoints of their own: what its files share. */
#ifndef _KVM_VMM_H
#define _KVM_VMM_H

#include <linux/kvm.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "../bp.h"
#include "guest.h"

#define SLOTS		4	/* words, functions and registers of a guest */
#define REGISTERS	24	/* room for all debug registers of an architecture */
#define NOBODY		((pid_t)-1)

/* x86 and arm64 have different names for it */
#ifndef KVM_GUESTDBG_USE_HW
#define KVM_GUESTDBG_USE_HW	KVM_GUESTDBG_USE_HW_BP
#endif

/* What the headers of other kernels do not have */
#ifndef KVM_GUESTDBG_SHARE_HW
#define KVM_GUESTDBG_SHARE_HW	0x00000004
#define KVM_GUESTDBG_EXIT_REST	0x00000008
#define KVM_RUN_DEBUG_RESTED	(1 << 15)
#define KVM_RUN_DEBUG_RESTS	(1 << 14)
#define KVM_CAP_GET_GUEST_DEBUG	10121
#define KVM_CAP_GUEST_DEBUG_KEEP	10122
#define KVM_GET_GUEST_DEBUG	_IOR(KVMIO, 0x9b, struct kvm_guest_debug)
#endif

/* The first page of a vCPU's memory. */
struct block {
	volatile uint64_t command, rounds, total, fault;
	volatile uint64_t vmx, fields, vmx_exit, vmx_dr7;
	volatile uint64_t hits[8];
	volatile uint64_t set[REGISTERS], read[REGISTERS], again[REGISTERS];
	volatile uint64_t steps, leaks, broken;
};

struct word {
	volatile uint64_t value;
	uint64_t reserved[7];
};

/* The second one. The guest writes @word and @other, the kernel @decoy. */
struct words {
	struct word word[SLOTS], decoy[SLOTS], other;
};

/**
 * struct aim - what the guest does with its debug registers, one bit for each
 * @watch: watches the word of that number
 * @exec: breakpoint on the function of that number
 * @decoy: watches a word that is never written
 */
struct aim {
	unsigned int watch, exec, decoy;
};

/**
 * struct vm - a virtual machine
 * @kvm: /dev/kvm
 * @fd: the machine
 * @run_size: of the vCPUs' struct kvm_run
 * @ram: its memory, and that address in the guest
 */
struct vm {
	int	kvm;
	int	fd;
	size_t	run_size;
	uint8_t	*ram;
};

/**
 * struct vcpu - one of its CPUs
 * @vm: its machine
 * @fd: for KVM_RUN and the like
 * @run: what KVM_RUN says
 * @block: what the guest is told, and tells
 * @words: what the guest writes
 * @aim: what was in @block->set at the last DO_SET
 * @debugged: by KVM_SET_GUEST_DEBUG, so that those of its own are not hit
 * @expected: the hits the guest must have seen
 */
struct vcpu {
	struct vm	*vm;
	int		fd;
	struct kvm_run	*run;
	struct block	*block;
	struct words	*words;
	struct aim	aim;
	bool		debugged;
	uint64_t	expected[SLOTS];
};

#define HOST_MAX	4

/**
 * struct host - breakpoints of the host, of the thread that runs a vCPU
 * @own: words of the VMM's own, all in one page: see write_word()
 * @n: how many: none, 2 or 4
 * @fd: the events
 * @expected: the hits they must have counted
 */
struct host {
	struct words	own __attribute__((aligned(1024)));
	int		n;
	int		fd[HOST_MAX];
	uint64_t	expected[HOST_MAX];
};

/* Why KVM_RUN came back */
enum left { LEFT_BY_GUEST, LEFT_BY_DEBUG, LEFT_OTHERWISE };

/* guest_*.S */
extern const uint8_t guest_start[], guest_functions[], guest_handler[], guest_end[];
extern const uint8_t guest_reads[];	/* x86: its first access of a debug register, DO_READ */
extern const uint8_t guest_fault[], guest_fault_code[], guest_trap[];	/* x86: in DO_TRACE */

/* vm.c; what is wrong ends the program */
void __attribute__((noreturn)) die(const char *what);
void must_ioctl(int fd, unsigned long request, void *arg, const char *what);
void vm_create(struct vm *vm, int number);
void vm_destroy(struct vm *vm);
void vcpu_create(struct vcpu *vcpu, struct vm *vm, int number);
void vcpu_destroy(struct vcpu *vcpu);
enum left vcpu_run(struct vcpu *vcpu);
void vcpu_finish(struct vcpu *vcpu);
void vcpu_move(struct vcpu *vcpu);
uint64_t guest_address(const struct vm *vm, const uint8_t *label);
void guest_plan(struct vcpu *vcpu, struct aim aim);
void guest_aim(struct vcpu *vcpu, struct aim aim);
void guest_run(struct vcpu *vcpu, unsigned int command, unsigned int rounds);
void guest_expect(struct vcpu *vcpu, unsigned int command, unsigned int rounds);
bool guest_hits_right(struct vcpu *vcpu);

/* x86_64.c, arm64.c */
extern const unsigned long arch_registers;	/* which of block.set there are */
void arch_vm_init(struct vm *vm);
void arch_vcpu_init(struct vcpu *vcpu);
void arch_aim(const struct vcpu *vcpu, struct aim aim, volatile uint64_t *set);
void arch_registers_of(struct vcpu *vcpu, uint64_t *to);
bool arch_left_by_guest(const struct kvm_run *run);
void arch_debug_regs(const struct vcpu *vcpu, struct aim aim, struct kvm_guest_debug *debug);
/* Are the guest's own hit while a debugger has software breakpoints alone? */
bool arch_hit_while_debugged(void);
uint64_t arch_pc(struct vcpu *vcpu);
/* Which of the debugger's registers was hit: its number, or -1 */
int arch_debug_hit(struct vcpu *vcpu);
/* Go on behind a hit: on x86 a function's first instruction is skipped */
void arch_step_over(struct vcpu *vcpu);

/* state_*.c: what a VMM moves. Saved of one vCPU, and loaded into another one */
void arch_save(const struct vcpu *vcpu);
void arch_load(const struct vcpu *vcpu);

/* host.c */
extern bool host_counts_kernel;
void host_open(struct host *host, int n, const struct vcpu *vcpu, pid_t tid);
void host_touch(struct host *host, struct vcpu *vcpu);
bool host_hits_right(struct host *host);
void host_close(struct host *host);
void host_begin(struct host *host, int n, struct vcpu *vcpu, struct vm *vm);
bool host_end(struct host *host, struct vcpu *vcpu);
int host_open_cpu(struct word *word, int cpu);
int host_open_kernel(struct word *word, pid_t tid);
uint64_t host_count(int fd);
void host_catch_strays(void);
bool host_no_strays(void);

/* The cases; each says what is wrong and returns whether all was right */
extern unsigned long exits, many;
bool case_nothing(void);
bool case_host_2(void);
bool case_host_4(void);
bool case_change(void);
bool case_read_back(void);
bool case_read_nothing(void);
bool case_kernel(void);
bool case_kernel_2(void);
bool case_kernel_comes(void);
bool case_nested(void);
bool case_nested_host(void);
bool case_nested_debug(void);
bool case_nested_loaded(void);
bool case_debug_owner(void);
bool case_shadow(void);
bool case_same_address(void);
bool case_debug_hardware(void);
bool case_debug_step(void);
bool case_debug_software(void);
bool case_migrate(void);
bool case_share(void);
bool case_churn(void);
bool case_bad_input(void);
bool case_together(void);
bool case_together_host(void);
bool case_together_told(void);
bool case_together_step(void);
bool case_together_software(void);
bool case_together_refused(void);
bool case_together_unasked(void);
bool case_together_waits(void);
bool case_together_masked(void);
bool case_together_steps(void);
bool case_together_steps_moved(void);
bool case_together_both_step(void);
bool case_together_nested(void);
bool case_together_read(void);
bool case_together_moved(void);
bool case_together_moment(void);
bool case_together_nested_moved(void);
bool case_both_step(void);
bool case_both_step_moved(void);
bool case_both_step_nested(void);
bool case_kept(void);

/* For the demonstration: not before the file @go is there */
bool show(const char *go);

#define note(fmt, ...)	printf("# " fmt "\n", ##__VA_ARGS__)

#endif
