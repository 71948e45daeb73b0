/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Pages of this process that somebody else in the kernel holds, so that they must stay where they are.
 * Failures end the case.
 */
#ifndef SPTEST_LIB_PIN_H
#define SPTEST_LIB_PIN_H

#include <stddef.h>

struct pin {
	int ring;	/* of io_uring; else -1 */
	int pipe[2];
};

/*
 * For good, as devices do DMA to them: a registered buffer of io_uring (FOLL_LONGTERM, FOLL_PIN). Skips
 * the case where there is no io_uring.
 */
void pin_by_io_uring(struct pin *pin, void *memory, size_t pages);

/* By a plain reference to each: pages in a pipe, by vmsplice(2). */
void pin_by_pipe(struct pin *pin, void *memory, size_t pages);

void pin_release(struct pin *pin);

#endif
