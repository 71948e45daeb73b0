// SPDX-License-Identifier: GPL-2.0-only
#include "unit.h"

#include "workload/detector.h"

#define SECONDS 60
#define WINDOW_MS 20000

static const struct detector detector = { .window_ms = WINDOW_MS, .beat_ms = 100 };

/* What goes on in a second; a series is so many of them. */
struct second {
	unsigned int locked, swappable;		/* beats */
	unsigned int swapped, scanned, refaulted;	/* pages */
	unsigned int busy_ms;
};

static const struct second healthy = { .locked = 10, .swappable = 10, .swapped = 500, .scanned = 900,
				       .refaulted = 400, .busy_ms = 1500 };

static void add(struct sample *series, size_t count, const struct second *second)
{
	const struct sample *last = &series[count - 1];

	series[count] = *last;
	series[count].ms += 1000;
	series[count].beat_locked += second->locked;
	series[count].beat_swappable += second->swappable;
	series[count].swap_in += second->swapped;
	series[count].swap_out += second->swapped;
	series[count].scanned += second->scanned;
	series[count].refaulted += second->refaulted;
	series[count].busy_ms += second->busy_ms;
}

/* A healthy half, then such seconds. */
static enum progress after(const struct second *second)
{
	struct sample series[SECONDS] = { { .ms = 5000, .oom_kills = 3 } };

	for (size_t i = 1; i < SECONDS; i++)
		add(series, i, i < SECONDS / 2 ? &healthy : second);
	return detector_judge(&detector, series, SECONDS);
}

static void a_guest_that_gets_on_is_ok(void **state)
{
	(void)state;
	assert_int_equal(after(&healthy), PROGRESS_OK);
}

static void few_beats_are_slow(void **state)
{
	const struct second seldom = { .locked = 1, .swappable = 1, .swapped = 500, .busy_ms = 2000 };
	struct sample series[SECONDS] = { { 0 } };

	(void)state;
	for (size_t i = 1; i < SECONDS; i++)	/* one beat in two seconds */
		add(series, i, i % 2 ? &seldom : &(const struct second){ .busy_ms = 2000 });
	assert_int_equal(detector_judge(&detector, series, SECONDS), PROGRESS_SLOW);
}

static void no_beat_while_pages_move_is_thrashing(void **state)
{
	(void)state;
	assert_int_equal(after(&(struct second){ .swapped = 1 }), PROGRESS_THRASH);
	assert_int_equal(after(&(struct second){ .scanned = 1 }), PROGRESS_THRASH);
	assert_int_equal(after(&(struct second){ .refaulted = 1 }), PROGRESS_THRASH);
}

static void no_beat_and_busy_cpus_are_a_livelock(void **state)
{
	(void)state;
	assert_int_equal(after(&(struct second){ .busy_ms = 1000 }), PROGRESS_LIVELOCK);
}

static void nothing_at_all_is_a_deadlock(void **state)
{
	(void)state;
	assert_int_equal(after(&(struct second){ 0 }), PROGRESS_DEADLOCK);
	assert_int_equal(after(&(struct second){ .busy_ms = 20 }), PROGRESS_DEADLOCK);
}

/* The heart stands still at once, pages move for a third of the window, then nothing does. */
static void what_moved_before_does_not_count(void **state)
{
	struct sample series[WINDOW_MS / 1000 + 1] = { { .ms = 5000 } };
	const size_t count = sizeof(series) / sizeof(series[0]);

	(void)state;
	for (size_t i = 1; i < count; i++)
		add(series, i, i < count / 3 ? &(struct second){ .swapped = 90, .scanned = 400, .busy_ms = 900 } :
					       &(struct second){ .busy_ms = 20 });
	assert_int_equal(detector_judge(&detector, series, count), PROGRESS_DEADLOCK);
	series[count - 1].scanned++;
	assert_int_equal(detector_judge(&detector, series, count), PROGRESS_THRASH);
}

/* The guest runs, but not where it needs a page of the host's swap. */
static void one_heartbeat_is_not_enough(void **state)
{
	(void)state;
	assert_int_equal(after(&(struct second){ .locked = 10 }), PROGRESS_DEADLOCK);
	assert_int_equal(after(&(struct second){ .locked = 10, .swapped = 9 }), PROGRESS_THRASH);
	assert_int_equal(after(&(struct second){ .locked = 10, .busy_ms = 900 }), PROGRESS_LIVELOCK);
}

static void a_kill_for_memory_is_oom_whatever_else(void **state)
{
	struct sample series[SECONDS] = { { .oom_kills = 3 } };

	(void)state;
	for (size_t i = 1; i < SECONDS; i++)
		add(series, i, &healthy);
	series[SECONDS - 1].oom_kills++;
	assert_int_equal(detector_judge(&detector, series, SECONDS), PROGRESS_OOM);
	assert_int_equal(detector_judge(&detector, &series[SECONDS - 2], 2), PROGRESS_OOM);
}

static void less_than_a_window_tells_nothing(void **state)
{
	struct sample series[SECONDS] = { { 0 } };

	(void)state;
	for (size_t i = 1; i < SECONDS; i++)
		add(series, i, &(struct second){ 0 });
	assert_int_equal(detector_judge(&detector, series, 0), PROGRESS_OK);
	assert_int_equal(detector_judge(&detector, series, 1), PROGRESS_OK);
	assert_int_equal(detector_judge(&detector, series, WINDOW_MS / 1000), PROGRESS_OK);
	assert_int_equal(detector_judge(&detector, series, WINDOW_MS / 1000 + 1), PROGRESS_DEADLOCK);
}

/* A long stall that ended is no stall. */
static void one_beat_in_the_window_is_life(void **state)
{
	struct sample series[SECONDS] = { { 0 } };

	(void)state;
	for (size_t i = 1; i < SECONDS; i++)
		add(series, i, &(struct second){ .locked = i == SECONDS - 1, .swappable = i == SECONDS - 2 });
	assert_int_equal(detector_judge(&detector, series, SECONDS), PROGRESS_SLOW);
}

static void every_verdict_has_a_name(void **state)
{
	(void)state;
	assert_string_equal(progress_name(PROGRESS_OK), "ok");
	assert_string_equal(progress_name(PROGRESS_DEADLOCK), "deadlock");
	assert_string_equal(progress_name(PROGRESS_OOM), "oom");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_guest_that_gets_on_is_ok),
		cmocka_unit_test(few_beats_are_slow),
		cmocka_unit_test(no_beat_while_pages_move_is_thrashing),
		cmocka_unit_test(no_beat_and_busy_cpus_are_a_livelock),
		cmocka_unit_test(nothing_at_all_is_a_deadlock),
		cmocka_unit_test(what_moved_before_does_not_count),
		cmocka_unit_test(one_heartbeat_is_not_enough),
		cmocka_unit_test(a_kill_for_memory_is_oom_whatever_else),
		cmocka_unit_test(less_than_a_window_tells_nothing),
		cmocka_unit_test(one_beat_in_the_window_is_life),
		cmocka_unit_test(every_verdict_has_a_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
