/* SPDX-License-Identifier: GPL-2.0-only */
/* What is done beside the director, by a process of its own that dies with it. */
#ifndef SPTEST_WORKLOAD_BACKGROUND_H
#define SPTEST_WORKLOAD_BACKGROUND_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* True: this is the process. */
bool background_start(pid_t *pid);

/* It has ended, or cannot die; *pid is 0 then, and may be before. */
void background_stop(pid_t *pid);

/* The same, but it has so many milliseconds to end by itself. */
void background_end(pid_t *pid, uint64_t ms);

#endif
