/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A block device of the test's own over the scratch disk, by the device mapper: it can be told to fail
 * and to stand still. Needs the module dm_mod. Failures end the case.
 */
#ifndef SPTEST_LIB_DM_H
#define SPTEST_LIB_DM_H

#include <stdbool.h>
#include <stdint.h>

#define DM_CONTROL "/sys/class/misc/device-mapper"	/* for a test's needs: it is there */

struct dm {
	char name[32];
	char path[32];		/* in /dev */
	char disk[64];		/* below it */
	uint64_t pages;		/* of 4 KiB */
};

/* Skips where there is no scratch disk. Gone at the end of the case. */
void dm_create(struct dm *dm, unsigned int mib);

/* From now on reads and writes of these pages of the device are I/O errors. */
void dm_break(const struct dm *dm, uint64_t first, uint64_t count);
void dm_mend(const struct dm *dm);

/* What is asked of the device waits until it goes on, which it also does at the end of the case. */
void dm_stop(const struct dm *dm);
void dm_go_on(const struct dm *dm);

/* For the keeper: 0 or -errno. */
int dm_undo_stop(const char *name);
int dm_undo_create(const char *name);

#endif
