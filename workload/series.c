// SPDX-License-Identifier: GPL-2.0-only
#include "workload/series.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "host/die.h"
#include "workload/sample.h"

void series_add(struct series *series, uint64_t beat_locked, uint64_t beat_swappable)
{
	struct sample *sample;

	series->samples = xrealloc(series->samples, (series->count + 1) * sizeof(*series->samples));
	sample = &series->samples[series->count++];
	sample_take(sample);
	sample->beat_locked = beat_locked;
	sample->beat_swappable = beat_swappable;
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

void series_print(const struct series *series)
{
	const struct sample *to = series_last(series), *from = series->samples;

	if (!to)
		return;
	printf("# figure seconds %.1f\n", (to->ms - from->ms) / 1000.0);
	printf("# figure beats_locked %" PRIu64 "\n", to->beat_locked);
	printf("# figure beats_swappable %" PRIu64 "\n", to->beat_swappable);
	printf("# figure swapped_in %" PRIu64 "\n", to->swap_in);
	printf("# figure swapped_out %" PRIu64 "\n", to->swap_out);
	printf("# figure refaulted %" PRIu64 "\n", to->refaulted);
	printf("# figure scanned %" PRIu64 "\n", to->scanned);
	printf("# figure oom_kills %" PRIu64 "\n", to->oom_kills);
	printf("# figure stalled_ms %" PRIu64 "\n", (to->stalled_us - from->stalled_us) / 1000);
}

void series_free(struct series *series)
{
	free(series->samples);
	*series = (struct series){ 0 };
}
