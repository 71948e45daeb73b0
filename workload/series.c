// SPDX-License-Identifier: GPL-2.0-only
#include "workload/series.h"

#include <stdio.h>
#include <stdlib.h>

#include "host/die.h"
#include "workload/figure.h"
#include "workload/sample.h"

#define ROWS 40		/* of a course, at most */

void series_add(struct series *series, uint64_t beat_locked, uint64_t beat_swappable)
{
	const struct sample *last = series_last(series);
	const uint64_t locked = last ? last->beat_locked : 0, swappable = last ? last->beat_swappable : 0;
	struct sample *sample;

	series->samples = xrealloc(series->samples, (series->count + 1) * sizeof(*series->samples));
	sample = &series->samples[series->count++];
	sample_take(sample);
	/* It may seem to go back while a guest is migrated (workload/move-qemu.c). */
	sample->beat_locked = beat_locked > locked ? beat_locked : locked;
	sample->beat_swappable = beat_swappable > swappable ? beat_swappable : swappable;
}

enum progress series_judge(const struct series *series, const struct detector *detector)
{
	return detector_judge(detector, series->samples, series->count);
}

const struct sample *series_last(const struct series *series)
{
	return series->count ? &series->samples[series->count - 1] : NULL;
}

double series_beats_per_second(const struct series *series, uint64_t ms)
{
	const struct sample *to = series_last(series), *from = to;

	while (from && from > series->samples && to->ms - from->ms < ms)
		from--;
	if (!from || from->ms == to->ms)
		return 0;
	return (to->beat_swappable - from->beat_swappable) * 1000.0 / (to->ms - from->ms);
}

void series_print(const struct series *series, FILE *out)
{
	const struct sample *to = series_last(series), *from = series->samples;
	double seconds;

	if (!to)
		return;
	seconds = (to->ms - from->ms) / 1000.0;
	figure(out, "seconds", seconds, "s", true);
	figure(out, "beats_locked", to->beat_locked - from->beat_locked, "beats", false);
	figure(out, "beats_swappable", to->beat_swappable - from->beat_swappable, "beats", false);
	if (seconds > 0)
		figure(out, "beats_per_s", (to->beat_swappable - from->beat_swappable) / seconds, "1/s", false);
	figure(out, "faults", to->faults - from->faults, "faults", true);
	figure(out, "major_faults", to->major_faults - from->major_faults, "faults", true);
	figure(out, "swapped_in", to->swap_in - from->swap_in, "pages", true);
	figure(out, "swapped_out", to->swap_out - from->swap_out, "pages", true);
	figure(out, "refaulted", to->refaulted - from->refaulted, "pages", true);
	figure(out, "scanned", to->scanned - from->scanned, "pages", true);
	figure(out, "oom_kills", to->oom_kills - from->oom_kills, "kills", true);
	if (to->pressure) {
		figure(out, "some_stalled", (to->some_us - from->some_us) / 1e6, "s", true);
		figure(out, "all_stalled", (to->full_us - from->full_us) / 1e6, "s", true);
	}
}

static void print_row(const struct sample *start, const struct sample *from, const struct sample *to, FILE *out)
{
	fprintf(out, "# | %7.1f %7ju %9ju %9ju %8ju %9ju %9ju %7ju %7ju %7ju\n", (to->ms - start->ms) / 1000.0,
		(uintmax_t)(to->beat_locked - from->beat_locked), (uintmax_t)(to->beat_swappable - from->beat_swappable),
		(uintmax_t)(to->swap_out - from->swap_out), (uintmax_t)(to->swap_in - from->swap_in),
		(uintmax_t)(to->scanned - from->scanned), (uintmax_t)(to->refaulted - from->refaulted),
		(uintmax_t)(to->busy_ms - from->busy_ms), (uintmax_t)(to->some_us - from->some_us) / 1000,
		(uintmax_t)(to->full_us - from->full_us) / 1000);
}

void series_print_course(const struct series *series, FILE *out)
{
	const size_t step = (series->count + ROWS - 1) / ROWS, last = series->count - 1;
	size_t from = 0;

	if (series->count < 2)
		return;
	fprintf(out, "# | %7s %7s %9s %9s %8s %9s %9s %7s %7s %7s\n", "s", "locked", "swappable", "swap out", "swap in",
		"scanned", "refaults", "busy ms", "some ms", "full ms");
	while (from < last) {
		const size_t to = from + step < last ? from + step : last;

		print_row(series->samples, &series->samples[from], &series->samples[to], out);
		from = to;
	}
}

void series_free(struct series *series)
{
	free(series->samples);
	*series = (struct series){ 0 };
}
