/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * One allocation of the kernel that fails, on kernels built with fault injection
 * (Documentation/fault-injection in the kernel's tree). Failures end the case.
 */
#ifndef SPTEST_LIB_FAULT_INJECTION_H
#define SPTEST_LIB_FAULT_INJECTION_H

#include <stdbool.h>
#include <sys/types.h>

/* For the needs of a test. */
#define FAULT_INJECTION_FILES "/proc/self/fail-nth", \
	"/sys/kernel/debug/failslab/ignore-gfp-wait", \
	"/sys/kernel/debug/fail_page_alloc/ignore-gfp-wait"

/* From now on any allocation that may fail can be chosen, of pages or from slab caches; nothing is logged. */
void fault_injection_prepare(void);

/*
 * The n-th such allocation, from 1 on, fails that the thread makes from now on; 0 is the calling thread,
 * else the pid of another one, such as a kernel thread's. One thread at a time.
 */
void fault_injection_arm(pid_t thread, unsigned int n);

/* The end of that. True: an allocation has failed; false: there were fewer than n. */
bool fault_injection_disarm(void);

#endif
