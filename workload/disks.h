/* SPDX-License-Identifier: GPL-2.0-only */
/* The disks that the runner gave to this machine, found by their serials. */
#ifndef SPTEST_WORKLOAD_DISKS_H
#define SPTEST_WORKLOAD_DISKS_H

struct disks {
	char *image, *scratch;	/* block devices */
};

/* Finds both, and mounts the image on GUEST_ROOT if it is not. -errno, with a line that says what is missing. */
int disks_find(struct disks *disks);
void disks_release(struct disks *disks);

#endif
