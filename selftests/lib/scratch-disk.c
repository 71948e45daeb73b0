// SPDX-License-Identifier: GPL-2.0-only
#include <glob.h>
#include <stdio.h>
#include <string.h>

#include "lib/scratch-disk.h"
#include "lib/sysfile.h"

#define BLOCK "/sys/block/"

bool scratch_disk_find(char *device, size_t size)
{
	bool found = false;
	char serial[64];
	glob_t disks;

	if (glob(BLOCK "vd*/serial", 0, NULL, &disks))
		return false;
	for (size_t i = 0; i < disks.gl_pathc && !found; i++) {
		const char *name = disks.gl_pathv[i] + strlen(BLOCK);

		found = sysfile_read(disks.gl_pathv[i], serial, sizeof(serial)) > 0 &&
			!strcmp(serial, SCRATCH_DISK_SERIAL);
		if (found)
			snprintf(device, size, "/dev/%.*s", (int)strcspn(name, "/"), name);
	}
	globfree(&disks);
	return found;
}
