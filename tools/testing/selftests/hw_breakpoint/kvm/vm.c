// SPDX-License-Identifier: GPL-2.0
/* A virtual machine, its vCPUs and its memory. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mman.h>

#include "vmm.h"

_Static_assert(offsetof(struct block, vmx) == BLOCK_VMX, "vmx");
_Static_assert(offsetof(struct block, steps) == BLOCK_STEPS, "steps");
_Static_assert(offsetof(struct block, leaks) == BLOCK_LEAKS, "leaks");
_Static_assert(offsetof(struct block, broken) == BLOCK_BROKEN, "broken");
_Static_assert(offsetof(struct block, vmx_dr7) == BLOCK_VMX_DR7, "vmx_dr7");
_Static_assert(offsetof(struct block, hits) == BLOCK_HITS, "hits");
_Static_assert(offsetof(struct block, set) == BLOCK_SET, "set");
_Static_assert(offsetof(struct block, read) == BLOCK_READ, "read");
_Static_assert(offsetof(struct block, again) == BLOCK_AGAIN, "again");
_Static_assert(offsetof(struct words, decoy) == WORDS_DECOY, "decoy");
_Static_assert(offsetof(struct words, other) == WORDS_OTHER, "other");
_Static_assert(sizeof(struct word) == 1 << WORD_SHIFT, "word");
_Static_assert(sizeof(struct words) <= 1024, "words");

void die(const char *what)
{
	printf("Bail out! %s: %s\n", what, strerror(errno));
	exit(1);
}

void must_ioctl(int fd, unsigned long request, void *arg, const char *what)
{
	if (ioctl(fd, request, arg) < 0)
		die(what);
}

static int must_create(int fd, unsigned long request, unsigned long arg, const char *what)
{
	int created = ioctl(fd, request, arg);

	if (created < 0)
		die(what);
	return created;
}

static uint8_t *map_ram(int number)
{
	void *at = (void *)(uintptr_t)(RAM_BASE + number * RAM_STRIDE);
	uint8_t *ram = mmap(at, RAM_SIZE, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);

	if (ram != at)
		die("guest's memory");
	memcpy(ram + RAM_CODE, guest_start, guest_end - guest_start);
	__builtin___clear_cache((char *)ram, (char *)ram + RAM_SIZE);
	return ram;
}

static void open_vm(struct vm *vm)
{
	uintptr_t address = (uintptr_t)vm->ram;
	struct kvm_userspace_memory_region region = {
		.memory_size = RAM_SIZE, .guest_phys_addr = address, .userspace_addr = address,
	};

	vm->kvm = open("/dev/kvm", O_RDWR | O_CLOEXEC);
	if (vm->kvm < 0)
		die("/dev/kvm");
	vm->fd = must_create(vm->kvm, KVM_CREATE_VM, 0, "KVM_CREATE_VM");
	vm->run_size = must_create(vm->kvm, KVM_GET_VCPU_MMAP_SIZE, 0, "struct kvm_run");
	arch_vm_init(vm);
	must_ioctl(vm->fd, KVM_SET_USER_MEMORY_REGION, &region, "KVM_SET_USER_MEMORY_REGION");
}

static void close_vm(struct vm *vm)
{
	close(vm->fd);
	close(vm->kvm);
}

/* @number: of those that live at the same time */
void vm_create(struct vm *vm, int number)
{
	vm->ram = map_ram(number);
	open_vm(vm);
}

void vm_destroy(struct vm *vm)
{
	close_vm(vm);
	munmap(vm->ram, RAM_SIZE);
}

static void open_vcpu(struct vcpu *vcpu, int number)
{
	vcpu->fd = must_create(vcpu->vm->fd, KVM_CREATE_VCPU, number, "KVM_CREATE_VCPU");
	vcpu->run = mmap(NULL, vcpu->vm->run_size, PROT_READ | PROT_WRITE, MAP_SHARED, vcpu->fd, 0);
	if (vcpu->run == MAP_FAILED)
		die("struct kvm_run");
	arch_vcpu_init(vcpu);
}

