/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A disk that is there to be overwritten: a virtio-blk disk whose serial number says so. sptest gives
 * its machines one; no other disk is ever touched.
 */
#ifndef SPTEST_LIB_SCRATCH_DISK_H
#define SPTEST_LIB_SCRATCH_DISK_H

#include <stdbool.h>
#include <stddef.h>

#define SCRATCH_DISK_SERIAL "sptest-scratch"

/* device gets its /dev path; false: there is none. */
bool scratch_disk_find(char *device, size_t size);

#endif
