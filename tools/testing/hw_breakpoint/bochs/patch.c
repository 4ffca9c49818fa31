// SPDX-License-Identifier: GPL-2.0
/* Replaces functions of a bochs-bin that exports its symbols, as Debian's does. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "patch.h"

void *must_find(const char *symbol)
{
	void *found = dlsym(RTLD_DEFAULT, symbol);

	if (!found) {
		fprintf(stderr, "bochs: this Bochs has no %s\n", symbol);
		exit(3);
	}
	return found;
}

/* mov $to, %rax; jmp *%rax */
void redirect(void *from, void *to)
{
	uintptr_t page = (uintptr_t)from & ~4095ul, target = (uintptr_t)to;
	uint8_t code[12] = { 0x48, 0xb8, [10] = 0xff, 0xe0 };

	memcpy(code + 2, &target, sizeof(target));
	if (mprotect((void *)page, 8192, PROT_READ | PROT_WRITE | PROT_EXEC)) {
		perror("bochs: mprotect");
		exit(3);
	}
	memcpy(from, code, sizeof(code));
}
