// SPDX-License-Identifier: GPL-2.0-only
#include "trace/tally.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

static bool counts(const struct event *event)
{
	return event->kind == EVENT_START || event->kind == EVENT_CLEAR_FLUSH_YOUNG ||
	       event->kind == EVENT_CLEAR_YOUNG || event->kind == EVENT_TEST_YOUNG;
}

void tally_event(struct tally *tally, const struct event *event)
{
	struct tally_line *lines;

	if (!counts(event))
		return;
	for (size_t i = 0; i < tally->count; i++) {
		const struct event *first = &tally->lines[i].event;

		if (first->kind != event->kind || first->notify != event->notify ||
		    strcmp(first->caller, event->caller))
			continue;
		tally->lines[i].count++;
		return;
	}
	lines = realloc(tally->lines, (tally->count + 1) * sizeof(*lines));
	if (!lines)
		return;
	lines[tally->count++] = (struct tally_line){ *event, 1 };
	tally->lines = lines;
}

static int compare(const void *a, const void *b)
{
	const struct tally_line *one = a, *other = b;

	return one->count > other->count ? -1 : one->count < other->count;
}

static const char *what(const struct event *event)
{
	switch (event->kind) {
	case EVENT_CLEAR_FLUSH_YOUNG:
		return "clear_flush_young";
	case EVENT_CLEAR_YOUNG:
		return "clear_young";
	case EVENT_TEST_YOUNG:
		return "test_young";
	default:
		return notify_name(event->notify);
	}
}

void tally_print(struct tally *tally, FILE *out)
{
	if (tally->count)
		qsort(tally->lines, tally->count, sizeof(*tally->lines), compare);
	for (size_t i = 0; i < tally->count; i++)
		fprintf(out, "%8zu %-17s by %s\n", tally->lines[i].count, what(&tally->lines[i].event),
			tally->lines[i].event.caller);
}

void tally_release(struct tally *tally)
{
	free(tally->lines);
	*tally = (struct tally){ 0 };
}
