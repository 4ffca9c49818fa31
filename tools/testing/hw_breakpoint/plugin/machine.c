// SPDX-License-Identifier: GPL-2.0
/* Which guest it is, and what the plugin was told. */
#include <string.h>

#include "machine.h"

const struct machine *find_machine(const char *target)
{
	if (!strcmp(target, machine_x86_64.target))
		return &machine_x86_64;
	return strcmp(target, machine_arm64.target) ? NULL : &machine_arm64;
}

const char *argument(int argc, char **argv, const char *key)
{
	size_t size = strlen(key);
	int i;

	for (i = 0; i < argc; i++)
		if (!strncmp(argv[i], key, size) && argv[i][size] == '=')
			return argv[i] + size + 1;
	return NULL;
}
