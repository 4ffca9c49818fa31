/* SPDX-License-Identifier: GPL-2.0 */
/* Probes that perf counts, for the tests in this folder. */
#ifndef _SELFTEST_PROBE_H
#define _SELFTEST_PROBE_H

#include <elf.h>
#include <fcntl.h>
#include <link.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>

#include "bp.h"

/* Return: the number of perf's PMU, or a negative error. */
static inline int pmu_type(const char *name)
{
	char path[128];
	int type = -ENOENT;
	FILE *f;

	snprintf(path, sizeof(path), "/sys/bus/event_source/devices/%s/type", name);
	f = fopen(path, "r");
	if (!f)
		return -errno;
	if (fscanf(f, "%d", &type) != 1)
		type = -EINVAL;
	fclose(f);
	return type;
}

static inline int probe_open(const char *pmu, uint64_t config1, uint64_t config2, pid_t pid)
{
	struct perf_event_attr attr;
	int type = pmu_type(pmu);

	if (type < 0)
		return type;
	memset(&attr, 0, sizeof(attr));
	attr.size = sizeof(attr);
	attr.type = type;
	attr.config1 = config1;
	attr.config2 = config2;
	return bp_open_attr(&attr, pid, -1);
}

/* Where in its file is an address of this program's? It is static and not relocated. */
static inline int probe_offset(struct dl_phdr_info *info,
			       size_t size __attribute__((unused)), void *data)
{
	uint64_t *addr = data;
	int i;

	for (i = 0; i < info->dlpi_phnum; i++) {
		const ElfW(Phdr) * const p = &info->dlpi_phdr[i];
		uint64_t start = info->dlpi_addr + p->p_vaddr;

		if (p->p_type == PT_LOAD && *addr >= start && *addr < start + p->p_filesz) {
			*addr += p->p_offset - start;
			return 1;
		}
	}
	return 0;
}

/* A uprobe on an instruction of this program. Return: as bp_open_attr(). */
static inline int uprobe_open(const void *addr, pid_t pid)
{
	uint64_t offset = (uintptr_t)addr;

	if (dl_iterate_phdr(probe_offset, &offset) != 1)
		return -ENOENT;
	return probe_open("uprobe", (uintptr_t)"/proc/self/exe", offset, pid);
}

/* A kprobe. Return: as bp_open_attr(). */
static inline int kprobe_open(uint64_t addr, pid_t pid)
{
	return probe_open("kprobe", 0, addr, pid);
}

/* Breakpoints of a CPU, since some kernels allow none of a task in the kernel */
static inline int stay_on_cpu_0(void)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(0, &set);
	return sched_setaffinity(0, sizeof(set), &set);
}

/* Return: the address of a symbol of the kernel's, or 0. */
static inline uint64_t kernel_symbol(const char *name)
{
	char line[256], found[128];
	unsigned long long addr = 0;
	FILE *f = fopen("/proc/kallsyms", "r");

	while (f && fgets(line, sizeof(line), f)) {
		if (sscanf(line, "%llx %*c %127s", &addr, found) == 2 && !strcmp(found, name))
			break;
		addr = 0;
	}
	if (f)
		fclose(f);
	return addr;
}

#endif
