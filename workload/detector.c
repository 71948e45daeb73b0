// SPDX-License-Identifier: GPL-2.0-only
#include "workload/detector.h"

/* Fewer than one beat in so many that were meant to come is slow. */
#define SLOW_FACTOR 10
/* Of one CPU's time; a machine where nothing moves is idle but for its timers. */
#define BUSY_PERCENT 50

static uint64_t smaller(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

/* The last sample that is so much older than the newest; NULL: there is none. */
static const struct sample *sample_before(const struct sample *series, size_t count, uint64_t ms)
{
	for (size_t i = count; i-- > 0;)
		if (series[count - 1].ms - series[i].ms >= ms)
			return &series[i];
	return NULL;
}

static enum progress judge_stall(const struct sample *from, const struct sample *to)
{
	if (to->swap_in != from->swap_in || to->swap_out != from->swap_out ||
	    to->scanned != from->scanned || to->refaulted != from->refaulted)
		return PROGRESS_THRASH;
	if ((to->busy_ms - from->busy_ms) * 100 >= (to->ms - from->ms) * BUSY_PERCENT)
		return PROGRESS_LIVELOCK;
	return PROGRESS_DEADLOCK;
}

enum progress detector_judge(const struct detector *detector, const struct sample *series, size_t count)
{
	const struct sample *from, *middle, *to;
	uint64_t beats;

	if (!count)
		return PROGRESS_OK;
	to = &series[count - 1];
	if (to->oom_kills != series[0].oom_kills)
		return PROGRESS_OOM;
	from = sample_before(series, count, detector->window_ms);
	middle = sample_before(series, count, detector->window_ms / 2);
	if (!from || !middle)
		return PROGRESS_OK;
	beats = smaller(to->beat_locked - from->beat_locked, to->beat_swappable - from->beat_swappable);
	if (!beats)	/* what else moves now: a deadlock comes after much has moved */
		return judge_stall(middle, to);
	return beats * detector->beat_ms * SLOW_FACTOR < to->ms - from->ms ? PROGRESS_SLOW : PROGRESS_OK;
}

const char *progress_name(enum progress progress)
{
	static const char *const names[] = {
		[PROGRESS_OK] = "ok", [PROGRESS_SLOW] = "slow", [PROGRESS_THRASH] = "thrash",
		[PROGRESS_LIVELOCK] = "livelock", [PROGRESS_DEADLOCK] = "deadlock", [PROGRESS_OOM] = "oom",
	};

	return names[progress];
}

const char *progress_text(enum progress progress)
{
	static const char *const texts[] = {
		[PROGRESS_OK] = "its heart beats", [PROGRESS_SLOW] = "its heart beats seldom",
		[PROGRESS_THRASH] = "no heartbeat, though pages move",
		[PROGRESS_LIVELOCK] = "no heartbeat, and no page moves, but CPUs are busy",
		[PROGRESS_DEADLOCK] = "no heartbeat, and nothing else moves",
		[PROGRESS_OOM] = "the host kernel killed a process for memory",
	};

	return texts[progress];
}