void vcpu_create(struct vcpu *vcpu, struct vm *vm, int number)
{
	uint8_t *area = vm->ram + RAM_VCPUS + number * VCPU_STRIDE;

	memset(vcpu, 0, sizeof(*vcpu));
	vcpu->vm = vm;
	vcpu->block = (struct block *)area;
	vcpu->words = (struct words *)(area + BLOCK_WORDS);
	open_vcpu(vcpu, number);
}

void vcpu_destroy(struct vcpu *vcpu)
{
	munmap(vcpu->run, vcpu->vm->run_size);
	close(vcpu->fd);
}

uint64_t guest_address(const struct vm *vm, const uint8_t *label)
{
	return (uintptr_t)vm->ram + RAM_CODE + (label - guest_start);
}

enum left vcpu_run(struct vcpu *vcpu)
{
	while (ioctl(vcpu->fd, KVM_RUN, 0) < 0) {
		if (errno != EINTR && errno != EAGAIN)
			die("KVM_RUN");
	}
	if (arch_left_by_guest(vcpu->run))
		return LEFT_BY_GUEST;
	return vcpu->run->exit_reason == KVM_EXIT_DEBUG ? LEFT_BY_DEBUG : LEFT_OTHERWISE;
}

/* What it has left for is over then, as the API's document says of what is moved. */
void vcpu_finish(struct vcpu *vcpu)
{
	vcpu->run->immediate_exit = 1;
	if (!ioctl(vcpu->fd, KVM_RUN, 0) || errno != EINTR)
		die("KVM_RUN that ends at once");
	vcpu->run->immediate_exit = 0;
}

/*
 * To a new machine, with the memory of the old one, which is no more. All that the guest has goes
 * there, and nothing that a debugger has set. For the only vCPU of a machine.
 */
void vcpu_move(struct vcpu *vcpu)
{
	struct vm old_vm = *vcpu->vm;
	struct vcpu old = *vcpu;

	vcpu_finish(vcpu);
	arch_save(vcpu);
	open_vm(vcpu->vm);
	open_vcpu(vcpu, 0);
	arch_load(vcpu);
	vcpu_destroy(&old);
	close_vm(&old_vm);
}

/* The next DO_SET will load it. */
void guest_plan(struct vcpu *vcpu, struct aim aim)
{
	arch_aim(vcpu, aim, vcpu->block->set);
	vcpu->aim = aim;
}

void guest_aim(struct vcpu *vcpu, struct aim aim)
{
	guest_plan(vcpu, aim);
	guest_run(vcpu, DO_SET, 1);
}

/* @rounds will be made with, or have been made with, the present aim. */
void guest_expect(struct vcpu *vcpu, unsigned int command, unsigned int rounds)
{
	unsigned int hit = 0, i;

	if (command & DO_WRITE)
		hit |= vcpu->aim.watch;
	if (command & DO_CALL)
		hit |= vcpu->aim.exec;
	for (i = 0; i < SLOTS; i++) {
		if (hit >> i & 1 && !vcpu->debugged)
			vcpu->expected[i] += rounds;
	}
}

void guest_run(struct vcpu *vcpu, unsigned int command, unsigned int rounds)
{
	uint64_t total = vcpu->block->total + rounds;

	vcpu->block->command = command;
	vcpu->block->rounds = rounds;
	guest_expect(vcpu, command, rounds);
	errno = 0;
	if (vcpu_run(vcpu) != LEFT_BY_GUEST || vcpu->block->fault ||
	    vcpu->block->total != total) {
		note("exit reason %u, fault %#llx, %llu rounds and not %llu",
		     vcpu->run->exit_reason, (unsigned long long)vcpu->block->fault,
		     (unsigned long long)vcpu->block->total, (unsigned long long)total);
		die("the guest is lost");
	}
}

bool guest_hits_right(struct vcpu *vcpu)
{
	bool right = true;
	int i;

	for (i = 0; i < SLOTS; i++) {
		if (vcpu->block->hits[i] == vcpu->expected[i])
			continue;
		note("the guest's %d: %llu hits, expected %llu", i,
		     (unsigned long long)vcpu->block->hits[i],
		     (unsigned long long)vcpu->expected[i]);
		right = false;
	}
	return right;
}
