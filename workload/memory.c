// SPDX-License-Identifier: GPL-2.0-only
#include "workload/memory.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/die.h"
#include "host/path.h"

/* "START-END PERM ...", proc(5) */
bool memory_find(struct memory *memory, pid_t pid)
{
	char *path = xasprintf("/proc/%d/maps", pid), *text = file_read(path, NULL), *rest = text, *line, perm[5];
	unsigned long start, end;

	*memory = (struct memory){ 0 };
	while (text && (line = strsep(&rest, "\n")))
		if (sscanf(line, "%lx-%lx %4s", &start, &end, perm) == 3 && perm[1] == 'w' &&
		    end - start > memory->end - memory->start)
			*memory = (struct memory){ start, end };
	free(text);
	free(path);
	return memory->end;
}
