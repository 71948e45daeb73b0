/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The disk of workloads: QEMU and its firmware for the host machine, programs for its Linux guests, and what
 * they boot from. Host machine and guests read the same disk.
 */
#ifndef SPTEST_GUEST_DISK_H
#define SPTEST_GUEST_DISK_H

#include "machine.h"

/*
 * Writes it into the cache unless it is there, and fills config->disk, initrd and guest_kernel. kernel: the guests'.
 * Dies (STATUS_USAGE) if a program is missing here, (STATUS_HARNESS) if the disk cannot be written.
 */
void guest_disk_write(struct machine_config *config, const struct kernel *kernel);

#endif
