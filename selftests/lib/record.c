// SPDX-License-Identifier: GPL-2.0-only
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "lib/balance.h"
#include "lib/check.h"
#include "lib/clock.h"
#include "lib/exit.h"
#include "lib/mappings.h"
#include "lib/record.h"
#include "lib/timeline.h"
#include "lib/window.h"

#define KEPT 1024		/* of a case's events, the last */
#define MMS_MAX 4
#define LINES_BEFORE 22		/* of the first failure */
#define LINES_AFTER 8

static struct record {
	struct balance balance;
	pid_t owner;		/* the process that records its own events, and its mm */
	uint64_t owner_mm;
	uint64_t mms[MMS_MAX];
	unsigned int mm_count;
	atomic_uint count;	/* of all events; that of number n is in kept[n % KEPT] */
	struct event kept[KEPT];
} *record;

void record_init(void)
{
	record = mmap(NULL, sizeof(*record), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1,
		      0);
	if (record == MAP_FAILED) {
		perror("mmap of the memory for the events of a case");
		exit(EXIT_FAIL);
	}
}

void record_begin(void)
{
	record->balance.count = 0;
	record->mm_count = 0;
	record->owner = 0;
	atomic_store(&record->count, 0);
}

bool record_add_mm(uint64_t mm)
{
	if (record->mm_count == MMS_MAX)
		return false;
	record->mms[record->mm_count++] = mm;
	return true;
}

void record_set_owner(uint64_t mm)
{
	record->owner = getpid();
	record->owner_mm = mm;
}

bool record_has_mm(uint64_t mm)
{
	unsigned int i;

	for (i = 0; i < record->mm_count; i++)
		if (record->mms[i] == mm)
			return true;
	return false;
}

static void keep(const struct event *event)
{
	record->kept[atomic_fetch_add(&record->count, 1) % KEPT] = *event;
}

/* Of the owner only: the other processes of a case have VMs and addresses of their own. */
static void check_window(const struct event *event)
{
	struct event set = *event;
	char why[320];

	if (!record->owner || !mappings_resolve(&set, record->owner))
		return;
	set.mm = record->owner_mm;
	if (!window_allows(&record->balance, &set, why, sizeof(why)))
		expect(false, "%s", why);
}

void record_event(const struct event *event)
{
	char why[320];

	keep(event);
	if (event->kind == EVENT_SPTE_SET)
		check_window(event);
	if (!balance_event(&record->balance, event, why, sizeof(why)))
		expect(false, "%s", why);
}

void record_mark(enum event_kind kind, const char *text)
{
	struct event mark = { .kind = kind };

	if (!record)
		return;
	mark.us = clock_us();
	snprintf(mark.caller, sizeof(mark.caller), "%s", text);
	keep(&mark);
}

bool record_is_balanced(void)
{
	return !balance_unended(&record->balance);
}

void record_require_balance(void)
{
	const struct event *start = balance_unended(&record->balance);

	if (start)
		expect(false, "invalidation of %#lx-%#lx by %s was started and not ended", start->start,
		       start->end, start->caller);
}

static int compare_times(const void *a, const void *b)
{
	const struct event *one = a, *other = b;

	return one->us < other->us ? -1 : one->us > other->us;
}

/* Writes all lines, alike ones in a row as one and a count. Returns their number. */
static size_t write_lines(const struct event *list, size_t count, char (*lines)[TIMELINE_LINE],
			  size_t *failure)
{
	size_t i, told = 0, before = 0, used = 0, more = 0, last = 0;

	for (i = 0; i < count; last = i, before = told, i += told) {
		told = timeline_line(&list[i], count - i, list[0].us, lines[used]);
		if (list[i].kind == EVENT_FAILURE && *failure == SIZE_MAX)
			*failure = used;
		if (told != before || !timeline_alike(&list[last], &list[i])) {
			more = 0;
			used++;
			continue;
		}
		used += !more++;
		snprintf(lines[used - 1], TIMELINE_LINE, "%13s ... %zu more of the same", "", more);
	}
	return used;
}

static void print_lines(const struct event *list, size_t count)
{
	char (*lines)[TIMELINE_LINE] = calloc(count + 1, sizeof(*lines));
	size_t i, used, failure = SIZE_MAX, first;

	if (!lines)
		return;
	used = write_lines(list, count, lines, &failure);
	if (failure == SIZE_MAX)
		failure = used - 1;
	first = failure > LINES_BEFORE ? failure - LINES_BEFORE : 0;
	diag("what happened%s:", first ? ", just before" : "");
	for (i = first; i < used && i <= failure + LINES_AFTER; i++)
		diag("| %s", lines[i]);
	free(lines);
}

void record_print(void)
{
	size_t count = atomic_load(&record->count);

	if (count > KEPT)
		count = KEPT;
	if (!count)
		return;
	/* Marks are kept when they are made, events when they are read. */
	qsort(record->kept, count, sizeof(record->kept[0]), compare_times);
	print_lines(record->kept, count);
}
