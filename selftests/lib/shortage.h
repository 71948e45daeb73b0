/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Making the kernel's own allocations for this process fail with ENOMEM, without fault injection: in a
 * memory cgroup at its limit of which the OOM killer may take nobody. Failures end the case, whose test
 * must expect the messages SHORTAGE_MESSAGES.
 */
#ifndef SPTEST_LIB_SHORTAGE_H
#define SPTEST_LIB_SHORTAGE_H

#include <stddef.h>

#define SHORTAGE_MESSAGES "invoked oom-killer: ", "Out of memory and no killable processes", \
	"vmalloc error: size "

/* Enters the cgroup, before the memory in question is allocated. Skips the case where there is none. */
void shortage_prepare(void);

/*
 * From now on, and until shortage_end(), this process gets no more than `left` bytes. Between the two
 * stands nothing but the system call that shall fail, which must have been made before without a
 * shortage: a page fault that needs memory would be tried again for ever.
 */
void shortage_begin(size_t left);
void shortage_end(void);

#endif
