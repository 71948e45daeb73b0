/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Does a guest get on while its host is short of memory? Judged from a series of samples alone, so that a recorded
 * series can be judged again. Hung-task detection is not enough: it skips killable waits, which most waits for
 * pages are (kernel/hung_task.c, check_hung_uninterruptible_tasks()).
 */
#ifndef SPTEST_WORKLOAD_DETECTOR_H
#define SPTEST_WORKLOAD_DETECTOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum progress {
	PROGRESS_OK,		/* both heartbeats move */
	PROGRESS_SLOW,		/* they do, but seldom */
	PROGRESS_THRASH,	/* a heartbeat stands still while pages move */
	PROGRESS_LIVELOCK,	/* nor do pages, but CPUs are busy */
	PROGRESS_DEADLOCK,	/* nothing moves at all */
	PROGRESS_OOM,		/* the kernel killed for memory */
};

struct sample {
	uint64_t ms;			/* when, of any clock that goes on */
	uint64_t beat_locked;		/* counter in a page that the host cannot swap */
	uint64_t beat_swappable;	/* and in one that it can */
	uint64_t swap_in, swap_out;	/* pages since boot */
	uint64_t scanned, refaulted;	/* pages since boot */
	uint64_t oom_kills;		/* since boot */
	uint64_t busy_ms;		/* of all CPUs together, since boot */
	uint64_t faults, major_faults;	/* since boot */
	bool pressure;			/* the kernel has PSI: */
	uint64_t some_us, full_us;	/* a task waited for memory, all of them did; since boot */
};

struct detector {
	uint64_t window_ms;	/* this long without a heartbeat is a stall */
	uint64_t beat_ms;	/* a beat is meant to come so often */
};

/*
 * Of the last window of the series, and without a heartbeat in it by what moved in its second half; before a window has
 * passed nothing but OOM is found.
 */
enum progress detector_judge(const struct detector *detector, const struct sample *series, size_t count);

const char *progress_name(enum progress progress);

/* The same for who does not know the words. */
const char *progress_text(enum progress progress);

#endif
