/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Automatic NUMA balancing, which takes the rights from pages to see who touches them. Failures end the
 * case.
 */
#ifndef SPTEST_LIB_NUMA_SCAN_H
#define SPTEST_LIB_NUMA_SCAN_H

#define NUMA_BALANCING "/proc/sys/kernel/numa_balancing"

/*
 * Returns when the kernel went over all memory of this process, and it goes over none from then on. Skips
 * where that cannot be seen.
 */
void numa_scan(void);

#endif
